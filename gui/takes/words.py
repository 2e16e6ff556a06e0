"""A take in words: for the card, the filter, and screen readers."""

from __future__ import annotations

import math

from engine.takes.take import Take


def length_text(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def dominant(take: Take) -> str:
    """The genre that was heard most; "" where no probes listened."""
    return max(take.heard, key=lambda genre: take.heard[genre], default="")


def levels_text(take: Take) -> str:
    """Loudness and peak."""
    if not math.isfinite(take.peak_dbfs):
        return "silent"
    loudness = f"{take.lufs:.1f} LUFS" if math.isfinite(take.lufs) else "too short for LUFS"
    return f"{loudness}  ·  peak {take.peak_dbfs:.1f}".replace("-", "−")


def remark(take: Take) -> str:
    """What the player should know before relying on a take; "" for most."""
    gaps = f"{take.dropouts} dropout{'s' if take.dropouts > 1 else ''} heard" if take.dropouts else ""
    return "  ·  ".join(filter(None, (gaps, take.interrupted)))


def spoken(take: Take) -> str:
    """A take in one line."""
    top = dominant(take)
    genre = f"{top} {take.heard[top]:.0%}" if top else ""
    starred = "starred" if take.star else ""
    parts = (take.path.stem, length_text(take.seconds), levels_text(take), genre, remark(take), starred)
    return ", ".join(part.replace("  ·  ", ", ") for part in parts if part)
