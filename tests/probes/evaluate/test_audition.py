"""What an audition plays and how it counts, with a model that does as it is told and an ear that reads it off the sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.control import ControlState, Law
from engine.steering.knob_map import KnobMap
from engine.steering.pack import ModelIdentity, PackDefaults, ProbePack
from probes.evaluate.audition import Audition, Setting, Source
from probes.evaluate.generate import Generator, Piece
from probes.evaluate.judges.judge import Verdicts
from probes.fit import Method
from probes.moments import Doubles, Floats

LABELS = ("jazz", "rock", "techno")
RATE_HZ = 1_000

#: samples and codes
Played = tuple[Floats, NDArray[np.int64]]


def pack(sign: float = 1.0) -> ProbePack:
    """Genre g's direction is axis g."""
    directions = np.ascontiguousarray(np.broadcast_to(sign * np.eye(3, 8), (2, 3, 8)), np.float32)
    identity, zeros = ModelIdentity("m", "d", 2, 8), np.zeros((2, 3, 8), np.float32)
    some = PackDefaults(((0, 1.0),))
    return ProbePack(
        identity, LABELS, directions, zeros, zeros[..., 0], zeros[:, 0, 0], zeros[0, :, 0], some, 0, "made"
    )


class Player:
    """«Plays» the offset at layer 1: samples 0 … 7 are the offset's, sample 8 the seed's noise, the rest a gentle noise."""

    def __init__(self) -> None:
        self.played: list[Piece] = []
        self.batch = 7
        self.control = ControlState()
        self.instrument = SimpleNamespace(
            codec=SimpleNamespace(sample_rate_hz=RATE_HZ),
            identity=SimpleNamespace(digest="d"),
            decoder=SimpleNamespace(dtype="float32", device=SimpleNamespace(type="cpu")),
        )

    def sounds(self, pieces: Sequence[Piece], frames: int, advance: Callable[[int], None]) -> Iterator[Played]:
        for piece in pieces:
            self.played.append(piece)
            rng = np.random.default_rng(piece.seed)
            sound = 0.05 * rng.standard_normal(frames) * (np.arange(frames) % 100 < 20)
            offset = piece.blend.offsets.get(1)
            sound[:8] = 0 if offset is None else offset.vector
            sound[8] = 0.1 * rng.random()
            advance(1)
            yield sound.astype(np.float32), rng.integers(0, 64, (4, 50))


class Reader:
    """Hears genre g by the g-th sample; lies where the offset lies."""

    name, identity, labels = "reader", "reader 1", LABELS
    corpus: ClassVar[dict[str, Doubles]] = {}

    def judge(self, sounds: Sequence[Floats], rate_hz: int) -> Verdicts:
        assert rate_hz == RATE_HZ
        wide = np.stack(sounds).astype(np.float64)
        shares = np.exp(wide[:, :3])
        return Verdicts(shares / shares.sum(1, keepdims=True), wide[:, [0, 1, 2, 8]])


def audition(
    player: Player, sources: Sequence[Source], done: list[int] | None = None, kept: Path | None = None
) -> Audition:
    corpus = {label: np.random.default_rng(i).standard_normal((15, 4)) * 0.1 for i, label in enumerate(LABELS)}
    packs = {Method.MSE: pack(), Method.DIFFMEAN: pack(-1.0)}
    advance = (lambda count: done.append(count)) if done is not None else (lambda _: None)
    return Audition(cast(Generator, player), packs, Reader(), sources, corpus, 1_000, kept, advance)


@pytest.fixture
def sources() -> list[Source]:
    return [Source(label, np.full((4, 5), number)) for number, label in enumerate(LABELS * 2)]


def setting(
    alpha: float = 1.0, law: Law = Law.ADD, method: Method = Method.MSE, layer: int = 1, period: int = 1
) -> Setting:
    return Setting(method, ((layer, 1.0),), law, alpha, period)


def test_every_genre_is_a_target_for_the_music_of_all_others(sources: list[Source]) -> None:
    player = Player()
    audition(player, sources).hear([setting()])
    steered = player.played[len(player.played) // 2 :]
    pairs = [(int(p.blend.offsets[1].vector.argmax()), int(p.prompt_codes[0, 0]) % 3) for p in steered]  # type: ignore[index]
    assert sorted(set(pairs)) == [(t, s) for t in range(3) for s in range(3) if t != s]
    assert len(pairs) == 12


def test_steered_and_unsteered_draw_the_same_noise_on_the_same_music(sources: list[Source]) -> None:
    player = Player()
    audition(player, sources).hear([setting(), setting(2.0)])
    plain, first, second = (player.played[i : i + 12] for i in (0, 12, 24))
    assert not any(piece.blend.offsets for piece in plain)
    for trio in zip(plain, first, second, strict=True):
        assert len({piece.seed for piece in trio}) == 1
        assert all(piece.prompt_codes is trio[0].prompt_codes for piece in trio)
    assert len({piece.seed for piece in plain}) == 12


def test_what_was_heard_is_not_played_again(sources: list[Source], tmp_path: Path) -> None:
    """An audition is hours long on a large model; one that was stopped goes on."""
    first, done = Player(), list[int]()
    heard = audition(first, sources, kept=tmp_path).hear([setting()])
    again = Player()
    assert audition(again, sources, done, tmp_path).hear([setting(), setting(2.0)])[0] == heard[0]
    fresh = len(again.played)
    assert 12 <= fresh < 24, "only the batches with something new in them"
    assert sum(done) == 36
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes()[:40])  # damaged
    assert audition(Player(), sources, kept=tmp_path).hear([setting()]) == heard


