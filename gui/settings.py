"""What is remembered between starts: one frozen value, kept by QSettings. Rubbish in the file becomes the default."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import QByteArray, QSettings

from gui.theme import PALETTES

LONGEST_TEXT = 4096
MOST_FOLDERS = 8
SCALES = (0.75, 1.0, 1.25, 1.5, 2.0)
TAKE_FORMATS = ("wav", "flac")


def _number(low: float, high: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        number = float(value)
        if not math.isfinite(number) or not low <= number <= high:
            raise ValueError(value)
        return number

    return read


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        number = int(value)
        if not low <= number <= high:
            raise ValueError(value)
        return number

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable():
        raise ValueError(value)
    return value


def _folder(value: Any) -> str:
    if _text(value) and not Path(value).is_absolute():
        raise ValueError(value)
    return str(value)


def _one_of(*choices: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(value)
        return str(value)

    return read


def _texts(value: Any) -> tuple[str, ...]:
    # A list of one comes back from the file as the one.
    return tuple(map(_text, value if isinstance(value, list | tuple) else [value] if value else []))


def _flag(value: Any) -> bool:
    if value not in (True, False, "true", "false"):
        raise ValueError(value)
    return value in (True, "true")


def _bytes(value: Any) -> bytes:
    if not isinstance(value, QByteArray):
        raise ValueError(value)
    return bytes(value.data())


@dataclass(frozen=True)
class Settings:
    """The user's choices.

    Attributes:
        model: as :class:`engine.messages.LoadModel` names it; pack: its file, "" for the model's own.
        model_folders: of models opened before, the last one first.
        output: the device's name; "" for the system's default.
        takes_folder: "" for the music folder; take_name: what new takes are called, before their number; take_format: see
            :class:`engine.messages.Configure`, as for buffer_ms and retro_s.
        volume_db: of the monitor; takes are not touched by it.
        scale: of the whole window, from the next start on.
        welcomed: the first start's overlay has been seen; idle_card_told: and that torch does not use a card that is there.
        midi: whether controllers are listened to; osc, osc_host, osc_port: whether other programs are, and where.
    """

    model: str = "pocket"
    pack: str = ""
    model_folders: tuple[str, ...] = ()
    output: str = ""
    buffer_ms: float = 120.0
    takes_folder: str = ""
    take_name: str = "take"
    take_format: str = "wav"
    retro_s: float = 60.0
    volume_db: float = 0.0
    theme: str = "dark"
    scale: float = 1.0
    welcomed: bool = False
    idle_card_told: bool = False
    geometry: bytes = b""
    midi: bool = True
    osc: bool = False
    osc_host: str = "127.0.0.1"
    osc_port: int = 9000

    @classmethod
    def load(cls, store: QSettings) -> Self:
        """Read what is there and sound."""
        found = {}
        for field in fields(cls):
            value = store.value(field.name)
            if value is None:
                continue
            try:
                found[field.name] = _READERS[field.name](value)
            except (ValueError, TypeError):
                continue
        return replace(cls(), **found)

    def save(self, store: QSettings) -> None:
        """Write everything."""
        for field in fields(self):
            value = getattr(self, field.name)
            store.setValue(field.name, _stored(value))
        store.sync()


def _stored(value: Any) -> Any:
    if isinstance(value, bytes):
        return QByteArray(value)
    return list(value) if isinstance(value, tuple) else value


_READERS: dict[str, Callable[[Any], Any]] = {
    "model": _text,
    "pack": _text,
    "model_folders": _texts,
    "output": _text,
    "buffer_ms": _number(20.0, 5_000.0),
    "takes_folder": _folder,
    "take_name": _text,
    "take_format": _one_of(*TAKE_FORMATS),
    "retro_s": _number(5.0, 600.0),
    "volume_db": _number(-60.0, 0.0),
    "theme": _one_of(*PALETTES),
    "scale": _number(0.5, 3.0),
    "welcomed": _flag,
    "idle_card_told": _flag,
    "geometry": _bytes,
    "midi": _flag,
    "osc": _flag,
    "osc_host": _text,
    "osc_port": _whole(1, 65535),
}
