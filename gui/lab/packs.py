"""Where packs are kept, and what they are called."""

from __future__ import annotations

from pathlib import Path

from engine.messages import ModelLoaded
from engine.steering.pack import PACK_NAME
from engine.takes.naming import clean_name, default_folder

SUFFIX = ".safetensors"
FOLDER = "packs"
COMPANIONS = (".corpus", ".ear")


def packs_folder() -> Path:
    """Where the Lab keeps what it makes."""
    return default_folder() / FOLDER


def free_path(folder: Path, name: str) -> Path:
    """A file that is not there yet: NAME, NAME-2, NAME-3 …"""
    stem, number = clean_name(name), 1
    path = folder / f"{stem}{SUFFIX}"
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{SUFFIX}"
    return path


def kept_packs(folder: Path) -> list[Path]:
    """Packs in a folder, newest first; what lies beside a pack (its corpus sample, its ear) is none."""
    try:
        found = [path for path in folder.iterdir() if path.suffix == SUFFIX and not path.stem.endswith(COMPANIONS)]
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []


def own_pack(instrument: ModelLoaded | None) -> Path | None:
    """The pack that lies beside the weights of the model that plays."""
    if instrument is None or instrument.folder is None:
        return None
    path = instrument.folder / PACK_NAME
    return path if path.is_file() else None
