"""A take's knob moves as lanes, and a score with lanes in their place. Second 0 is the beginning of the take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from engine.automation import SCALARS, Automation
from engine.breakpoints import Breakpoint, Lane, simplified
from engine.control import ControlState
from engine.takes.score import Change, Score, State, difference


def frame_rate_hz(score: Score) -> float:
    """Frames of codes per second."""
    return score.origin.sample_rate_hz / score.origin.hop_samples


def moves(score: Score, tolerance: float = 0.0) -> Automation:
    """A lane for every genre and scalar that moved during the take.

    A lane that is played over the take gives at every frame the score's own value, or, with a ``tolerance``, one that
    differs by no more than that and has far fewer breakpoints: a drag of a second leaves some fifty changes in a score.

    Raises:
        ControlError: the score holds a state that cannot be played.
    """
    rate_hz, end = frame_rate_hz(score), score.end_frame - score.start_frame
    found: dict[str, list[tuple[int, float]]] = defaultdict(list)
    stretches = list(_stretches(score))
    genres = dict.fromkeys(genre for _, control in stretches for genre, _ in control.blend)
    for frame, control in stretches:
        values = settings(control)
        for name in (*genres, *SCALARS):
            value = values.get(name, 0.0)
            if not found[name] or found[name][-1][1] != value:
                found[name].append((frame, value))
    lanes = {name: _steps(values, rate_hz) for name, values in found.items() if len(values) > 1 and end}
    return Automation({name: simplified(lane, tolerance) if tolerance else lane for name, lane in lanes.items()})


def settings(control: ControlState) -> dict[str, float]:
    """What lanes may move, by name: the genres that are asked for, and the scalars."""
    values: dict[str, float] = defaultdict(float)
    for genre, alpha in control.blend:
        values[genre] += alpha
    return dict(values) | {name: float(getattr(control, name)) for name in SCALARS}


def _steps(values: list[tuple[int, float]], rate_hz: float) -> Lane:
    """Straight lines that are level up to the frame before each change."""
    points: list[Breakpoint] = []
    before = values[0][1]
    for frame, value in values:
        if points and (eve := (frame - 1) / rate_hz) > points[-1][0]:
            points.append((eve, before))
        points.append((frame / rate_hz, value))
        before = value
    return tuple(points)


def _stretches(score: Score) -> Iterator[tuple[int, ControlState]]:
    """The states of the take, each with its first frame, counted from the take's beginning."""
    start, end = score.start_frame, score.end_frame
    frames = sorted({start} | {change.frame for change in score.changes if start < change.frame < end})
    if start < end:
        for frame, state in zip(frames, score.states_at(frames), strict=True):
            yield frame - start, ControlState.from_json(state)


def with_lanes(score: Score, automation: Automation) -> Score:
    """The score with the lanes' controls moved by the lanes during the take; all else, and all before it, as it was.

    The fingerprint of the codes is still that of the old ones: they are not known before the new score has been played.

    Raises:
        ControlError: the score holds a state that cannot be played.
    """
    rate_hz, start = frame_rate_hz(score), score.start_frame
    changes = [change for change in score.changes if change.frame < start]
    initial = score.initial
    held = score.state_at(start - 1)
    asked = ControlState.from_json(held)
    plain: State | None = None
    frames = range(start, score.end_frame)
    for frame, state in zip(frames, score.states_at(frames), strict=True):
        if state is not plain:
            plain, control = state, ControlState.from_json(state)
        moved = automation.at(control, (frame - start) / rate_hz)
        if frame and same(moved, asked):
            continue
        asked = moved
        now = plain if same(moved, control) else moved.to_json()
        if frame:
            changes.append(Change(frame, difference(held, now)))
        else:
            initial = now
        held = now
    return replace(score, initial=initial, changes=tuple(changes))


def first_difference(one: Score, other: Score) -> int | None:
    """The first frame of the performance for which they ask for something else, up to the take's end; None: none."""
    starts = {0} | {change.frame for score in (one, other) for change in score.changes}
    frames = sorted(frame for frame in starts if frame < one.end_frame)
    for frame, *states in zip(frames, one.states_at(frames), other.states_at(frames), strict=True):
        if not same(*map(ControlState.from_json, states)):
            return frame
    return None


def same(one: ControlState, other: ControlState) -> bool:
    """Whether two states ask for the same music: a knob at zero is as good as none, and numbers and order say nothing."""
    return _essence(one) == _essence(other)


def _essence(control: ControlState) -> ControlState:
    totals: dict[str, float] = defaultdict(float)
    for genre, alpha in control.blend:
        totals[genre] += alpha
    return replace(control, number=0, blend=tuple(sorted((genre, alpha) for genre, alpha in totals.items() if alpha)))
