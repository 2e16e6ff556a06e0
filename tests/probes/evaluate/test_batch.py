"""What a batch weighs: counted against the caches that a stream makes, and kept to what is free."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from engine.errors import DeviceError
from engine.instrument import Instrument
from engine.model.stream import TokenStream
from probes.evaluate.batch import memory_in_words, row_bytes, rows_at_once, window_for

GIB = 2**30


def made(layers: int, hidden: int, window: int = 1500, device: str = "cpu") -> Instrument:
    """Of a model's size, and nothing else of it."""
    decoder = SimpleNamespace(
        layers=[None] * layers, hidden_size=hidden, codebooks=4, dtype=torch.float32, device=torch.device(device)
    )
    return cast(Instrument, SimpleNamespace(decoder=decoder, window_frames=window))


POCKET, SMALL, LARGE = (8, 192, 503), (24, 1024), (48, 2048)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Says how much memory is free."""
    return lambda count: monkeypatch.setattr("probes.evaluate.batch.available_bytes", lambda _: count)


def test_a_row_weighs_what_a_stream_takes_for_it(tiny_instrument: Instrument) -> None:
    stream = TokenStream(tiny_instrument.decoder, 60, 10, guided=True)
    caches = (stream.cache, stream._spare)
    assert sum(cache.keys.nbytes + cache.values.nbytes for cache in caches) == 10 * row_bytes(tiny_instrument, 60)


@pytest.mark.parametrize(("prompt_frames", "frames"), [(200, 250), (125, 200), (250, 500), (250, 1500)])
def test_pocket_is_played_by_sixty_four_on_a_processor(prompt_frames: int, frames: int, free: Any) -> None:
    free(8 * GIB)
    assert rows_at_once(made(*POCKET), prompt_frames, frames) == 64


@pytest.mark.parametrize(
    ("size", "device", "room", "rows"),
    [
        (SMALL, "cpu", 16 * GIB, 4),
        (SMALL, "cpu", 1 * GIB, 1),
        (LARGE, "cpu", 64 * GIB, 1),
        (SMALL, "cuda", 80 * GIB, 128),
        (SMALL, "cuda", 20 * GIB, 32),
        (LARGE, "cuda", 65 * GIB, 16),
        (LARGE, "cuda", 1, 1),
    ],
)
def test_rows_are_as_many_as_there_is_memory_for(
    size: tuple[int, int], device: str, room: int, rows: int, free: Any
) -> None:
    free(room)
    instrument = made(*size, device=device)
    assert rows_at_once(instrument, 200, 250) == rows
    weight = row_bytes(instrument, window_for(instrument, 200, 250))
    assert rows == 1 or rows * weight <= room / 2
    free(int(0.97 * room))
    assert rows_at_once(instrument, 200, 250) == rows, "a run that goes on finds the batches of the first"


def test_half_precision_makes_room_for_more(free: Any) -> None:
    free(20 * GIB)
    wide = made(*LARGE, device="cuda")
    thin = SimpleNamespace(decoder=SimpleNamespace(**vars(wide.decoder) | {"dtype": torch.float16}), window_frames=1500)
    assert rows_at_once(cast(Instrument, thin), 200, 250) == 2 * rows_at_once(wide, 200, 250)


def test_windows_are_no_longer_than_the_models(tiny_instrument: Instrument) -> None:
    brief = replace(tiny_instrument, window_frames=100)
    assert window_for(brief, 40, 90) == 100
    assert window_for(brief, 90, 5) == 100
    assert window_for(replace(brief, window_frames=1000), 300, 5) == 600, "a prompt is cut at half the window"


def test_out_of_memory_is_told_in_one_line() -> None:
    errors = [torch.OutOfMemoryError("CUDA out of memory."), MemoryError("Unable to allocate 57 GiB")]
    errors.append(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 57 GB"))
    words = r"^there is not enough memory .* choose a smaller model, and run it again to go on$"
    for error in errors:
        with pytest.raises(DeviceError, match=words), memory_in_words():
            raise error
    with pytest.raises(RuntimeError, match="shape"), memory_in_words():
        raise RuntimeError("a shape of ours is wrong")
