"""One participant's answers. The file is replaced whole after every trial, so a sheet can be gone on with at any time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from engine.errors import StudyError
from engine.study.plan import SIDES, Study, Trial
from engine.study.sealed import read_sealed, write_sealed

FORMAT, VERSION = "segue-answers", 1
REMEDY = "restore it from a backup, or leave it out"
LONGEST_CODE = 40
CODE = re.compile(rf"\w[\w-]{{0,{LONGEST_CODE - 1}}}")
#: names that Windows keeps for devices
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


class Group(StrEnum):
    """The paper's two kinds of participants."""

    MUSICIAN = "musician"
    LISTENER = "listener"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was chosen in a trial.

    Attributes:
        choice: "a" or "b".
        seconds: from the moment that the trial was shown.
        plays: how often each of "a", "b" and "x" was started.
    """

    choice: str
    seconds: float
    plays: Mapping[str, int]

    @classmethod
    def from_json(cls, data: Any, where: str) -> Self:
        """The inverse of ``dataclasses.asdict``.

        Raises:
            StudyError: it is not an answer.
        """
        try:
            plays = {str(name): int(count) for name, count in data["plays"].items()}
            answer = cls(str(data["choice"]), float(data["seconds"]), plays)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise StudyError(f"{where} holds an answer that cannot be read: {REMEDY}") from None
        if answer.choice not in SIDES:
            raise StudyError(f"{where} holds an answer that is neither A nor B: {REMEDY}")
        return answer


@dataclass(frozen=True)
class Sheet:
    """A booklet and its answers so far. It holds all that scoring needs, so sheets of several computers may be pooled.

    Attributes:
        path: where it lies.
        study: digest of the study.
        participant: a code.
        booklet: which one was drawn.
        trials: in playing order; ``answers`` are those of the first of them.
    """

    path: Path
    study: str
    participant: str
    group: Group
    booklet: int
    trials: tuple[Trial, ...]
    answers: tuple[Answer, ...] = ()

    @property
    def finished(self) -> bool:
        return len(self.answers) == len(self.trials)

    def with_answer(self, answer: Answer) -> Self:
        """Append an answer and save.

        Raises:
            StudyError: the disk does not take it; the sheet on it is as it was.
        """
        if self.finished:
            raise ValueError("every trial has been answered")
        longer = replace(self, answers=(*self.answers, answer))
        longer.save()
        return longer

    def save(self) -> None:
        """Replace the file whole.

        Raises:
            StudyError: the disk does not take it.
        """
        write_sealed(
            self.path,
            {
                "format": FORMAT,
                "version": VERSION,
                "study": self.study,
                "participant": self.participant,
                "group": self.group.value,
                "booklet": self.booklet,
                "trials": [asdict(trial) for trial in self.trials],
                "answers": [asdict(answer) for answer in self.answers],
            },
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a sheet.

        Raises:
            StudyError: it is missing, not a sheet, of another version, damaged or edited by hand.
        """
        content = read_sealed(path, FORMAT, VERSION, REMEDY)
        where = str(path)
        try:
            sheet = cls(
                path,
                str(content["study"]),
                str(content["participant"]),
                Group(content["group"]),
                int(content["booklet"]),
                tuple(Trial.from_json(trial, where) for trial in content["trials"]),
                tuple(Answer.from_json(answer, where) for answer in content["answers"]),
            )
        except (KeyError, TypeError, ValueError):
            raise StudyError(f"{where} lacks what a sheet of answers needs: {REMEDY}") from None
        if not sheet.trials or len(sheet.answers) > len(sheet.trials):
            raise StudyError(f"{where} has more answers than trials: {REMEDY}")
        return sheet

    def check_belongs(self, study: Study) -> None:
        """Refuse a sheet of another study.

        Raises:
            StudyError: another study, or trials that are not its booklet's.
        """
        if self.study != study.digest:
            raise StudyError(f"{self.path} holds answers to another study than {study.folder}: move it away")
        if not 0 <= self.booklet < len(study.booklets) or self.trials != study.booklets[self.booklet]:
            raise StudyError(f"{self.path} has other trials than the study's booklet {self.booklet}: {REMEDY}")


def sheets_of(study: Study) -> list[Sheet]:
    """All sheets of a study, in the order of their booklets and codes.

    Raises:
        StudyError: one of them cannot be used.
    """
    # Some systems lay files of their own beside each of ours, such as ._P01.json; our drafts begin with a dot, too.
    paths = [path for path in sorted(study.answers.glob("*.json")) if not path.name.startswith(".")]
    sheets = [Sheet.load(path) for path in paths]
    for sheet in sheets:
        sheet.check_belongs(study)
    return sorted(sheets, key=lambda sheet: (sheet.booklet, sheet.participant))


def check_code(code: str) -> None:
    """Refuse what cannot be a file's name everywhere.

    Raises:
        StudyError: empty, too long, or holding other signs than letters, digits, ``-`` and ``_``.
    """
    if not CODE.fullmatch(code) or RESERVED.fullmatch(code):
        raise StudyError(
            f"'{code}' cannot be a participant's code: use 1 to {LONGEST_CODE} letters, digits, - or _, such as P01"
        )


def open_sheet(study: Study, participant: str, group: Group) -> Sheet:
    """A new sheet with the next booklet, or the one that this participant has begun.

    Raises:
        StudyError: an impossible code, or one that has begun in the other group.
    """
    check_code(participant)
    sheets = sheets_of(study)
    for sheet in sheets:
        # On some systems P01 and p01 are one file: they are one participant everywhere.
        if sheet.participant.casefold() == participant.casefold():
            if sheet.group is not group:
                raise StudyError(f"{sheet.participant} has begun as a {sheet.group}: choose that group to go on")
            return sheet
    drawn = [sheet.booklet for sheet in sheets]
    # The least used first: sheets may have been taken away.
    booklet = min(range(len(study.booklets)), key=lambda number: (drawn.count(number), number))
    try:
        study.answers.mkdir(exist_ok=True)
    except OSError as error:
        raise StudyError(f"{study.answers} cannot be made ({error.strerror}): check the folder and the disk") from None
    path = study.answers / f"{participant}.json"
    sheet = Sheet(path, study.digest, participant, group, booklet, study.booklets[booklet])
    sheet.save()
    return sheet
