"""How long it will take: by how it went lately, whatever had been done before."""

from __future__ import annotations

import pytest

from gui.lab.pace import Pace, in_words


def test_an_even_pace_is_told() -> None:
    pace = Pace()
    assert pace.seconds_left("recording", 0, 100, 0.0) is None
    assert pace.seconds_left("recording", 1, 100, 1.0) is None, "too early"
    assert pace.seconds_left("recording", 10, 100, 10.0) == pytest.approx(90)


def test_what_was_there_already_is_no_pace() -> None:
    """A run that goes on begins with 80 of 100 done at once."""
    pace = Pace()
    pace.seconds_left("recording", 0, 100, 0.0)
    pace.seconds_left("recording", 80, 100, 0.1)
    assert pace.seconds_left("recording", 85, 100, 10.1) == pytest.approx(30)


def test_a_new_stage_begins_anew_and_an_unknown_end_has_no_time() -> None:
    pace = Pace()
    for second in range(10):
        pace.seconds_left("recording", second, 100, float(second))
    assert pace.seconds_left("fitting", 1, 8, 10.0) is None
    assert Pace().seconds_left("auditioning", 5, 0, 10.0) is None


def test_a_change_of_pace_is_followed() -> None:
    pace = Pace()
    for second in range(60):
        pace.seconds_left("recording", second, 1000, float(second))
    left = [pace.seconds_left("recording", 60 + 10 * n, 1000, 60.0 + n) for n in range(1, 30)][-1]
    assert left == pytest.approx((1000 - 350) / 10, rel=0.05)


def test_words() -> None:
    assert [in_words(seconds) for seconds in (3, 47, 300, 9000)] == [
        "a few seconds left",
        "about 50 s left",
        "about 5 min left",
        "about 2.5 h left",
    ]
