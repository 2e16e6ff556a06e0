"""The memory check: its estimate, its sources and its advice."""

from __future__ import annotations

import pytest
import torch

from engine.errors import CheckpointError
from engine.model.memory import GB, PUBLISHED, Size, available_bytes, available_ram_bytes, check_fits
from engine.model.precision import Precision
from engine.model.random_checkpoint import CONFIGS

LARGE, MEDIUM, SMALL = PUBLISHED


def refused(size: Size, precision: Precision, device: str, free_gb: float) -> str:
    with pytest.raises(CheckpointError) as caught:
        check_fits(size, precision, device, int(free_gb * GB))
    return str(caught.value)


def test_what_fits_passes() -> None:
    check_fits(LARGE, Precision.FP16, "cuda", int(10 * GB))
    check_fits(SMALL, Precision.INT8, "cpu", int(3 * GB))


def test_the_advice_names_a_leaner_format_first() -> None:
    assert "use --dtype int8" in refused(LARGE, Precision.FP32, "cpu", 10)
    assert "use --dtype fp16" in refused(LARGE, Precision.FP32, "cuda", 10)


def test_the_advice_names_the_largest_model_that_fits() -> None:
    assert "facebook/musicgen-medium in fp16 would fit" in refused(LARGE, Precision.FP16, "cuda", 7)
    assert "facebook/musicgen-small in int8 would fit" in refused(LARGE, Precision.INT8, "cpu", 3)
    assert "use pocket" in refused(LARGE, Precision.FP16, "cuda", 0.5)
    assert "use pocket" in refused(SMALL, Precision.INT8, "cpu", 0.5)


@pytest.mark.parametrize(("size", "config"), [(LARGE, "large"), (MEDIUM, "medium"), (SMALL, "small")])
def test_published_sizes_are_those_of_the_architecture(size: Size, config: str) -> None:
    decoder, _, codec, window_frames = CONFIGS[config]
    hidden, books, entries = decoder["hidden_size"], 4, codec.codebook_size
    layer = 8 * hidden**2 + 2 * hidden * decoder["ffn_dim"] + 6 * hidden
    expected = decoder["num_hidden_layers"] * layer + books * hidden * (2 * entries + 1) + 2 * hidden
    assert size.decoder == pytest.approx(expected, rel=0.02)
    assert (size.layers, size.hidden, size.window_frames) == (decoder["num_hidden_layers"], hidden, window_frames)


def test_headers_give_the_parts() -> None:
    parameters = {"decoder": 10, "audio_encoder": 3, "text_encoder": 4, "enc_to_dec_proj": 1}
    size = Size.of("x", parameters, {"decoder": {"num_hidden_layers": 2, "hidden_size": 8}}, 100)
    assert size == Size("x", decoder=10, codec=3, text=5, layers=2, hidden=8, window_frames=100)


def test_this_machine_has_some_memory() -> None:
    assert 0.1 * GB < available_ram_bytes() < 1e5 * GB
    assert available_bytes(torch.device("cpu")) == pytest.approx(available_ram_bytes(), rel=0.3)


def test_a_card_is_asked_and_what_torch_keeps_in_reserve_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (7, 90))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 50)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 20)
    assert available_bytes(torch.device("cuda")) == 37
