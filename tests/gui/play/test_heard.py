"""The history gives the moment in force at a frame."""

from __future__ import annotations

from gui.play.heard import LONGEST_FRAMES, HeardHistory


def test_the_moment_at_a_frame_is_the_last_one_noted_before_it() -> None:
    history = HeardHistory()
    history.note(10, (0.1,), (0.2,))
    history.note(10, (0.3,), (0.4,))
    history.note(20, (0.5,), (0.6,))
    assert history.at(9) is None
    assert [history.at(frame).asked for frame in (10, 19, 20, 99)] == [(0.3,), (0.3,), (0.5,), (0.5,)]  # type: ignore[union-attr]


def test_a_lower_frame_begins_anew() -> None:
    history = HeardHistory()
    history.note(500, (1.0,), ())
    history.note(3, (0.0,), ())
    assert history.at(2) is None
    assert history.at(600).frame == 3  # type: ignore[union-attr]


def test_the_past_is_bounded() -> None:
    history = HeardHistory()
    for frame in range(0, 3 * LONGEST_FRAMES, 2):
        history.note(frame, (), ())
    assert len(history._moments) <= LONGEST_FRAMES / 2 + 2
