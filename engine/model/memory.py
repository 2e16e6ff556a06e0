"""Will it fit? Answered from file headers, before anything is loaded."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import CheckpointError
from engine.model.precision import Precision

if TYPE_CHECKING:
    import torch

GB = 1e9
# Of the decoder, while it plays. In int8 embeddings and the text's projections stay float32.
BYTES_PER_WEIGHT = {Precision.FP32: 4.0, Precision.INT8: 1.6, Precision.FP16: 2.0, Precision.BF16: 2.0}
FLOAT32_BYTES = 4
# Matrices rearranged for streaming, beside the module that encodes prompts.
CODEC_COPIES = 1.5
# Guidance doubles the rows; the sliding window keeps half as much again ready.
CACHE_ROWS, CACHE_SLACK = 2, 1.5
WORKSPACE_BYTES = 0.3 * GB


@dataclass(frozen=True)
class Size:
    """What of a checkpoint decides its memory: weights of its three models, and the cache's shape."""

    name: str
    decoder: int
    codec: int
    text: int
    layers: int
    hidden: int
    window_frames: int

    @classmethod
    def of(cls, name: str, parameters: Mapping[str, int], config: Mapping[str, Any], window_frames: int) -> Size:
        """From a checkpoint's headers and ``config.json``."""
        decoder, codec = parameters.get("decoder", 0), parameters.get("audio_encoder", 0)
        shape = config.get("decoder", {})
        layers, hidden = shape.get("num_hidden_layers", 24), shape.get("hidden_size", 1024)
        return cls(name, decoder, codec, sum(parameters.values()) - decoder - codec, layers, hidden, window_frames)

    def bytes_in(self, precision: Precision) -> int:
        """Bytes while playing: weights, key-value caches, codec, and room to work."""
        activation_bytes = 2 if precision in (Precision.FP16, Precision.BF16) else FLOAT32_BYTES
        cache = 2 * self.layers * CACHE_ROWS * self.window_frames * self.hidden * activation_bytes * CACHE_SLACK
        others = FLOAT32_BYTES * (self.text + CODEC_COPIES * self.codec)
        return int(self.decoder * BYTES_PER_WEIGHT[precision] + cache + others + WORKSPACE_BYTES)


PUBLISHED = tuple(
    Size(f"facebook/musicgen-{name}", decoder, 59_000_000, 110_000_000, layers, hidden, 1500)
    for name, decoder, layers, hidden in (
        ("large", 3_260_000_000, 48, 2048),
        ("medium", 1_840_000_000, 48, 1536),
        ("small", 420_000_000, 24, 1024),
    )
)


def available_bytes(device: torch.device) -> int:
    """Memory that is free on ``device`` now, torch's own cache with it; on a CPU, what could be freed of file caches too."""
    import torch

    if device.type == "cuda":
        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + cached
    return available_ram_bytes()


def available_ram_bytes() -> int:
    """Main memory that programs could still get."""
    if sys.platform == "win32":
        return _windows_available_bytes()
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        for line in meminfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    # macOS does not say what it could free; most of it is file cache.
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4


def _windows_available_bytes() -> int:
    class MemoryStatus(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "available", "t1", "a1", "t2", "a2", "extended")),
        )

    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status.available)


def check_fits(size: Size, precision: Precision, device_type: str, free_bytes: int) -> None:
    """Refuse what would not fit.

    Raises:
        CheckpointError: with what is needed, what is free, and what would fit instead.
    """
    needed = size.bytes_in(precision)
    if needed <= free_bytes:
        return
    advice = next(_that_fit(size, precision, device_type, free_bytes), "close other programs, or use pocket")
    raise CheckpointError(
        f"{size.name} needs {needed / GB:.1f} GB in {precision}, and {free_bytes / GB:.1f} GB are free on the "
        f"{device_type}: {advice}"
    )


def _that_fit(size: Size, precision: Precision, device_type: str, free_bytes: int) -> Iterator[str]:
    """What would fit, nearest to the wish first."""
    lean = Precision.INT8 if device_type == "cpu" else Precision.FP16
    if size.bytes_in(lean) <= free_bytes:
        yield f"use --dtype {lean} ({size.bytes_in(lean) / GB:.1f} GB)"
    for other in PUBLISHED:
        if other.decoder < size.decoder and other.bytes_in(lean) <= free_bytes:
            yield f"{other.name} in {lean} would fit ({other.bytes_in(lean) / GB:.1f} GB)"
