"""Load a checkpoint: any ``MusicgenForConditionalGeneration`` in safetensors, from this machine alone.

Its tensors are read here, not through transformers' model, which takes longer to load than Pocket takes to sound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from engine.errors import CheckpointError
from engine.model.audio_encoder import build_audio_encoder
from engine.model.checkpoint_files import find
from engine.model.memory import Size, available_bytes, check_fits
from engine.model.precision import Precision
from engine.model.shapes import DecoderShape, Shape, TextShape
from engine.model.tensors import StoredTensors, part
from engine.model.tokenizer import PromptTokenizer

if TYPE_CHECKING:
    from transformers import MusicgenForConditionalGeneration


@dataclass(frozen=True)
class Checkpoint:
    """A loaded model and who it is.

    Attributes:
        decoder, text: sizes of the decoder and of the text encoder.
        tensors: all of the model's, by Hugging Face's names, float32, on the CPU; those that the sizes promise are there.
        audio_encoder: the codec, in evaluation mode, float32, on the CPU.
        tokenizer: of the text encoder.
        name: as the user would ask for it: ``pocket``, the hub id, or the folder's name.
        folder: where it was loaded from; None for one made in memory.
        digest: sha256 that names the weights; see :attr:`~engine.model.checkpoint_files.CheckpointFiles.digest`.
        licence: of the weights, as their card names it.
        window_frames: columns that the model was trained on.
        open_model: loads :attr:`model`.
    """

    decoder: DecoderShape
    text: TextShape
    tensors: Mapping[str, Tensor]
    audio_encoder: nn.Module
    tokenizer: PromptTokenizer
    name: str
    folder: Path | None
    digest: str
    licence: str
    window_frames: int
    open_model: Callable[[], MusicgenForConditionalGeneration]

    @cached_property
    def model(self) -> MusicgenForConditionalGeneration:
        """The whole as transformers' model, for comparison; loaded when first asked for."""
        return self.open_model()

    @property
    def channels(self) -> int:
        """1, or 2 for stereo."""
        return self.decoder.channels

    @property
    def codebooks(self) -> int:
        """Of all channels together."""
        return self.decoder.codebooks

    @property
    def sample_rate_hz(self) -> int:
        """Of the codec."""
        config: Any = self.audio_encoder.config
        return int(config.sampling_rate)


def choose_device() -> torch.device:
    """The fastest device that the installed torch can use from several threads at once.

    Apple's is not among them: torch 2.13 aborts when two threads use Metal (https://github.com/pytorch/pytorch/issues/197805),
    and music here is made, decoded and loaded side by side.
    """
    return torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else torch.device("cpu")


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
            None, chosen by what this machine has. The tensors themselves always come in float32 on the CPU.

    Raises:
        CheckpointError: it is missing, pickled, truncated, foreign, or too large for this machine.
    """
    device = device or choose_device()
    precision = precision or choose_precision(device)
    check_precision(device, precision)
    files = find(name)
    size = Size.of(files.name, files.parameters, files.config, files.window_frames)
    check_fits(size, precision, device.type, available_bytes(device))
    decoder, text = DecoderShape.of(files.config), TextShape.of(files.config)
    tensors = StoredTensors(files.weights)
    _check_promise(files.folder, tensors.shapes, (*decoder.tensors(), *text.tensors()))
    try:
        audio_encoder = build_audio_encoder(files.config["audio_encoder"], part(tensors, "audio_encoder"))
    except CheckpointError as error:
        raise CheckpointError(f"{files.folder}: {error}") from error
    _check_pair(files.folder, decoder, audio_encoder.config)
    tokenizer = PromptTokenizer.load(files.folder, text.vocabulary, text.pad_token)
    return Checkpoint(
        decoder=decoder,
        text=text,
        tensors=tensors,
        audio_encoder=audio_encoder,
        tokenizer=tokenizer,
        name=files.name,
        folder=files.folder,
        digest=files.digest,
        licence=files.licence,
        window_frames=files.window_frames,
        open_model=partial(_open_model, files.folder),
    )


def _check_promise(folder: Path, found: Mapping[str, Shape], promised: Iterable[tuple[str, Shape]]) -> None:
    """Hold what the files contain against what the configuration says.

    Raises:
        CheckpointError: tensors are missing or have other shapes.
    """
    missing, unfit = [], []
    for name, shape in promised:
        if name not in found:
            missing.append(name)
        elif found[name] != shape:
            unfit.append(f"{name} is {found[name]}, not {shape}")
    if unfit:
        raise CheckpointError(f"{folder} does not load as a MusicGen ({unfit[0]}): download it again")
    if missing:
        raise CheckpointError(
            f"{folder} lacks {len(missing)} of the model's tensors ({missing[0]} …): download it again"
        )


def _check_pair(folder: Path, decoder: DecoderShape, codec: Any) -> None:
    if decoder.codebooks != codec.num_quantizers * decoder.channels or decoder.codebook_size != codec.codebook_size:
        raise CheckpointError(
            f"{folder} pairs a decoder of {decoder.codebooks} × {decoder.codebook_size} codes with a codec of "
            f"{codec.num_quantizers} × {codec.codebook_size}: choose another model"
        )


def _open_model(folder: Path) -> MusicgenForConditionalGeneration:
    from engine.model.oracle import load_oracle

    return load_oracle(folder)
