"""Messages of mido's become moves: CC, both halves of pairs, NRPN, pitch bend, notes."""

from __future__ import annotations

import mido
import pytest

from gui.remote.decoder import Decoder, Kind, Move, Source


def cc(control: int, value: int, channel: int = 0) -> mido.Message:
    return mido.Message("control_change", channel=channel, control=control, value=value)


def said(decoder: Decoder, *messages: mido.Message) -> list[Move]:
    return [move for message in messages for move in decoder.decode(message)]


def test_a_cc_goes_from_nought_to_one() -> None:
    moves = said(Decoder(), cc(74, 0, 3), cc(74, 127, 3))
    assert moves == [Move(Source(Kind.CC, 3, 74), 0.0, 0), Move(Source(Kind.CC, 3, 74), 1.0, 127)]


def test_a_pair_carries_fourteen_bits() -> None:
    decoder = Decoder()
    for value in (0, 1, 127, 128, 8192, 12345, 16383):
        last = said(decoder, cc(1, value >> 7), cc(33, value & 127))[-1]
        assert last == Move(Source(Kind.CC14, 0, 1), value / 16383, value)


def test_a_pair_that_repeats_its_upper_half_does_not_flicker() -> None:
    decoder = Decoder()
    said(decoder, cc(1, 64), cc(33, 50))
    raws = [move.raw for move in said(decoder, cc(1, 64), cc(33, 51)) if move.source.kind is Kind.CC14]
    assert raws == [64 << 7 | 50, 64 << 7 | 51]
    raws = [move.raw for move in said(decoder, cc(1, 65)) if move.source.kind is Kind.CC14]
    assert raws == [65 << 7], "a new upper half begins at zero"


def test_the_lower_half_is_a_cc_of_its_own_as_well() -> None:
    assert Move(Source(Kind.CC, 0, 33), 1.0, 127) in said(Decoder(), cc(33, 127))


def test_an_nrpn_is_one_control_and_its_data_are_no_ccs() -> None:
    moves = said(Decoder(), cc(99, 10, 2), cc(98, 5, 2), cc(6, 100, 2), cc(38, 3, 2))
    assert {move.source for move in moves} == {Source(Kind.NRPN, 2, 10 << 7 | 5)}
    assert moves[-1].raw == 100 << 7 | 3


def test_without_a_selected_nrpn_data_entry_is_a_plain_cc() -> None:
    plain = [Source(Kind.CC, 0, 6)]
    assert [move.source for move in said(Decoder(), cc(6, 1))] == plain
    assert [move.source for move in said(Decoder(), cc(99, 127), cc(98, 127), cc(6, 1))] == plain, "none"
    assert [move.source for move in said(Decoder(), cc(99, 1), cc(98, 1), cc(101, 0), cc(6, 1))] == plain, "an RPN"
    assert [move.source for move in said(Decoder(), cc(99, 1, 4), cc(98, 1, 4), cc(6, 1))] == plain, "another channel"


@pytest.mark.parametrize(("pitch", "share"), [(-8192, 0.0), (8191, 1.0), (0, 0.5)])
def test_pitch_bend(pitch: int, share: float) -> None:
    (move,) = said(Decoder(), mido.Message("pitchwheel", channel=1, pitch=pitch))
    assert move.source == Source(Kind.BEND, 1)
    assert move.share == pytest.approx(share, abs=1e-4)


def test_a_note_of_no_velocity_is_a_release() -> None:
    note = Source(Kind.NOTE, 0, 60)
    moves = said(
        Decoder(),
        mido.Message("note_on", note=60, velocity=1),
        mido.Message("note_on", note=60, velocity=0),
        mido.Message("note_off", note=60, velocity=64),
    )
    assert moves == [Move(note, 1.0, 1), Move(note, 0.0, 0), Move(note, 0.0, 0)]


def test_other_messages_say_nothing() -> None:
    others = [
        mido.Message(kind) for kind in ("clock", "active_sensing", "start", "sysex", "aftertouch", "program_change")
    ]
    assert said(Decoder(), *others) == []


def test_names_count_channels_from_one() -> None:
    assert Source(Kind.CC, 0, 74).name == "CC 74, channel 1"
