"""Load a checkpoint: any ``MusicgenForConditionalGeneration`` in safetensors, from this machine alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, GenerationConfig, MusicgenForConditionalGeneration, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

import engine.model.spectral  # noqa: F401  registers Pocket's codec with transformers
from engine.errors import CheckpointError
from engine.model.checkpoint_files import CheckpointFiles, find
from engine.model.memory import Size, available_bytes, check_fits
from engine.model.precision import Precision

# MusicGen was trained on 30 s; a checkpoint that does not say otherwise is taken to be too.
DEFAULT_WINDOW_FRAMES = 1500
TOKENIZER_FILES = ("tokenizer.json", "spiece.model")
# Of EnCodec's quantiser, used in training only.
TRAINING_ONLY = (".inited", ".cluster_size", ".embed_avg")


@dataclass(frozen=True)
class Checkpoint:
    """A loaded model and who it is.

    Attributes:
        model: in evaluation mode, float32, on the CPU. Its tensors are mapped from the file where the file is float32.
        tokenizer: of the text encoder.
        name: as the user would ask for it: ``pocket``, the hub id, or the folder's name.
        folder: where it was loaded from; None for one made in memory.
        digest: sha256 that names the weights; see :attr:`~engine.model.checkpoint_files.CheckpointFiles.digest`.
        licence: of the weights, as their card names it.
        window_frames: columns that the model was trained on.
    """

    model: MusicgenForConditionalGeneration
    tokenizer: PreTrainedTokenizerBase
    name: str
    folder: Path | None
    digest: str
    licence: str
    window_frames: int

    @property
    def channels(self) -> int:
        """1, or 2 for stereo."""
        return self.model.decoder.config.audio_channels

    @property
    def codebooks(self) -> int:
        """Of all channels together."""
        return self.model.decoder.config.num_codebooks

    @property
    def sample_rate_hz(self) -> int:
        """Of the codec."""
        return self.model.config.sampling_rate


def choose_device() -> torch.device:
    """The fastest device that the installed torch can use."""
    if torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def choose_precision(device: torch.device) -> Precision:
    """Half precision on an accelerator; on a CPU, where the step is bound by the bytes of the weights, int8."""
    if device.type != "cpu":
        return Precision.FP16
    return (
        Precision.INT8
        if {"x86", "fbgemm", "qnnpack"} & set(torch.backends.quantized.supported_engines)
        else Precision.FP32
    )


def check_precision(device: torch.device, precision: Precision) -> None:
    """Raise CheckpointError where ``device`` has no arithmetic for ``precision``."""
    if precision is Precision.INT8 and device.type != "cpu":
        raise CheckpointError(f"int8 runs on the CPU only: use --dtype fp16 on {device.type}")
    if (
        precision is Precision.BF16
        and device.type == "cuda"
        and not torch.cuda.is_bf16_supported(including_emulation=False)
    ):
        raise CheckpointError("this card has no bf16: use --dtype fp16")


def load(name: str = "pocket", device: torch.device | None = None, precision: Precision | None = None) -> Checkpoint:
    """Find, check and load a checkpoint.

    Args:
        name: ``pocket``, a folder, or a hub id from the local cache.
        device, precision: what it is going to be played on and in, which its memory is checked for; where they are
            None, chosen by what this machine has. The model itself always comes in float32 on the CPU, as the decoder
            and the oracle want it.

    Raises:
        CheckpointError: it is missing, pickled, truncated, foreign, or too large for this machine.
    """
    device = device or choose_device()
    precision = precision or choose_precision(device)
    check_precision(device, precision)
    files = find(name)
    window_frames = _window_frames(files.folder)
    size = Size.of(files.name, files.parameters, files.config, window_frames)
    check_fits(size, precision, device.type, available_bytes(device))
    with _quiet_transformers():
        model = _load_model(files)
        tokenizer = _load_tokenizer(files, model)
    return Checkpoint(model, tokenizer, files.name, files.folder, files.digest, files.licence, window_frames)


def _window_frames(folder: Path) -> int:
    try:
        length = GenerationConfig.from_pretrained(folder, local_files_only=True).max_length
    except OSError:
        length = None
    return length if isinstance(length, int) and length > 0 else DEFAULT_WINDOW_FRAMES


def _load_model(files: CheckpointFiles) -> MusicgenForConditionalGeneration:
    try:
        loaded: Any = MusicgenForConditionalGeneration.from_pretrained(
            files.folder, local_files_only=True, use_safetensors=True, dtype=torch.float32, output_loading_info=True
        )
    except Exception as error:  # what foreign files do to transformers has no common type
        logging.getLogger(__name__).warning("cannot load %s", files.folder, exc_info=True)
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise CheckpointError(f"{files.folder} does not load as a MusicGen ({reason[0]}): download it again") from error
    model, found = loaded
    missing = sorted(name for name in found["missing_keys"] if not name.endswith(TRAINING_ONLY))
    if missing:
        raise CheckpointError(
            f"{files.folder} lacks {len(missing)} of the model's tensors ({missing[0]} …): download it again"
        )
    decoder, codec = model.config.decoder, model.config.audio_encoder
    if (
        decoder.num_codebooks != codec.num_quantizers * decoder.audio_channels
        or decoder.vocab_size != codec.codebook_size
    ):
        raise CheckpointError(
            f"{files.folder} pairs a decoder of {decoder.num_codebooks} × {decoder.vocab_size} codes with a codec of "
            f"{codec.num_quantizers} × {codec.codebook_size}: choose another model"
        )
    return model.eval().requires_grad_(False)


def _load_tokenizer(files: CheckpointFiles, model: MusicgenForConditionalGeneration) -> PreTrainedTokenizerBase:
    # Without its file transformers would make up a tokenizer of no words.
    if not any((files.folder / name).exists() for name in TOKENIZER_FILES):
        raise CheckpointError(f"{files.folder} has no tokenizer ({TOKENIZER_FILES[0]}): download it again")
    try:
        tokenizer = AutoTokenizer.from_pretrained(files.folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # as above
        logging.getLogger(__name__).warning("cannot load the tokenizer of %s", files.folder, exc_info=True)
        raise CheckpointError(f"the tokenizer in {files.folder} does not load: download the model again") from error
    if len(tokenizer) > model.text_encoder.config.vocab_size:
        raise CheckpointError(f"the tokenizer in {files.folder} knows more words than the model: download it again")
    return tokenizer


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Without transformers' progress bars and warnings, which belong to no screen of ours."""
    shown: Any = transformers_logging.is_progress_bar_enabled()
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if shown:
            transformers_logging.enable_progress_bar()