def test_unsteered_music_is_played_once(sources: list[Source]) -> None:
    player, done = Player(), list[int]()
    stage = audition(player, sources, done)
    assert stage.count(2) == 36
    stage.hear([setting(), setting(2.0)])
    assert stage.count(2) == 24
    stage.hear([setting(3.0)])
    assert len(player.played) == len(done) == 48


def test_no_text_tells_the_model_what_to_play(sources: list[Source]) -> None:
    player = Player()
    audition(player, sources).hear([setting()])
    assert {piece.prompt for piece in player.played} == {""}


def test_an_alpha_of_nothing_is_what_was_played_unsteered(sources: list[Source]) -> None:
    player = Player()
    nothing, some = audition(player, sources).hear([setting(0.0), setting()])
    assert len(player.played) == 24
    assert nothing.delta == 0.0
    assert nothing.frechet == 1.0
    assert nothing.share == pytest.approx(1 / 3)
    assert some.delta > 0


def test_a_period_is_asked_of_every_piece(sources: list[Source]) -> None:
    player = Player()
    audition(player, sources).hear([setting(period=5)])
    assert [piece.period for piece in player.played] == [1] * 12 + [5] * 12


def test_a_packs_own_knob_map_has_no_say(sources: list[Source]) -> None:
    """α is what is heard; the map is what comes of it."""
    curve = np.tile(np.array([0, 0.5, 1], np.float32), (3, 1))
    mapped = replace(pack(), knob_map=KnobMap(curve, curve**2))
    assert setting(1.5).on(mapped).knob_map is None


def test_the_effect_is_the_rise_of_the_targets_probability(sources: list[Source]) -> None:
    stage = audition(Player(), sources)
    (effect,) = stage.hear([setting(1.5)])
    share = np.exp(1.5) / (np.exp(1.5) + 2)
    assert effect.share == pytest.approx(share, abs=1e-6)
    assert effect.delta == pytest.approx(share - 1 / 3, abs=1e-6)
    assert stage.usual == (pytest.approx(1 / 3), 0.0)
    assert set(effect.genres) == set(LABELS)


def test_a_stronger_setting_lies_further_off(sources: list[Source]) -> None:
    mild, strong = audition(Player(), sources).hear([setting(0.5), setting(5.0)])
    assert strong.frechet > mild.frechet > 0
    assert strong.genres["jazz"].strangeness > mild.genres["jazz"].strangeness
    assert strong.genres["jazz"].frechet > mild.genres["jazz"].frechet


def test_methods_have_directions_of_their_own(sources: list[Source]) -> None:
    towards, away = audition(Player(), sources).hear([setting(), setting(method=Method.DIFFMEAN)])
    assert towards.delta > 0 > away.delta


def test_another_layer_is_another_setting(sources: list[Source]) -> None:
    (elsewhere,) = audition(Player(), sources).hear([setting(layer=0)])
    assert elsewhere.delta == pytest.approx(0, abs=1e-6)


def test_faulty_pieces_are_counted(sources: list[Source]) -> None:
    player = Player()
    play = player.sounds

    def silent_jazz(pieces: Sequence[Piece], frames: int, advance: Any) -> Iterator[Played]:
        for piece, (sound, codes) in zip(pieces, play(pieces, frames, advance), strict=True):
            offset = piece.blend.offsets.get(1)
            yield sound * (offset is None or offset.vector[0] == 0), codes

    player.sounds = silent_jazz  # type: ignore[method-assign]
    (effect,) = audition(player, sources).hear([setting()])
    assert {genre: heard.faulty for genre, heard in effect.genres.items()} == {"jazz": 1.0, "rock": 0.0, "techno": 0.0}
    assert effect.faulty == pytest.approx(1 / 3)
    assert effect.genres["jazz"].share == pytest.approx(1 / 3), "of silence nothing is heard, whatever the judge says"


def test_tokens_that_go_round_in_a_circle_are_a_fault(sources: list[Source]) -> None:
    """Nothing of it need be heard in a sound."""
    player = Player()
    play = player.sounds

    def looping_rock(pieces: Sequence[Piece], frames: int, advance: Any) -> Iterator[Played]:
        for piece, (sound, codes) in zip(pieces, play(pieces, frames, advance), strict=True):
            offset = piece.blend.offsets.get(1)
            rock = offset is not None and offset.vector[1] != 0
            yield sound, np.tile(codes[:, :5], 10) if rock else codes

    player.sounds = looping_rock  # type: ignore[method-assign]
    (effect,) = audition(player, sources).hear([setting()])
    assert {genre: heard.faulty for genre, heard in effect.genres.items()} == {"jazz": 0.0, "rock": 1.0, "techno": 0.0}


@pytest.mark.parametrize("change", ["version", "device"])
def test_what_was_heard_otherwise_is_not_taken_for_it(
    change: str, sources: list[Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audition(Player(), sources, kept=tmp_path).hear([setting()])
    again = Player()
    if change == "version":
        monkeypatch.setattr("probes.evaluate.audition.VERDICTS_VERSION", -1)
    else:
        again.instrument.decoder.device.type = "cuda"
    audition(again, sources, kept=tmp_path).hear([setting()])
    assert len(again.played) == 24
