"""Safetensors files as they lie on disk: header, sizes, identity. Never unpickles, never loads torch."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import CheckpointError

PICKLED_SUFFIXES = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".msgpack", ".h5"}
INDEX_NAME = "model.safetensors.index.json"
MAX_HEADER_BYTES = 100_000_000
# Weights of another training of the same architecture differ everywhere, so a few blocks tell them apart.
SAMPLED_BLOCKS, BLOCK_BYTES = 64, 4096


@dataclass(frozen=True)
class WeightFile:
    """One safetensors file whose header is sound and whose length agrees with it."""

    path: Path
    shapes: Mapping[str, tuple[int, ...]]
    header: bytes
    size_bytes: int

    @classmethod
    def open(cls, path: Path) -> WeightFile:
        """Read and check the header.

        Raises:
            CheckpointError: a pickle, another format, or truncated.
        """
        try:
            size_bytes = path.stat().st_size
            with path.open("rb") as file:
                prefix = file.read(8)
                length = int.from_bytes(prefix, "little")
                sound = 2 <= length <= min(MAX_HEADER_BYTES, size_bytes - 8)
                header = file.read(length) if sound else b""
        except OSError as error:
            raise CheckpointError(
                f"{path} cannot be read ({error.strerror}): check the folder, or get it again"
            ) from error
        if prefix[:2] in (b"PK", b"\x80\x02", b"\x80\x04"):
            raise CheckpointError(
                f"{path} is a pickle, which could run code and is never loaded: use its safetensors version"
            )
        if size_bytes < 10:
            raise CheckpointError(f"{path} is empty or truncated: download the model again")
        try:
            entries = json.loads(header)
            entries.pop("__metadata__", None)
            shapes = {name: tuple(map(int, entry["shape"])) for name, entry in entries.items()}
            end = max((int(entry["data_offsets"][1]) for entry in entries.values()), default=0)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError) as error:
            raise CheckpointError(f"{path} is not a safetensors file: download the model again") from error
        if end != size_bytes - 8 - length:
            wanted = end + 8 + length
            raise CheckpointError(
                f"{path} is truncated or damaged ({size_bytes} of {wanted} bytes): download the model again"
            )
        return cls(path, shapes, header, size_bytes)

    def update(self, hasher: hashlib._Hash) -> None:
        """Feed the header, the length, and blocks spread evenly over the data to ``hasher``."""
        hasher.update(self.header)
        hasher.update(self.size_bytes.to_bytes(8, "little"))
        with self.path.open("rb") as file:
            begin = 8 + len(self.header)
            for block in range(SAMPLED_BLOCKS):
                file.seek(begin + (self.size_bytes - begin) * block // SAMPLED_BLOCKS)
                hasher.update(file.read(BLOCK_BYTES))


def find_weights(folder: Path) -> tuple[WeightFile, ...]:
    """The weights of a model folder: one file, or the shards that an index names.

    Raises:
        CheckpointError: there are none, they are only pickled, or one is missing or damaged.
    """
    single = folder / "model.safetensors"
    if os.path.exists(single):
        return (WeightFile.open(single),)
    index = folder / INDEX_NAME
    if os.path.exists(index):
        names = sorted(set(_weight_map(index).values()))
        missing = [name for name in names if Path(name).name != name or not os.path.exists(folder / name)]
        if missing:
            raise CheckpointError(f"{folder} lacks {missing[0]}: its download is incomplete, get it again")
        return tuple(WeightFile.open(folder / name) for name in names)
    try:
        pickled = sorted(name for name in os.listdir(folder) if Path(name).suffix in PICKLED_SUFFIXES)
    except OSError as error:
        raise CheckpointError(f"{folder} cannot be read ({error.strerror}): change its permissions") from error
    if pickled:
        raise CheckpointError(
            f"{folder} holds only pickled weights ({pickled[0]}), which could run code and are never loaded: "
            "use the model's safetensors version"
        )
    raise CheckpointError(f"{folder} holds no model.safetensors: its download is incomplete, or it is not a model")


def _weight_map(index: Path) -> Mapping[str, str]:
    try:
        names = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        if not names or not all(isinstance(x, str) for x in names.values()):
            raise ValueError("no shards")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{index} is damaged: download the model again") from error
    return names


def parameters_by_part(weights: tuple[WeightFile, ...]) -> dict[str, int]:
    """Number of stored values per first word of the tensors' names: decoder, text_encoder, audio_encoder, …"""
    parts: dict[str, int] = {}
    for file in weights:
        for name, shape in file.shapes.items():
            part = name.partition(".")[0]
            parts[part] = parts.get(part, 0) + math.prod(shape)
    return parts
