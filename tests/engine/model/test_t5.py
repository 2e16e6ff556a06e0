"""Our T5 encoder against transformers' own on the same weights."""

from __future__ import annotations

import pytest
import torch
from transformers import T5Config, T5EncoderModel

from engine.errors import CheckpointError
from engine.model.shapes import TextShape
from engine.model.t5 import T5Encoder, relative_buckets

CPU = torch.device("cpu")
SIZES = {"vocab_size": 60, "d_model": 24, "d_kv": 5, "d_ff": 48, "num_layers": 3, "num_heads": 4}
VARIANTS = {
    "t5": {},
    "gated": {"feed_forward_proj": "gated-gelu"},
    "gelu": {"feed_forward_proj": "gelu"},
    "near": {"relative_attention_num_buckets": 8, "relative_attention_max_distance": 20, "layer_norm_epsilon": 1e-3},
}


@pytest.mark.parametrize("length", [1, 9, 200])
@pytest.mark.parametrize("variant", VARIANTS)
def test_states_equal_transformers(variant: str, length: int) -> None:
    torch.manual_seed(4)
    config = T5Config(**(SIZES | VARIANTS[variant]))
    model = T5EncoderModel(config).eval()
    for parameter in model.parameters():  # attention and norms far from uniform
        parameter.data.add_(torch.randn_like(parameter) * 0.3)
    tensors = {f"text_encoder.{name}": tensor for name, tensor in model.state_dict().items()}
    encoder = T5Encoder(TextShape.of({"text_encoder": config.to_dict()}), tensors, CPU)
    ids = torch.randint(60, (3, length))
    mask = torch.ones_like(ids)
    mask[1, length // 2 + 1 :] = 0
    with torch.inference_mode():
        theirs = model(input_ids=ids, attention_mask=mask).last_hidden_state
    assert theirs.std() > 0.1
    torch.testing.assert_close(encoder(ids, mask), theirs, atol=1e-4, rtol=1e-4)


def test_buckets_tell_direction_and_near_distances_apart() -> None:
    buckets = relative_buckets(300, 32, 128, CPU)
    assert buckets[0, 0] == 0
    assert len(set(buckets[20, 13:28].tolist())) == 15
    assert buckets[0, 299] == buckets[0, 200] == 31
    assert buckets[299, 0] == 15


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "bert"},
        {"feed_forward_proj": "gated-silu"},
        {"d_model": 0},
        {"d_model": "wide"},
        {"num_layers": True},
        {"layer_norm_epsilon": "small"},
        {"pad_token_id": -1},
    ],
    ids=str,
)
def test_configurations_that_cannot_be_meant(changes: dict[str, object]) -> None:
    with pytest.raises(CheckpointError, match="model"):
        TextShape.of({"text_encoder": T5Config(**SIZES).to_dict() | changes})
