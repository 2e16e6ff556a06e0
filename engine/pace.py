"""Whether a machine keeps pace with the music: seconds of music per second, held against what playing live needs."""

from __future__ import annotations

# Below this, whatever else the machine does is heard.
COMFORTABLE_REALTIME_FACTOR = 1.2


def concern(realtime_factor: float) -> str:
    """What to fear of playing live at this pace; nothing where there is room to spare."""
    if realtime_factor < 1.0:
        return "too slow to play live"
    return "sound may break up" if realtime_factor < COMFORTABLE_REALTIME_FACTOR else ""


def live_threads(threads: int) -> int:
    """How many of torch's ``threads`` the decoder takes on a CPU while it plays.

    One core for the decoder, one for the codec; a second one for either costs more in waiting than it gives.
    """
    return max(1, threads // 2)
