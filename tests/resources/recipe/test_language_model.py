"""The training pass against transformers' own generation layout and forward pass."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from transformers import EncodecConfig, EncodecModel, MusicgenConfig, MusicgenForConditionalGeneration

from resources.recipe.language_model import BOS, CODEBOOK_SIZE, CODEBOOKS, LanguageModel, Sizes, delayed

SIZES = Sizes(hidden_size=32, layers=2, heads=2, ffn_dim=64, text_width=16, text_layers=1)


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    torch.manual_seed(0)
    return LanguageModel(SIZES, vocabulary=40).eval()


@pytest.fixture(scope="module")
def oracle(model: LanguageModel) -> MusicgenForConditionalGeneration:
    """The same weights as transformers composes them; its codec plays no part."""
    codec = EncodecModel(EncodecConfig(num_filters=4, hidden_size=8, num_lstm_layers=1))
    text_encoder, decoder = copy.deepcopy(model.text_encoder), copy.deepcopy(model.decoder)
    parts = (text_encoder.config, decoder.config)
    attention = [part._attn_implementation for part in parts]
    config = MusicgenConfig(text_encoder=text_encoder.config, audio_encoder=codec.config, decoder=decoder.config)
    composed = MusicgenForConditionalGeneration(config, text_encoder, codec, decoder)
    composed.enc_to_dec_proj.load_state_dict(model.enc_to_dec_proj.state_dict())
    # Composing from parts forgets which attention they use, and with it their masks; loading a folder does not
    for part, implementation in zip(parts, attention, strict=True):
        part._attn_implementation = implementation
    return composed.eval()


def draw(batch: int = 2, frames: int = 12) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    codes = torch.randint(CODEBOOK_SIZE, (batch, CODEBOOKS, frames), generator=generator)
    text = torch.randint(3, 40, (batch, 5), generator=generator)
    mask = torch.tensor([[1.0, 1, 1, 1, 1], [1, 1, 1, 0, 0]])[:batch]
    return codes, text, mask


def test_layout_is_that_of_generation(model: LanguageModel) -> None:
    codes, _, _ = draw()
    batch, levels, frames = codes.shape
    start = torch.full((batch * levels, 1), BOS)
    prompt = torch.cat([start, codes.reshape(batch * levels, frames)], dim=1)
    _, pattern = model.decoder.build_delay_pattern_mask(prompt, BOS, max_length=frames + levels)
    assert torch.equal(delayed(codes), pattern.view(batch, levels, -1))


def test_logits_are_those_of_the_composed_model(model: LanguageModel, oracle: MusicgenForConditionalGeneration) -> None:
    codes, text, mask = draw()
    batch, levels, frames = codes.shape
    ours = model.logits(codes, model.describe(text, mask), mask)
    columns = delayed(codes)[..., :-1].reshape(batch * levels, -1)
    theirs = oracle(input_ids=text, attention_mask=mask.long(), decoder_input_ids=columns).logits
    theirs = theirs.view(batch, levels, -1, CODEBOOK_SIZE)
    for level in range(levels):
        torch.testing.assert_close(ours[level], theirs[:, level, level : level + frames], atol=1e-5, rtol=1e-4)


def test_dropped_text_is_the_null_text_of_guidance(
    model: LanguageModel, oracle: MusicgenForConditionalGeneration
) -> None:
    codes, text, mask = draw()
    batch, levels, frames = codes.shape
    ours = model.logits(codes, model.describe(text, mask) * 0.0, mask)
    null = oracle.get_unconditional_inputs(batch)
    columns = delayed(codes)[..., :-1].reshape(batch * levels, -1)
    theirs = oracle(
        encoder_outputs=null.encoder_outputs, attention_mask=null.attention_mask, decoder_input_ids=columns
    ).logits.view(batch, levels, -1, CODEBOOK_SIZE)
    for level in range(levels):
        torch.testing.assert_close(ours[level], theirs[:, level, level : level + frames], atol=1e-5, rtol=1e-4)


def test_a_frame_sees_earlier_columns_only(model: LanguageModel) -> None:
    codes, text, mask = draw()
    states = model.describe(text, mask)
    before = model.logits(codes, states, mask)
    changed = codes.clone()
    changed[:, 1, 6] = (changed[:, 1, 6] + 1) % CODEBOOK_SIZE  # enters with column 1 + 1 + 6
    after = model.logits(changed, states, mask)
    for level in range(CODEBOOKS):
        same = (before[level] - after[level]).abs().amax((0, 2)) < 1e-6
        assert same.tolist() == [level + t < 8 for t in range(12)]


def test_loss_of_silent_heads_is_uniform(model: LanguageModel) -> None:
    codes, text, mask = draw()
    silent = LanguageModel(SIZES, vocabulary=40)
    for head in silent.decoder.lm_heads:
        torch.nn.init.zeros_(head.weight)
    nats = silent(codes, text, mask, torch.ones(2))
    torch.testing.assert_close(nats, torch.full((CODEBOOKS,), math.log(CODEBOOK_SIZE)))


def test_keep_decides_by_row_whether_text_is_heard(model: LanguageModel) -> None:
    codes, text, mask = draw()
    other = text.roll(1, dims=1)
    keep = torch.tensor([0.0, 1.0])
    ours = model.logits(codes, model.describe(text, mask) * keep[:, None, None], mask)[0]
    theirs = model.logits(codes, model.describe(other, mask) * keep[:, None, None], mask)[0]
    assert torch.equal(ours[0], theirs[0])
    assert not torch.allclose(ours[1], theirs[1])
