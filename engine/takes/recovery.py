"""Takes that were being recorded when Segue was killed become whole takes; drafts of files that came to nothing go."""

import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.errors import TakeError
from engine.takes.journal import SUFFIX as JOURNAL_SUFFIX
from engine.takes.journal import Journal
from engine.takes.naming import SIDECAR_SUFFIX
from engine.takes.pcm import measure_file
from engine.takes.sound import SUFFIXES, repair_sound
from engine.takes.take import Take, save_take

LARGEST_HEAD_BYTES = 4096
# A sidecar's (engine.replacing), a repaired FLAC's, and a render's or an export's.
DRAFT = re.compile(r"\.(?:.+\.segue\.json\.\d+|.+\.flac\.repaired|\d+\..+\.(?:wav|flac))", re.IGNORECASE)
ABANDONED_S = 24 * 3600.0  # nothing is being written for so long
INTERRUPTED = "Segue was cut off"


@dataclass(frozen=True)
class Recovery:
    """What became of one interrupted take: `take`, or None and why in `text`."""

    name: str
    text: str
    take: Take | None = None


def recover(folder: Path) -> list[Recovery]:
    """Complete every take in `folder` whose recording process has died; those still being recorded are left alone.

    What cannot be completed is reported and left as it is. A folder that does not exist holds nothing to recover.
    Drafts that a killed process left there more than a day ago are removed.
    """
    if not os.path.isdir(folder):
        return []
    _sweep_drafts(folder)
    recoveries = []
    for path in sorted(folder.glob(f"*{JOURNAL_SUFFIX}")):
        try:
            journal = Journal.adopt(path)
        except FileNotFoundError:
            continue  # completed at this very moment
        except OSError as error:
            recoveries.append(Recovery(path.name, f"{path} cannot be opened ({error}); check its permissions"))
            continue
        if journal is None:
            continue
        name = path.name.removesuffix(JOURNAL_SUFFIX)
        try:
            recovery = _recover(folder, name, journal)
            journal.discard()
        except (TakeError, OSError) as error:
            recovery = Recovery(name, str(error))
            journal.close()
        if recovery is not None:
            recoveries.append(recovery)
    return recoveries


def _sweep_drafts(folder: Path) -> None:
    with suppress(OSError), os.scandir(folder) as entries:  # another process may be sweeping too
        for entry in entries:
            if DRAFT.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    if time.time() - entry.stat().st_mtime > ABANDONED_S:
                        os.unlink(entry)


def _recover(folder: Path, name: str, journal: Journal) -> Recovery | None:
    if (folder / (name + SIDECAR_SUFFIX)).exists():
        return None  # killed between the last two steps of completing it
    unfinished = journal.read()
    if unfinished is None:
        # The journal's head is written before the first sound: what lies here is an empty file.
        for suffix in SUFFIXES.values():
            _remove_empty(folder / (name + suffix))
        return None
    sound = folder / (name + Path(unfinished.file).suffix)
    if sound.suffix not in SUFFIXES.values() or not sound.exists():
        return Recovery(name, f"the sound of {name} is gone; nothing is left to recover")
    if not repair_sound(sound):
        sound.unlink()
        return Recovery(name, f"{name} was cut off before its first sound; nothing is left to recover")
    measurement, rate_hz, channels = measure_file(sound)
    take = Take(
        path=sound,
        title=unfinished.title,
        created=unfinished.created,
        sample_rate_hz=rate_hz,
        channels=channels,
        measurement=measurement,
        score=unfinished.score(measurement.samples),
        interrupted=INTERRUPTED,
    )
    save_take(take)
    return Recovery(name, f"recovered {sound.name}, {take.seconds:.1f} s", take)


def _remove_empty(sound: Path) -> None:
    if sound.exists() and sound.stat().st_size <= LARGEST_HEAD_BYTES:
        sound.unlink()
