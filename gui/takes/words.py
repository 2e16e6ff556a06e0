"""A take in words: for the card, the filter, and screen readers."""

from __future__ import annotations

import math

from engine.takes.take import Heading


def length_text(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def dominant(take: Heading) -> str:
    """The genre that was heard most; "" where no probes listened."""
    return max(take.heard, key=lambda genre: take.heard[genre], default="")


def levels_text(take: Heading) -> str:
    """Loudness and peak."""
    if not math.isfinite(take.peak_dbfs):
        return "silent"
    loudness = f"{take.lufs:.1f} LUFS" if math.isfinite(take.lufs) else "too short for LUFS"
    return f"{loudness}  ·  peak {take.peak_dbfs:.1f}".replace("-", "−")


def remark(take: Heading) -> str:
    """What the player should know before relying on a take; "" for most."""
    gaps = f"{take.dropouts} dropout{'s' if take.dropouts > 1 else ''} heard" if take.dropouts else ""
    return "  ·  ".join(filter(None, (gaps, take.interrupted)))


def shares_text(take: Heading) -> str:
    """How much was heard of each genre, most first."""
    heard = sorted(take.heard.items(), key=lambda item: -item[1])
    return ", ".join(f"{genre} {share:.0%}" for genre, share in heard if round(share, 2) > 0.0)


def spoken(take: Heading, side: str = "") -> str:
    """A take in one line; ``side``: A or B, where it is one of the two that are compared."""
    starred = "starred" if take.star else ""
    compared = f"compared as {side}" if side else ""
    length, levels = length_text(take.seconds), levels_text(take)
    parts = (take.path.stem, compared, length, levels, shares_text(take), remark(take), starred)
    return ", ".join(part.replace("  ·  ", ", ") for part in parts if part)
