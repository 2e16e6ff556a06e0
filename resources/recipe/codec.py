"""Train Pocket's spectral codec: ``python -m resources.recipe.codec CORPUS -o WORK``.

Three stages, by step: the autoencoder alone; then with the quantiser, initialised from its latents; and, with
``--finish``, the decoder alone on frozen codes, which leaves every token as it was and may go on while the language
model trains.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.model.spectral import SpectralCodec, SpectralCodecConfig
from resources.recipe.command import run
from resources.recipe.losses import si_sdr_db, spectral_losses
from resources.recipe.progress import Log, learning_rate, load_checkpoint, save_checkpoint
from resources.recipe.quantizer import QuantizerTrainer
from resources.recipe.waveforms import Waveforms

QUANTIZE_FROM_STEP = 500
PEAK_LEARNING_RATE = 1e-3
COMMITMENT_WEIGHT = 0.25
EVALUATE_EVERY = 100
CHECKPOINT_NAME = "codec.safetensors"


def reconstruct(
    codec: SpectralCodec, trainer: QuantizerTrainer | None, samples: Tensor
) -> tuple[Tensor, Tensor, list[int]]:
    """Samples ``(B, S)`` → the codec's output for the same span, the commitment loss, entries used per level."""
    latent = codec.encoder(samples)
    commitment, distinct = samples.new_zeros(()), [0]
    if trainer is not None:
        quantized = trainer(latent)
        latent, commitment, distinct = quantized.latent, quantized.commitment, quantized.distinct
    output, _ = codec.decoder(latent, codec.decoder.start(len(samples)))
    return output, commitment, distinct


def train(
    corpus: Path, work: Path, steps: int, batch: int, finish: bool, seed: int, save_every_s: float = 120.0
) -> Path:
    """Train (or resume) until ``steps``; returns the checkpoint's path."""
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    work.mkdir(parents=True, exist_ok=True)
    codec = SpectralCodec(SpectralCodecConfig()).to(device)  # type: ignore[arg-type]  # its decorator hides `self`
    waveforms = Waveforms.open(corpus, work, codec.config.sampling_rate)
    optimizer = torch.optim.AdamW(codec.parameters(), lr=PEAK_LEARNING_RATE, betas=(0.8, 0.99), weight_decay=1e-3)
    trainer = QuantizerTrainer(codec.quantizer, seed)
    path, step = work / CHECKPOINT_NAME, 0
    if path.exists():
        step, extra, _ = load_checkpoint(path, codec, optimizer)
        trainer.restore(extra)
    if finish:
        for part in (codec.encoder, codec.quantizer):
            part.requires_grad_(False)
    rng = np.random.default_rng((seed, step))
    log, saved, started, first = Log(work / "codec.csv"), time.monotonic(), time.monotonic(), step
    lag = codec.config.window_length - codec.config.analysis_hop

    def checkpoint() -> None:
        save_checkpoint(path, codec, optimizer, step, trainer.state(), codec.config.to_diff_dict())

    while step < steps:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps, PEAK_LEARNING_RATE)
        if step == QUANTIZE_FROM_STEP:
            with torch.no_grad():
                latents = [codec.encoder(waveforms.batch(rng, 16, "train").to(device)) for _ in range(12)]
            trainer.initialise(torch.cat([z.reshape(-1, z.shape[-1]) for z in latents]))
        samples = waveforms.batch(rng, batch, "train").to(device)
        if finish:
            with torch.no_grad():
                latent = codec.quantizer.decode(codec.quantizer.encode(codec.encoder(samples)))
            output, _ = codec.decoder(latent, codec.decoder.start(len(samples)))
            commitment = samples.new_zeros(())
        else:
            output, commitment, _ = reconstruct(codec, trainer if step >= QUANTIZE_FROM_STEP else None, samples)
        magnitude, phase = spectral_losses(output[:, lag:], samples[:, :-lag])
        optimizer.zero_grad()
        (magnitude + phase + COMMITMENT_WEIGHT * commitment).backward()
        torch.nn.utils.clip_grad_norm_(codec.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % EVALUATE_EVERY == 0 or step == steps:
            figures = evaluate(codec, trainer if step > QUANTIZE_FROM_STEP else None, waveforms, device)
            figures["train"] = float(magnitude.detach() + phase.detach())
            figures["s/step"] = (time.monotonic() - started) / (step - first)
            log.add(step, figures)
        if time.monotonic() - saved > save_every_s:
            checkpoint()
            saved = time.monotonic()
    checkpoint()
    log.plot()
    return path


@torch.no_grad()
def evaluate(
    codec: SpectralCodec, trainer: QuantizerTrainer | None, waveforms: Waveforms, device: torch.device
) -> dict[str, float]:
    """Losses, SI-SDR and codebook use on a fixed draw of held-out clips."""
    samples = waveforms.batch(np.random.default_rng(1), 24, "valid").to(device)
    output, _, distinct = reconstruct(codec, trainer, samples)
    lag = codec.config.window_length - codec.config.analysis_hop
    output, samples = output[:, lag:], samples[:, :-lag]
    magnitude, phase = spectral_losses(output, samples)
    ratio = si_sdr_db(output, samples).median()
    return {
        "magnitude": float(magnitude),
        "phase": float(phase),
        "si_sdr_db": float(ratio),
        "entries": float(min(distinct)),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m resources.recipe.codec", description=__doc__)
    parser.add_argument("corpus", type=Path, help="a folder written by `segue corpus compose`")
    parser.add_argument("-o", "--work", type=Path, required=True, help="checkpoints, logs and plots")
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--finish", action="store_true", help="train the decoder alone on frozen codes")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    train(options.corpus, options.work, options.steps, options.batch, options.finish, options.seed)


if __name__ == "__main__":
    run(main)
