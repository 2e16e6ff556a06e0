"""The callback's state machine, without a sound card: what is heard, what is counted, and that nothing clicks."""

import tracemalloc

import numpy as np
import pytest

from engine.audio.player import DECLICK_MS, Player
from engine.audio.ring import Ring

RATE = 32000
BLOCK = 320


def sine(start: int, count: int, channels: int = 2) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * 220 * np.arange(start, start + count) / RATE)
    return np.repeat(wave.astype(np.float32)[:, None], channels, axis=1)


def pull(player: Player, blocks: int, channels: int = 2) -> np.ndarray:
    out = np.full((blocks * BLOCK, channels), np.nan, np.float32)
    for start in range(0, len(out), BLOCK):
        player.render(out[start : start + BLOCK])
    return out


def steepest(sound: np.ndarray) -> float:
    return float(np.abs(np.diff(sound, axis=0)).max())


# A 220 Hz sine at 0.5 moves by 0.0216 a sample, the 5 ms declick ramp by up to 0.5 / 160 more.
SMOOTH = 0.5 * 2 * np.pi * 220 / RATE + 0.5 / (DECLICK_MS * RATE / 1000) + 1e-4


@pytest.fixture
def ring() -> Ring:
    return Ring(RATE, 2)


@pytest.fixture
def player(ring: Ring) -> Player:
    player = Player(ring, RATE, 2, 1.0)
    player.prime_samples = 640
    return player


def test_parked_is_silent_consumes_nothing_and_counts_nothing(ring: Ring, player: Player) -> None:
    ring.write(sine(0, 6400))
    assert not pull(player, 5).any()
    assert player.parked
    assert (ring.available, player.underruns, player.callbacks) == (6400, 0, 5)


def test_waits_for_the_primed_ring_then_plays_it_exactly(ring: Ring, player: Player) -> None:
    player.fade_in(10)
    assert not pull(player, 3).any()
    ring.write(sine(0, 600))
    assert not pull(player, 1).any()
    ring.write(sine(600, 2600))
    heard = pull(player, 10)
    ramp = np.minimum(np.arange(1, 3201) / 320, 1.0)[:, None]
    np.testing.assert_allclose(heard, sine(0, 3200) * ramp, atol=1e-5)
    assert player.underruns == 0


def test_fade_out_parks_without_a_click_and_keeps_the_rest(ring: Ring, player: Player) -> None:
    ring.write(sine(0, RATE))
    player.fade_in(10)
    heard = [pull(player, 10)]
    player.fade_out(15)
    assert not player.parked
    heard.append(pull(player, 4))
    assert player.parked
    assert not heard[1][-BLOCK:].any()
    assert steepest(np.concatenate(heard)) <= SMOOTH
    left = ring.available
    pull(player, 3)
    assert ring.available == left


def test_underrun_is_counted_once_padded_and_resumes_without_a_click(ring: Ring, player: Player) -> None:
    player.fade_in(10)
    ring.write(sine(0, 3300))
    heard = [pull(player, 14)]  # 3300 samples, then 1180 missing
    assert player.underruns == 1
    assert player.missed_samples == 14 * BLOCK - 3300
    ring.write(sine(3300, 6400))
    heard.append(pull(player, 10))
    assert player.underruns == 1
    assert player.missed_samples == 14 * BLOCK - 3300
    sound = np.concatenate(heard)
    assert steepest(sound) <= SMOOTH
    np.testing.assert_allclose(sound[14 * BLOCK + BLOCK : 24 * BLOCK], sine(3300 + BLOCK, 9 * BLOCK), atol=1e-6)


def test_running_dry_while_fading_out_is_no_underrun(ring: Ring, player: Player) -> None:
    player.fade_in(5)
    ring.write(sine(0, 3200))
    pull(player, 9)
    player.fade_out(1000)
    pull(player, 3)
    assert player.parked
    assert (player.underruns, player.missed_samples) == (0, 0)


