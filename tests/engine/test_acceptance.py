"""What cannot be played is refused and said once; the last state that could be played holds in its place."""

from __future__ import annotations

from engine.acceptance import Acceptance
from engine.control import ControlState

GOOD, BAD, WORSE = ControlState(number=1), ControlState(number=2), ControlState(number=3)


def test_the_last_state_that_could_be_played_holds() -> None:
    acceptance = Acceptance()
    assert acceptance.held(GOOD) is GOOD
    acceptance.accept(GOOD)
    acceptance.refuse(BAD, "no such genre")
    assert acceptance.held(BAD) is GOOD
    acceptance.accept(BAD)  # a frame was made while it was asked for, of the good one
    assert acceptance.held(BAD) is GOOD
    assert acceptance.held(WORSE) is WORSE


def test_before_anything_was_played_there_is_nothing_else() -> None:
    acceptance = Acceptance()
    acceptance.refuse(BAD, "no such genre")
    assert acceptance.held(BAD) is BAD


def test_a_refusal_is_news_until_something_else_is_said_or_played() -> None:
    acceptance = Acceptance()
    assert acceptance.refuse(BAD, "no such genre")
    assert not acceptance.refuse(WORSE, "no such genre")
    assert acceptance.refuse(WORSE, "no such layer")
    acceptance.accept(GOOD)
    assert acceptance.refuse(BAD, "no such layer")
