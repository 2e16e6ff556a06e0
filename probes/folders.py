"""Folders that a command will write to: made, and tried, before any work is done."""

from __future__ import annotations

from pathlib import Path

from engine.errors import CorpusError

TRIAL_NAME = ".segue-trial.part"


def make_folder(folder: Path) -> None:
    """Make a folder unless it is there, and see that it takes a file.

    Raises:
        CorpusError: it cannot be made, or not be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(f"{folder} cannot be made ({error.strerror}): choose another folder") from None
    trial = folder / TRIAL_NAME
    try:
        trial.touch()  # what the system says of rights is not the whole truth: of a disk that is mounted to be read, say
        trial.unlink()
    except OSError as error:
        raise CorpusError(f"{folder} cannot be written to ({error.strerror}): choose another folder") from None
