"""The studies of a folder, finished and unfinished, with those who took part. Read on a pool thread."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from engine.errors import StudyError
from engine.study.begun import UNFINISHED, words_of
from engine.study.plan import PLAN_NAME, Study
from engine.study.sheet import Sheet, sheets_of

PREFIX = "study-"
HIGHEST_SEED = 999_999


@dataclass(frozen=True)
class Shelved:
    """A study's folder.

    Attributes:
        folder: its name is the study's.
        study: None while its making has been stopped, or where it cannot be used.
        sheets: of those who took part.
        problem: why it cannot be used; "" otherwise.
    """

    folder: Path
    study: Study | None
    sheets: tuple[Sheet, ...] = ()
    problem: str = ""

    @property
    def unfinished(self) -> bool:
        return self.study is None and not self.problem

    @property
    def words(self) -> str:
        """One line of it, for a list."""
        if self.problem:
            return f"{self.folder.name} · cannot be used"
        if self.study is None:
            return f"{self.folder.name} · not finished"
        people = f"{len(self.sheets)} participant{'s' * (len(self.sheets) != 1)}"
        return f"{self.folder.name} · {self.study.model} · {len(self.study.booklets[0])} trials · {people}"

    @property
    def facts(self) -> str:
        """How it was made, or what is wrong with it."""
        if self.study is None:
            return self.problem or "Its making was stopped. What has been made so far is kept."
        facts = self.study.facts
        loudness = f"{facts.get('target_lufs', 0):g}".replace("-", "−")
        pairs = dict.fromkeys(f"{trial.source} → {trial.target}" for trial in self.study.booklets[0])
        return (
            f"{', '.join(sorted(pairs))}. {facts.get('sources', '?')} sources, clips of {facts.get('clip_s', 0):g} s at "
            f"{loudness} LUFS, seed {self.study.seed}. Made by {self.study.model}, licence "
            f"{self.study.licence}."
        )


def default_shelf() -> Path:
    """Where the window makes studies."""
    return platformdirs.user_music_path() / "Segue studies"


def shelved(folder: Path) -> Shelved:
    """Look at one folder; never raises for what lies there."""
    if not (folder / PLAN_NAME).exists():
        if is_begun(folder):
            return Shelved(folder, None)
        return Shelved(
            folder, None, problem=f"{folder} holds no study: choose a folder that `segue study new` has made"
        )
    try:
        study = Study.load(folder)
        return Shelved(folder, study, tuple(sheets_of(study)))
    except StudyError as error:
        return Shelved(folder, None, problem=str(error))


def scan(shelf: Path) -> list[Shelved]:
    """All studies of a folder, the newest first: those that are finished, and those whose making was stopped."""
    try:
        folders = [entry for entry in shelf.iterdir() if entry.is_dir()]
    except OSError:
        return []
    kept = [f for f in folders if (f / PLAN_NAME).exists() or is_begun(f)]
    return [shelved(folder) for folder in sorted(kept, key=lambda f: f.stat().st_mtime, reverse=True)]


def checked(folder: Path) -> Shelved:
    """A study that can be played from: every clip has been looked at.

    Raises:
        StudyError: it cannot be used.
    """
    found = shelved(folder)
    if found.problem:
        raise StudyError(found.problem)
    if found.study is None:
        raise StudyError(f"{folder} holds no finished study: choose a folder that `segue study new` has made")
    found.study.check_clips()
    return found


def is_begun(folder: Path) -> bool:
    """Whether the making of a study was stopped here: it left its mark, or an empty folder that the window has named."""
    if (folder / UNFINISHED).exists():
        return True
    try:
        return seed_of(folder) is not None and not any(folder.iterdir())
    except OSError:
        return False


def going_on(folder: Path) -> list[str]:
    """The words that make a study, or go on making it, as it was begun.

    Raises:
        StudyError: what was asked for cannot be read.
    """
    return words_of(folder) if (folder / UNFINISHED).exists() else ["--seed", str(seed_of(folder) or 0)]


def seed_of(folder: Path) -> int | None:
    """The seed in the name of a study that the window began: with it, its making can be gone on with."""
    digits = folder.name.removeprefix(PREFIX)
    return int(digits) if folder.name.startswith(PREFIX) and digits.isdecimal() and len(digits) < 10 else None


def next_folder(shelf: Path) -> Path:
    """A name that is free, with a seed in it.

    Raises:
        StudyError: the folder cannot be made.
    """
    try:
        shelf.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudyError(f"{shelf} cannot be made ({error.strerror}): check the folder and the disk") from None
    while (folder := shelf / f"{PREFIX}{secrets.randbelow(HIGHEST_SEED) + 1}").exists():
        pass
    return folder
