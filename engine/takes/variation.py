"""A take played again with other moves: a take of its own, with a score of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.automation import Automation
from engine.takes.moves import first_difference, with_lanes
from engine.takes.replay import Render, keep_replay
from engine.takes.take import Take


@dataclass(frozen=True)
class Variation:
    """The new take. Its codes are those of the old one up to ``first_difference``, counted from the take's beginning.

    ``first_difference`` is None where the lanes ask for nothing that the take did not do: then all codes are the same.
    """

    take: Take
    first_difference: int | None


def vary_take(
    take: Take, automation: Automation, render: Render, path: Path, heard: Callable[[], Mapping[str, float]]
) -> Variation:
    """Play a take with lanes in place of what it did to their controls, and keep it at ``path`` (new, .wav or .flac).

    Args:
        heard: asked when all is played: the shares of the genres for the new take's list.

    Raises:
        TakeError: the file exists or cannot be written. Whatever ``render`` raises, a Ctrl-C included, leaves no file.
        ControlError: the take's score holds a state that cannot be played.
    """
    score = with_lanes(take.score, automation)
    notes = f"{take.title} with other moves of {', '.join(automation.lanes)}"
    kept, _ = keep_replay(take, score, path, render, heard, lambda _identical: notes)
    difference = first_difference(take.score, kept.score)
    return Variation(kept, None if difference is None else difference - take.score.start_frame)
