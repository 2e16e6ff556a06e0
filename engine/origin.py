"""Where a performance comes from: all that its tokens depend on besides its controls."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from engine.instrument import Instrument
from engine.messages import AudioPrompt
from engine.steering.pack import ProbePack
from engine.takes.score import AudioPrompt as PromptOrigin
from engine.takes.score import Origin


def origin_of(
    instrument: Instrument,
    pack: ProbePack | None,
    pack_file: Path | None,
    seed: int,
    audio_prompt: tuple[AudioPrompt, str] | None,
) -> Origin:
    """For a score.

    Args:
        pack_file: where the pack was loaded from, if not from beside the model.
        audio_prompt: the stretch that is continued, with its file's SHA-256.
    """
    codec, prompt = instrument.codec, None
    if audio_prompt is not None:
        asked, digest = audio_prompt
        assert asked.path is not None
        prompt = PromptOrigin(str(asked.path.resolve()), digest, asked.start_s, asked.start_s + asked.seconds)
    return Origin(
        software=f"Segue {version('segue')}",
        model=instrument.identity.name,
        model_sha256=instrument.identity.digest,
        model_licence=instrument.licence,
        pack="" if pack is None else pack.method,
        pack_sha256="" if pack is None else pack.digest,
        device=instrument.decoder.device.type,
        dtype=instrument.decoder.precision.value,
        seed=seed,
        sample_rate_hz=codec.sample_rate_hz,
        channels=codec.channels,
        codebooks=codec.codebooks,
        hop_samples=codec.hop_samples,
        audio_prompt=prompt,
        window_frames=instrument.window_frames,
        tokenizer_sha256=instrument.text.tokenizer.digest,
        model_folder="" if instrument.folder is None else str(instrument.folder.resolve()),
        pack_file="" if pack_file is None else str(pack_file.resolve()),
    )
