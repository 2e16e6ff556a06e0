"""A take played again with other moves: a take of its own, with a score of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from engine.automation import Automation
from engine.errors import TakeError
from engine.takes.moves import first_difference, with_lanes
from engine.takes.naming import sidecar_path
from engine.takes.passage import Passage
from engine.takes.pcm import measure_file
from engine.takes.replay import Render, replay_take
from engine.takes.score import Score
from engine.takes.take import Take, save_take


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
    varied = replace(
        take,
        path=path,
        title=path.stem,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        score=replace(score, dropouts=()),
        star=False,
        notes=f"{take.title} with other moves of {', '.join(automation.lanes)}",
        interrupted="",
    )
    if sidecar_path(path).exists():
        raise TakeError(f"{path.stem} exists already; choose another name")
    ours = False

    def watched(score: Score) -> Iterable[Passage]:
        nonlocal ours
        ours = True  # from here on the file at `path` is the one that we made
        yield from render(score)

    try:
        replay = replay_take(varied, watched, path)
        measurement = measure_file(path)[0]
        varied = replace(
            varied,
            measurement=measurement,
            heard=dict(heard()),
            score=replace(varied.score, codes_sha256=replay.codes_sha256),
        )
        save_take(varied)
    except BaseException:
        if ours:
            path.unlink(missing_ok=True)
        raise
    difference = first_difference(take.score, varied.score)
    return Variation(varied, None if difference is None else difference - take.score.start_frame)