def test_flush_while_playing_is_no_underrun_and_does_not_click(ring: Ring, player: Player) -> None:
    player.fade_in(5)
    ring.write(sine(0, RATE))
    heard = [pull(player, 10)]
    ring.request_reset()
    ring_refused = not ring.write(sine(0, 6400))
    heard.append(pull(player, 1))
    assert ring_refused, "the dropped sound keeps its place until the callback has let go of it"
    ring.write(sine(50, 6400))
    heard.append(pull(player, 10))
    assert (player.underruns, player.missed_samples) == (0, 0)
    assert steepest(np.concatenate(heard)) <= SMOOTH
    assert heard[2].any()


@pytest.mark.parametrize("left", [0, 300])
def test_a_flush_ends_the_gap(left: int, ring: Ring, player: Player) -> None:
    """Another performance begins: what is missing before its first sound is nothing that was torn out."""
    player.fade_in(5)
    ring.write(sine(0, 10 * BLOCK))
    pull(player, 12)
    ring.write(sine(0, left))
    pull(player, 1)
    assert player.starving
    missed = player.missed_samples
    ring.request_reset()
    pull(player, 5)
    assert not player.starving
    ring.write(sine(0, 3200))
    assert pull(player, 5).any()
    assert (player.underruns, player.missed_samples) == (1, missed)


def test_flush_while_parked_frees_the_ring(ring: Ring, player: Player) -> None:
    ring.write(sine(0, RATE))
    ring.request_reset()
    pull(player, 1)
    assert ring.free == RATE


def test_volume_change_is_a_ramp(ring: Ring, player: Player) -> None:
    ring.write(np.ones((RATE, 2), np.float32))
    player.fade_in(1)
    pull(player, 2)
    player.set_gain(0.25)
    heard = pull(player, 4)
    assert steepest(heard) <= 0.75 / 640 + 1e-6
    assert heard[-1, 0] == 0.25


@pytest.mark.parametrize(("music", "device"), [(1, 2), (2, 1), (1, 1)])
def test_channels_are_mapped(music: int, device: int) -> None:
    ring = Ring(RATE, music)
    player = Player(ring, RATE, device, 1.0)
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (6400, music)).astype(np.float32)
    ring.write(sound)
    player.fade_in(0.01)
    heard = pull(player, 10, device)[BLOCK:]
    expected = sound[BLOCK : 10 * BLOCK].mean(axis=1, keepdims=True).repeat(device, axis=1)
    np.testing.assert_allclose(heard, expected, atol=1e-6)


def test_device_blocks_longer_than_the_scratch(ring: Ring, player: Player) -> None:
    ring.write(sine(0, 20000))
    player.fade_in(0.01)
    out = np.empty((10000, 2), np.float32)
    player.render(out)
    np.testing.assert_allclose(out[BLOCK:], sine(BLOCK, 10000 - BLOCK), atol=1e-6)
    assert player.largest_block_samples == 10000


def test_peaks_are_of_what_is_heard(ring: Ring, player: Player) -> None:
    player.fade_in(0.01)
    ring.write(np.full((3200, 2), 1.5, np.float32))
    player.set_gain(0.5)
    pull(player, 10)
    assert player.peaks.clipped, "the volume ramp began at full scale"
    player.peaks.reset_clip()
    ring.write(np.full((3200, 2), 1.5, np.float32))
    pull(player, 10)
    assert not player.peaks.clipped
    assert player.peaks.held_dbfs[0] >= 20 * np.log10(0.75) - 0.01


def test_callback_allocates_no_buffers() -> None:
    ring = Ring(8 * RATE, 2)
    player = Player(ring, RATE, 2, 1.0)
    ring.write(sine(0, 4 * RATE))
    player.fade_in(500)
    out = np.empty((4096, 2), np.float32)
    player.render(out)
    tracemalloc.start()
    try:
        player.set_gain(0.5)
        for _ in range(40):  # ramps, steady gain, and at last an underrun
            player.render(out)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert player.underruns == 1
    assert peak < out.nbytes, "only views and numbers"
