"""Train Pocket's language model: ``python -m resources.recipe.decoder CORPUS -o WORK``.

WORK holds the corpus's tokens (``resources.recipe.tokens``). The decoder, the text encoder and the projection between
them learn together, from random windows with a random phrasing of the clip's prompt; now and then the text is dropped,
so that guidance has something to contrast with. Stopped at any time, it goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor
from transformers import MusicgenConfig, TokenizersBackend

from resources.recipe.command import run
from resources.recipe.draws import Draws
from resources.recipe.language_model import LanguageModel, Sizes
from resources.recipe.progress import (
    Log,
    checkpoint_facts,
    checkpoint_step,
    learning_rate,
    load_checkpoint,
    save_checkpoint,
)
from resources.recipe.tokenizer import open_tokenizer, train_tokenizer
from resources.recipe.tokens import Tokens, open_codec

CHECKPOINT_NAME = "decoder.safetensors"
TOKENIZER_NAME = "tokenizer"
PEAK_LEARNING_RATE = 1e-3
WEIGHT_DECAY = 0.05
EVALUATE_EVERY = 200
HELD_OUT_CLIPS = 32


def _optimizer(model: LanguageModel, peak: float, device: torch.device) -> torch.optim.AdamW:
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=peak, betas=(0.9, 0.95), fused=device.type == "cpu")


def _prepare_tokenizer(tokens: Tokens, work: Path, source: Path | None) -> TokenizersBackend:
    """The work folder's tokenizer: at first that of ``source``, else one of the corpus's own prompts."""
    folder = work / TOKENIZER_NAME
    if not folder.exists():
        if source is not None:
            tokenizer = open_tokenizer(source if source.is_dir() else source.parent / TOKENIZER_NAME)
        else:
            tokenizer = train_tokenizer(prompt for row in tokens.rows for prompt in _prompts(row))
        tokenizer.save_pretrained(folder)
    return open_tokenizer(folder)


def _prompts(row: dict[str, object]) -> list[str]:
    prompts = row["prompts"]
    assert isinstance(prompts, list)
    return prompts


def load_weights(model: LanguageModel, source: Path) -> None:
    """Begin from an assembled model's folder or from a checkpoint of this command, of the same sizes."""
    path = source / "model.safetensors" if source.is_dir() else source
    prefix = "" if source.is_dir() else "model."
    with safe_open(path, "pt") as file:
        names = set(file.keys())
        weights = {n: file.get_tensor(prefix + n).float() for n in model.state_dict() if prefix + n in names}
    # An assembled model stores tied weights once.
    weights.setdefault("text_encoder.encoder.embed_tokens.weight", weights["text_encoder.shared.weight"])
    model.load_state_dict(weights)


def stored_sizes(source: Path) -> Sizes:
    """Sizes of the language model in a checkpoint of this command or in an assembled model's folder."""
    if source.is_dir():
        import engine.model.spectral  # noqa: F401  # its config names our codec

        return Sizes.of(MusicgenConfig.from_pretrained(source))
    sizes = checkpoint_facts(source)["sizes"]
    assert isinstance(sizes, dict)
    return Sizes(**sizes)


def stored_steps(path: Path) -> int:
    """How many steps a checkpoint learnt for, with those of the checkpoint that it began from."""
    return checkpoint_step(path) + int(str(checkpoint_facts(path).get("steps_before", 0)))


