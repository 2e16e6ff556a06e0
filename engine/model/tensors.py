"""A model's tensors by name, as they lie in its safetensors files: mapped, and read when asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from safetensors import safe_open
from torch import Tensor

from engine.errors import CheckpointError
from engine.model.weights import WeightFile

# T5's table of words has two names; files hold it under either.
TWINS = {
    "text_encoder.shared.weight": "text_encoder.encoder.embed_tokens.weight",
    "text_encoder.encoder.embed_tokens.weight": "text_encoder.shared.weight",
}


class StoredTensors(Mapping[str, Tensor]):
    """The tensors of one or several files as one mapping. Floating-point ones come as float32, on the CPU.

    What comes out may lie in the file's pages: copy what is to outlive the file, or is computed with against the clock.

    Attributes:
        shapes: of all tensors, by name; read off the headers.

    Raises:
        CheckpointError: a file cannot be opened; or, when a tensor is asked for, it holds NaN or an infinity.
    """

    def __init__(self, files: tuple[WeightFile, ...]) -> None:
        self.shapes: dict[str, tuple[int, ...]] = {}
        self._places: dict[str, tuple[Any, str]] = {}  # the open file, and the name in it
        for file in files:
            try:
                opened = safe_open(file.path, framework="pt", device="cpu")
            except Exception as error:  # safetensors' errors and the system's have no common type
                logging.getLogger(__name__).warning("cannot open %s", file.path, exc_info=True)
                raise CheckpointError(f"{file.path} is damaged: download the model again") from error
            self.shapes.update(file.shapes)
            self._places.update((name, (opened, name)) for name in file.shapes)
        for name, twin in TWINS.items():
            if twin in self._places and name not in self._places:
                self._places[name], self.shapes[name] = self._places[twin], self.shapes[twin]

    def __getitem__(self, name: str) -> Tensor:
        file, stored_name = self._places[name]
        tensor: Tensor = file.get_tensor(stored_name)
        if not tensor.is_floating_point():
            return tensor
        tensor = tensor.float()
        if not bool(tensor.sum().isfinite()):  # one pass over what is about to be copied anyway
            raise CheckpointError(f"{name} holds values that are not numbers: download the model again")
        return tensor

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def part(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors below ``name``, under their names there: what a module's ``state_dict`` would be."""
    return {key.removeprefix(f"{name}."): tensors[key] for key in tensors if key.startswith(f"{name}.")}
