"""The decode loop against transformers' generate on the same weights: greedy tokens and guided scores."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import AutoTokenizer, MusicgenForConditionalGeneration

from engine.control import Law
from engine.model.checkpoint_files import find
from engine.model.conditioning import TextConditioner
from engine.model.decoder import Decoder
from engine.model.precision import Precision
from engine.model.random_checkpoint import build_random, build_tokenizer
from engine.model.stream import TokenStream
from engine.model.t5 import T5Encoder
from engine.model.tokenizer import PromptTokenizer
from engine.steering.blend import Blend, Offset
from engine.steering.laws import steer
from engine.steering.steerer import Steerer

PROMPT = "slow jazz with piano"
STEPS = 40


@dataclass
class Case:
    """One way to generate."""

    text: bool
    audio_frames: int
    guidance: float
    law: Law | None = None


@torch.inference_mode()
def by_transformers(
    model: Any, tokenizer: Any, case: Case, offset: Tensor, layer: int, steps: int
) -> tuple[Tensor, Tensor]:
    """Tokens ``(K, n)`` after the audio prompt, and guided scores ``(n, K, V)``, up to where generate pads its end."""
    books = model.config.decoder.num_codebooks
    span = books // model.config.decoder.audio_channels - 1
    words = tokenizer([PROMPT], return_tensors="pt")
    # No words for transformers: the states are zeroed by the mask.
    mask = words["attention_mask"] if case.text else torch.zeros_like(words["attention_mask"])
    extra = {"decoder_input_ids": audio_codes(model, case)[0]} if case.audio_frames else {}
    handle = None
    if case.law is not None:

        def hook(_: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
            hidden = args[0].clone()
            hidden[:1, -1:] = steer(case.law, hidden[:1, -1:], offset, torch.tensor(1.5))
            return (hidden, *args[1:])

        handle = model.decoder.model.decoder.layers[layer].register_forward_pre_hook(hook)
    result = model.generate(
        input_ids=words["input_ids"],
        attention_mask=mask,
        guidance_scale=case.guidance,
        do_sample=False,
        max_new_tokens=steps + 2 * span,
        return_dict_in_generate=True,
        output_logits=True,
        **extra,
    )
    if handle is not None:
        handle.remove()
    scores = torch.stack(result.logits)[:steps].unflatten(1, (-1, books))
    if case.guidance > 1:
        scores = scores[:, 1:] + (scores[:, :1] - scores[:, 1:]) * case.guidance
    # The sequences were overwritten with audio: the tokens are the scores' own maxima, shifted by the delay.
    best = scores[:, 0].argmax(-1)
    delays = [book // model.config.decoder.audio_channels for book in range(books)]
    tokens = torch.stack([best[delay : steps - span + delay, book] for book, delay in enumerate(delays)])
    return tokens, scores[:, 0]


def audio_codes(model: Any, case: Case) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    shape = (1, model.config.decoder.num_codebooks, case.audio_frames)
    return torch.randint(model.config.decoder.vocab_size, shape, generator=generator)


def conditioner(model: Any, tokenizer: Any, decoder: Decoder) -> TextConditioner:
    return TextConditioner(T5Encoder.of(model, decoder.device), PromptTokenizer(tokenizer.backend_tokenizer), decoder)


@torch.inference_mode()
def by_segue(model: Any, tokenizer: Any, case: Case, offset: Tensor, layer: int, steps: int) -> tuple[Tensor, Tensor]:
    decoder = Decoder.of(model, Precision.FP32, torch.device("cpu"))
    stream = TokenStream(decoder, model.generation_config.max_length, guided=case.guidance > 1)
    stream.memory = conditioner(model, tokenizer, decoder).read([PROMPT if case.text else ""])
    stream.sampling.write(case.guidance, 0.0, 250, 1.0)
    steerer = Steerer(decoder, batch=1)
    if case.law is not None:
        steerer.apply(Blend(case.law, {layer: Offset(offset.numpy(), 1.5)}))
    steerer.paused = True
    stream.start([0], audio_codes(model, case) if case.audio_frames else None)
    steerer.paused = False
    scores: list[Tensor] = []

    def keep(_: Any, __: Any, output: Tensor) -> None:
        wide = output.view(-1, decoder.codebooks, decoder.codebook_size)
        scores.append(wide[0] if len(wide) == 1 else wide[1] + (wide[0] - wide[1]) * case.guidance)

    decoder.head.register_forward_hook(keep)
    frames = [stream.step() for _ in range(steps)]
    return torch.stack([f[0] for f in frames if f is not None], dim=1), torch.stack(scores)


def assert_parity(model: Any, tokenizer: Any, case: Case, steps: int = STEPS) -> None:
    generator = torch.Generator().manual_seed(5)
    offset = torch.nn.functional.normalize(torch.randn(model.config.decoder.hidden_size, generator=generator), dim=0)
    layer = model.config.decoder.num_hidden_layers // 2
    theirs, their_scores = by_transformers(model, tokenizer, case, offset, layer, steps)
    ours, our_scores = by_segue(model, tokenizer, case, offset, layer, steps)
    assert ours.shape == theirs.shape
    assert torch.equal(ours, theirs)
    torch.testing.assert_close(our_scores, their_scores, atol=1e-4, rtol=0)


CASES = [
    Case(text, audio, guidance, law)
    for text in (True, False)
    for audio in (0, 21)
    for guidance in (1.0, 3.0)
    for law in (None, Law.PRESERVE)
] + [Case(True, 0, 3.0, law) for law in Law if law is not Law.PRESERVE]


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("layout", ["tiny_musicgen", "tiny_stereo", "tiny_spectral"])
def test_tokens_and_scores_equal_generate(layout: str, case: Case, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(layout)
    model = MusicgenForConditionalGeneration.from_pretrained(path, attn_implementation={"decoder": "sdpa"}).eval()
    assert_parity(model, AutoTokenizer.from_pretrained(path), case)


def test_parity_at_musicgen_smalls_configuration() -> None:
    """One case that has everything in it; the tiny models above tell which part is to blame."""
    assert_parity(build_random("small"), build_tokenizer(), Case(True, 12, 3.0, Law.PRESERVE))


@pytest.mark.parametrize("case", [Case(True, 0, 3.0), Case(False, 21, 3.0, Law.PRESERVE), Case(True, 0, 1.0)], ids=str)
def test_parity_on_pocket(case: Case) -> None:
    path = find("pocket").folder
    model = MusicgenForConditionalGeneration.from_pretrained(path, attn_implementation={"decoder": "sdpa"}).eval()
    assert_parity(model, AutoTokenizer.from_pretrained(path), case)


def test_steering_changes_what_is_generated(tiny_musicgen: Path) -> None:
    """The steered cases above would pass on a hook that does nothing on both sides."""
    model = MusicgenForConditionalGeneration.from_pretrained(tiny_musicgen).eval()
    tokenizer = AutoTokenizer.from_pretrained(tiny_musicgen)
    offset = torch.nn.functional.normalize(torch.from_numpy(np.random.default_rng(0).normal(size=64)).float(), dim=0)
    plain, _ = by_segue(model, tokenizer, Case(True, 0, 3.0), offset, 1, STEPS)
    steered, _ = by_segue(model, tokenizer, Case(True, 0, 3.0, Law.PRESERVE), offset, 1, STEPS)
    assert (plain != steered).float().mean() > 0.3