def train(
    corpus: Path,
    work: Path,
    steps: int,
    batch: int,
    window_frames: int = 500,
    sizes: Sizes | None = None,
    peak: float = PEAK_LEARNING_RATE,
    source: Path | None = None,
    seed: int = 0,
    save_every_s: float = 120.0,
) -> Path:
    """Train (or resume) until ``steps``; returns the checkpoint's path.

    Args:
        sizes: of a model that begins from nothing.
        source: a folder or checkpoint to begin from, where the work folder has none yet.
    """
    torch.manual_seed(seed)
    torch.set_flush_denormal(True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokens, path, step = Tokens.open(corpus, work), work / CHECKPOINT_NAME, 0
    tokenizer = _prepare_tokenizer(tokens, work, source)
    begun = path if path.exists() else source
    sizes = stored_sizes(begun) if begun is not None else sizes or Sizes()
    model = LanguageModel(sizes, len(tokenizer)).to(device)
    optimizer, steps_before = _optimizer(model, peak, device), 0
    if path.exists():
        step, _, _ = load_checkpoint(path, model, optimizer)
        steps_before = stored_steps(path) - step
    elif source is not None:
        load_weights(model, source)
        steps_before = 0 if source.is_dir() else stored_steps(source)
    else:
        model.begin_from(open_codec(work).quantizer.codebooks, seed)
    draws, log = Draws(tokens, tokenizer, window_frames), Log(work / "decoder.csv")
    facts: dict[str, object] = {
        "sizes": asdict(sizes),
        "window_frames": draws.window_frames,
        "steps_before": steps_before,
    }
    facts |= tokens.extent()
    unigram = draws.unigram_nats(HELD_OUT_CLIPS)
    rng, losses = np.random.default_rng((seed, step)), []
    saved = reported = time.monotonic()
    while step < steps:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps, peak)
        drawn = draws.train(rng, batch).to(device)
        with torch.autocast("cuda", torch.bfloat16, enabled=device.type == "cuda"):
            loss = model(drawn.codes, drawn.text_ids, drawn.text_mask, drawn.keep).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        losses.append(loss.detach())
        if step % EVALUATE_EVERY == 0 or step == steps:
            speed = len(losses) * batch * draws.window_frames / (time.monotonic() - reported)
            train_nats = float(torch.stack(losses).mean())
            figures = evaluate(model, draws, batch, device)
            log.add(step, figures | {"unigram": unigram, "train": train_nats, "frames/s": speed})
            losses, reported = [], time.monotonic()
        if time.monotonic() - saved > save_every_s:
            save_checkpoint(path, model, optimizer, step, {}, facts)
            saved = time.monotonic()
    save_checkpoint(path, model, optimizer, step, {}, facts)
    log.plot()
    return path


@torch.no_grad()
def evaluate(model: LanguageModel, draws: Draws, batch: int, device: torch.device) -> dict[str, float]:
    """Nats per token on the same held-out windows: of each codebook, their mean, and the mean without text."""

    def nats(text: bool) -> Tensor:
        parts = [part.to(device) for part in draws.held_out(HELD_OUT_CLIPS, batch, text)]
        weights = torch.tensor([float(len(p.codes)) for p in parts], device=device)
        each = torch.stack([model(p.codes, p.text_ids, p.text_mask, p.keep) for p in parts])
        return (each * weights[:, None]).sum(0) / weights.sum()

    with_text, without = nats(True), nats(False)
    figures = {f"nats {level + 1}": float(value) for level, value in enumerate(with_text)}
    return figures | {"nats": float(with_text.mean()), "without text": float(without.mean())}


def main() -> None:
    """Command line."""
    default = Sizes()
    parser = argparse.ArgumentParser(prog="python -m resources.recipe.decoder", description=__doc__)
    parser.add_argument("corpus", type=Path, help="a folder written by `segue corpus compose`")
    parser.add_argument(
        "-o", "--work", type=Path, required=True, help="holds the tokens; checkpoints and logs go beside them"
    )
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--window-frames", type=int, default=500)
    parser.add_argument("--hidden-size", type=int, default=default.hidden_size)
    parser.add_argument("--layers", type=int, default=default.layers)
    parser.add_argument("--peak", type=float, default=PEAK_LEARNING_RATE, help="learning rate of the plateau")
    parser.add_argument(
        "--init", type=Path, help="an assembled model's folder, or a checkpoint, to begin from; its sizes are taken"
    )
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    # MusicGen's proportions: heads of 64, a feed-forward layer of four times the width
    width = options.hidden_size
    sizes = Sizes(hidden_size=width, layers=options.layers, heads=max(1, width // 64), ffn_dim=4 * width)
    train(
        options.corpus,
        options.work,
        options.steps,
        options.batch,
        options.window_frames,
        sizes,
        options.peak,
        options.init,
        options.seed,
    )


if __name__ == "__main__":
    run(main)
