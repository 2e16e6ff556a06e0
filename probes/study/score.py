"""Sheets of answers to Table II: how often the steered clip was preferred, by transition and group, and what the controls say.

Preferences are the family that Holm's correction covers: one test for each transition and group that has answers. The rows
that pool transitions, and the other arms, are one question each and stay as they are.

Everybody's answers count. Those who missed more than :data:`MOST_MISSED` check trials are named, and a row of its own says what
is left without them: leaving them out of the table itself would favour whatever they could not hear.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import StudyError
from engine.study.plan import ANSWERS_NAME, PLAN_NAME, Arm, Study
from engine.study.sheet import Group, Sheet, sheets_of
from probes.evaluate.statistics import holm
from probes.study.design import Transition
from probes.study.statistics import Proportion

MOST_MISSED = 1


@dataclass(frozen=True)
class Cell:
    """One figure of the table.

    Attributes:
        transition: None where all are pooled; group: None for everybody.
        attentive: only those who passed the check trials.
        p_holm: corrected; None outside the family.
    """

    arm: Arm
    transition: Transition | None
    group: Group | None
    proportion: Proportion
    attentive: bool = False
    p_holm: float | None = None


@dataclass(frozen=True)
class Table:
    """Table II and what stands around it.

    Attributes:
        study: digest of the study.
        participants: of each group, how many have answered anything.
        cells: preferences by transition first, then pooled, then the control arms.
        unfinished: (participant, answered, trials) of those whose answers so far were counted.
        inattentive: (participant, missed, check trials) of those who missed too many.
    """

    study: str
    participants: dict[Group, int]
    cells: tuple[Cell, ...]
    unfinished: tuple[tuple[str, int, int], ...]
    inattentive: tuple[tuple[str, int, int], ...]


def read_sheets(paths: Iterable[Path]) -> list[Sheet]:
    """Sheets from folders of studies and from files.

    Raises:
        StudyError: one cannot be used, they belong to different studies, or a participant comes twice; or there are none.
    """
    sheets: list[Sheet] = []
    for path in paths:
        if path.is_dir():
            study = Study.load(path)
            found = sheets_of(study)
            if not found:
                raise StudyError(
                    f"nobody has taken part yet: {path / ANSWERS_NAME} holds no answers. Open the window's Study page"
                )
            sheets += found
        elif path.name == PLAN_NAME:
            raise StudyError(f"{path} is the study, not its answers: name its folder {path.parent}")
        else:
            sheets.append(Sheet.load(path))
    for sheet in sheets[1:]:
        if sheet.study != sheets[0].study:
            raise StudyError(f"{sheet.path} belongs to another study than {sheets[0].path}: score them apart")
    seen: dict[str, Path] = {}
    for sheet in sheets:
        other = seen.setdefault(sheet.participant.casefold(), sheet.path)
        if other is not sheet.path:
            raise StudyError(f"{other} and {sheet.path} are of the same participant: leave one out")
    return sheets


def score(sheets: Sequence[Sheet]) -> Table:
    """Count, test, correct.

    Raises:
        StudyError: nobody has answered anything.
    """
    if not any(sheet.answers for sheet in sheets):
        raise StudyError("no trial has been answered yet: there is nothing to score")
    transitions = sorted({Transition(t.source, t.target) for sheet in sheets for t in sheet.trials}, key=str)
    answered = [sheet for sheet in sheets if sheet.answers]
    groups = [group for group in Group if any(sheet.group is group for sheet in answered)]
    family = [
        Cell(Arm.PREFERENCE, transition, group, proportion)
        for group in groups
        for transition in transitions
        if (proportion := count(sheets, Arm.PREFERENCE, transition, group)).trials
    ]
    corrected = holm([cell.proportion.p_value for cell in family])
    cells = [
        Cell(cell.arm, cell.transition, cell.group, cell.proportion, p_holm=p_holm)
        for cell, p_holm in zip(family, corrected, strict=True)
    ]
    everybody: list[Group | None] = [*groups, None] if len(groups) > 1 else [*groups]
    for arm in Arm:
        cells += [Cell(arm, None, group, count(sheets, arm, None, group)) for group in everybody]
        if arm is Arm.PREFERENCE:
            passed = [sheet for sheet in answered if _missed(sheet)[0] <= MOST_MISSED]
            if len(passed) < len(answered):
                cells.append(Cell(arm, None, None, count(passed, arm), attentive=True))
    return Table(
        sheets[0].study,
        {group: sum(sheet.group is group for sheet in answered) for group in groups},
        tuple(cell for cell in cells if cell.proportion.trials),
        tuple((s.participant, len(s.answers), len(s.trials)) for s in sheets if not s.finished),
        tuple((s.participant, *_missed(s)) for s in sheets if _missed(s)[0] > MOST_MISSED),
    )


def count(
    sheets: Iterable[Sheet], arm: Arm, transition: Transition | None = None, group: Group | None = None
) -> Proportion:
    """Right answers of an arm; of one transition and group, or of all."""
    verdicts = [
        answer.choice == trial.right
        for sheet in sheets
        if group is None or sheet.group is group
        for trial, answer in zip(sheet.trials, sheet.answers, strict=False)
        if trial.arm is arm and (transition is None or Transition(trial.source, trial.target) == transition)
    ]
    return Proportion(sum(verdicts), len(verdicts))


def _missed(sheet: Sheet) -> tuple[int, int]:
    """Check trials that were answered wrongly, and all that were answered."""
    checks = count([sheet], Arm.CHECK)
    return checks.trials - checks.right, checks.trials
