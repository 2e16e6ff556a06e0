"""Names of takes: jam-1, jam-2 …; no file is ever overwritten, not even by two Segues in one folder."""

import errno
import os
import re
from pathlib import Path

import platformdirs

from engine.errors import TakeError
from engine.takes.journal import SUFFIX as JOURNAL_SUFFIX
from engine.takes.journal import Journal
from engine.takes.sound import SUFFIXES

SIDECAR_SUFFIX = ".segue.json"
LONGEST_NAME = 100
LONGEST_BYTES = 200  # file systems allow 255 of them, suffixes included
MOST_TRIES = 100  # other processes may take some names in the same moment, but not that many
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


def default_folder() -> Path:
    """Where takes go unless the user says otherwise."""
    return platformdirs.user_music_path() / "Segue"


def clean_name(name: str) -> str:
    """`name` as every file system takes it; "take" when nothing is left of it."""
    cleaned = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', " ", name)[:LONGEST_NAME]
    cleaned = cleaned.encode("utf-8", "ignore")[:LONGEST_BYTES].decode("utf-8", "ignore").strip(" .")
    device, dot, rest = cleaned.partition(".")
    if device.rstrip().casefold() in _RESERVED:  # Windows means the device whatever follows the dot
        cleaned = f"{device.rstrip()}-{dot}{rest}"
    return re.sub(r"\s+", " ", cleaned) or "take"


def sidecar_path(sound: Path) -> Path:
    """Where a sound file's sidecar is. Raises `TakeError` for a path without a name: ".", or a disk's root."""
    if not sound.name:
        raise TakeError(f"{sound} is a folder: name a take")
    return sound.with_name(sound.stem + SIDECAR_SUFFIX)


def reserve_next(folder: Path, name: str) -> tuple[str, Journal]:
    """The next free `name-N`, reserved by its journal until that is discarded.

    Raises `OSError`, also where every lock is refused, as some network file systems do: without one no other process
    would know that the take is being recorded.
    """
    base = clean_name(name)
    pattern = re.compile(re.escape(base) + r"-(\d+)\.", re.IGNORECASE)
    taken = (int(match[1]) for entry in os.listdir(folder) if (match := pattern.match(entry)))
    first = max(taken, default=0) + 1
    for number in range(first, first + MOST_TRIES):
        journal = reserve(folder, stem := f"{base}-{number}")
        if journal is not None:
            return stem, journal
    raise PermissionError(errno.EACCES, "files cannot be locked there")


def reserve(folder: Path, stem: str) -> Journal | None:
    """Reserve one name; None when it is in use. Raises `OSError`."""
    try:
        journal = Journal.create(folder / (stem + JOURNAL_SUFFIX))
    except FileExistsError:
        return None
    # The other process's files appear before its journal goes, so looking after reserving leaves no gap.
    if journal is not None and not _is_unused(folder, stem):
        journal.discard()
        return None
    return journal


def is_free(folder: Path, stem: str) -> bool:
    """Whether no take, finished or in the making, has this name now; unlike a reservation it may not last."""
    return _is_unused(folder, stem) and not os.path.exists(folder / (stem + JOURNAL_SUFFIX))


def _is_unused(folder: Path, stem: str) -> bool:
    return not any(os.path.exists(folder / (stem + suffix)) for suffix in (*SUFFIXES.values(), SIDECAR_SUFFIX))
