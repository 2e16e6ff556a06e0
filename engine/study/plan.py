"""A study: its clips, and the booklets that say what is played in which order. Whoever takes part draws the next booklet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from engine.errors import StudyError
from engine.study.sealed import read_sealed, write_sealed

FORMAT, VERSION = "segue-study", 1
PLAN_NAME, CLIPS_NAME, ANSWERS_NAME = "study.json", "clips", "answers"
REMEDY = "make the study again with `segue study new`"
SIDES = ("a", "b")
#: results that guessing reaches no more often than this are taken for more than guessing
SIGNIFICANCE = 0.05


class Arm(StrEnum):
    """What a trial compares. All but ABX ask the same question, so that none can be told from the others.

    - preference: steered against prompted, the paper's own question;
    - random: steered against pushed as far in a random direction: is it the direction that does it?
    - check: music of the target against unsteered music of the source: was the participant listening?
    - abx: X is the steered or the unsteered clip: can the steering be heard at all?
    """

    PREFERENCE = "preference"
    RANDOM = "random"
    CHECK = "check"
    ABX = "abx"

    @property
    def words(self) -> str:
        """What a right answer in it means."""
        return _WORDS[self]


_WORDS = {
    Arm.PREFERENCE: "steered preferred to prompted",
    Arm.RANDOM: "steered preferred to a random direction",
    Arm.CHECK: "check trials answered rightly",
    Arm.ABX: "steered told from unsteered (ABX)",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """Two clips and a question.

    Attributes:
        source, target: the genres of the transition.
        a, b: clips; x: the third of an ABX trial, else "".
        right: the side, "a" or "b", of the steered clip, of the target's music, or that X repeats.
    """

    arm: Arm
    source: str
    target: str
    a: str
    b: str
    right: str
    x: str = ""

    @classmethod
    def from_json(cls, data: Any, where: str) -> Self:
        """The inverse of ``dataclasses.asdict``.

        Raises:
            StudyError: it is not a trial.
        """
        try:
            trial = cls(**{**data, "arm": Arm(data["arm"])})
        except (TypeError, ValueError, KeyError):
            raise StudyError(f"{where} holds a trial that cannot be read: {REMEDY}") from None
        words = (trial.source, trial.target, trial.a, trial.b, trial.x)
        sound = all(isinstance(word, str) for word in words) and trial.right in SIDES
        if not sound or bool(trial.x) is not (trial.arm is Arm.ABX):
            raise StudyError(f"{where} holds a trial that cannot be played: {REMEDY}")
        return trial


@dataclass(frozen=True)
class Study:
    """A study in a folder.

    Attributes:
        folder: holds ``study.json``, ``clips`` and ``answers``.
        seed: everything random follows from it.
        model, licence: what made the clips.
        clips: SHA-256 of each file, by its name. Names say nothing of what is heard.
        booklets: trials in playing order; the nth participant draws the nth, and after the last the first again.
        facts: how the clips were made, free-form JSON.
        digest: knows this very study.
    """

    folder: Path
    seed: int
    model: str
    licence: str
    clips: Mapping[str, str]
    booklets: tuple[tuple[Trial, ...], ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""

    def save(self) -> Self:
        """Write ``study.json``; returns the study with its digest.

        Raises:
            StudyError: the disk does not take it.
        """
        content = {
            "format": FORMAT,
            "version": VERSION,
            "seed": self.seed,
            "model": self.model,
            "licence": self.licence,
            "facts": dict(self.facts),
            "clips": dict(self.clips),
            "booklets": [[asdict(trial) for trial in booklet] for booklet in self.booklets],
        }
        digest = write_sealed(self.folder / PLAN_NAME, content)
        return type(self)(
            self.folder, self.seed, self.model, self.licence, self.clips, self.booklets, self.facts, digest
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a study. Its clips are looked at by :meth:`check_clips`.

        Raises:
            StudyError: it is missing, unfinished, of another version, damaged or edited by hand.
        """
        path = folder / PLAN_NAME
        content = read_sealed(path, FORMAT, VERSION, REMEDY)
        try:
            clips = {str(name): str(digest) for name, digest in content["clips"].items()}
            booklets = tuple(
                tuple(Trial.from_json(trial, str(path)) for trial in booklet) for booklet in content["booklets"]
            )
            study = cls(
                folder,
                int(content["seed"]),
                str(content["model"]),
                str(content["licence"]),
                clips,
                booklets,
                dict(content["facts"]),
                content["seal"],
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise StudyError(f"{path} lacks what a study needs: {REMEDY}") from None
        named = {name for booklet in booklets for trial in booklet for name in (trial.a, trial.b, trial.x) if name}
        if not booklets or not all(booklets) or not named <= clips.keys():
            raise StudyError(f"{path} names clips that it does not have: {REMEDY}")
        if any(Path(name).name != name for name in clips):
            raise StudyError(f"{path} names clips outside its folder: {REMEDY}")
        return study

    def clip(self, name: str) -> Path:
        """The file of a clip."""
        return self.folder / CLIPS_NAME / name

    @property
    def answers(self) -> Path:
        """The folder of the participants' sheets."""
        return self.folder / ANSWERS_NAME

    def check_clips(self) -> None:
        """Read every clip once: what is played must be what was made.

        Raises:
            StudyError: one is gone or has been changed.
        """
        for name, digest in self.clips.items():
            path = self.clip(name)
            try:
                found = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError:
                raise StudyError(f"{path} is gone: put it back, or {REMEDY}") from None
            if found != digest:
                raise StudyError(f"{path} has been changed since the study was made: put it back, or {REMEDY}")
