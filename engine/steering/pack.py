"""A probe pack: genre directions for every layer of one model, with where they came from. Safetensors with JSON metadata."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.control import Law
from engine.errors import PackError
from engine.steering.knob_map import KnobMap

#: 2 has a knob map. A pack without one is written as 1: its digest, by which takes name it, stays what it was.
PLAIN_VERSION, MAPPED_VERSION = 1, 2
#: a checkpoint's own pack lies beside its weights under this name
PACK_NAME = "probes.safetensors"
MAX_BYTES = 256 * 1024 * 1024
MAX_STRENGTH = 100.0
MAX_KNOB_NAME = 40  # characters
KNOB_MAP = "knob_map"  # (2, G, P): knobs, factors

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ModelIdentity:
    """What a pack was made for: the name is told, the digest and the shapes decide."""

    name: str
    digest: str
    layers: int
    hidden_size: int


@dataclass(frozen=True)
class PackDefaults:
    """The setting at which a knob at 1.0 is the strongest that keeps quality."""

    layers: tuple[tuple[int, float], ...]
    law: Law = Law.PRESERVE
    knob_scale: float = 1.0  # α of the law at knob 1.0, whatever the knob map

    @property
    def where(self) -> str:
        """The layers in words: “layer 7”, “layers 4, 5 and 7”."""
        return layers_named([layer for layer, _ in self.layers])

    def shared_among(self, layers: Iterable[int]) -> tuple[tuple[int, float], ...]:
        """Weights for a choice of other layers: they share this pack's total weight evenly, so that choosing more layers, or
        fewer, does not push harder; the pack's own layers keep the weights that the pack gives them.
        """
        chosen = sorted(set(layers))
        if chosen == sorted(layer for layer, _ in self.layers):
            return self.layers
        total = sum(weight for _, weight in self.layers)
        return tuple((layer, total / len(chosen)) for layer in chosen)


def layers_named(layers: Sequence[int]) -> str:
    """One layer or more in words: “layer 7”, “layers 4, 5 and 7”."""
    *first, last = map(str, layers)
    return f"layers {', '.join(first)} and {last}" if first else f"layer {last}"


@dataclass(frozen=True)
class ProbePack:
    """Directions and readouts of G genres at L layers of a model of width H.

    Attributes:
        directions: ``(L, G, H)`` float32, unit length.
        readout: ``(L, G, H)`` and
        readout_bias: ``(L, G)``: logits of «what the model hears» from a residual that has been averaged over some frames.
        accuracy: ``(L,)`` held-out accuracy of the probe.
        redline: ``(G,)`` the knob past which quality collapses.
        method: how the directions were fitted; provenance: the corpus and figures, free-form JSON.
        meter_layer: where the readout is taken while playing.
        knob_map: what a knob does to its α; None where α is in proportion to the knob.
    """

    model: ModelIdentity
    genres: tuple[str, ...]
    directions: Floats
    readout: Floats
    readout_bias: Floats
    accuracy: Floats
    redline: Floats
    defaults: PackDefaults
    meter_layer: int
    method: str
    provenance: dict[str, Any] = field(default_factory=dict)
    knob_map: KnobMap | None = None

    def __post_init__(self) -> None:
        layers, genres, hidden = self.model.layers, len(self.genres), self.model.hidden_size
        shapes = {
            "directions": (layers, genres, hidden),
            "readout": (layers, genres, hidden),
            "readout_bias": (layers, genres),
            "accuracy": (layers,),
            "redline": (genres,),
        }
        named = all(isinstance(genre, str) and genre for genre in self.genres)
        if not named or not 0 < genres == len(set(self.genres)):
            raise PackError("the pack names no genres, or one twice: make it again with `segue probe train`")
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.float32:
                raise PackError(
                    f"the pack's {name} are {array.dtype} {array.shape} instead of float32 {shape}: make it again"
                )
            if not np.isfinite(array).all():
                raise PackError(f"the pack's {name} hold values that are not numbers: make it again")
        if not np.allclose(np.linalg.norm(self.directions, axis=-1), 1.0, atol=1e-4):
            raise PackError("the pack's directions are not of unit length: make it again with `segue probe train`")
        if any(not 0 <= layer < layers for layer, _ in self.defaults.layers) or not 0 <= self.meter_layer < layers:
            raise PackError(f"the pack's default layers do not exist in a model of {layers} layers: make it again")
        strengths = [self.defaults.knob_scale, *(weight for _, weight in self.defaults.layers)]
        if not all(math.isfinite(strength) and abs(strength) <= MAX_STRENGTH for strength in strengths):
            raise PackError("the pack's default strengths cannot be played: make it again with `segue probe train`")
        if self.knob_map is not None and len(self.knob_map.knobs) != genres:
            raise PackError(
                f"the pack's knob map is of {len(self.knob_map.knobs)} genres instead of {genres}: make it again"
            )

    def check_fits(self, model: ModelIdentity) -> None:
        """Refuse a model that the directions were not fitted on.

        Raises:
            PackError: other shapes, or another checkpoint.
        """
        if (self.model.layers, self.model.hidden_size) != (model.layers, model.hidden_size):
            raise PackError(
                f"the pack is for {self.model.name} ({self.model.layers} layers × {self.model.hidden_size}), the model "
                f"{model.name} has {model.layers} × {model.hidden_size}: choose a pack made for it, or run `segue probe train`"
            )
        if self.model.digest != model.digest:
            raise PackError(
                f"the pack was made on other weights of {self.model.name}: choose the one made for {model.name}, "
                "or run `segue probe train`"
            )

    def index(self, genre: str) -> int:
        """Row of a genre.

        Raises:
            PackError: the pack does not know it.
        """
        try:
            return self.genres.index(genre)
        except ValueError:
            raise PackError(f"no genre '{genre}' in this pack: it has {', '.join(self.genres)}") from None

    @property
    def digest(self) -> str:
        """Names the pack's content."""
        hasher = hashlib.sha256(json.dumps(self._header(), sort_keys=True).encode())
        for array in self._tensors().values():
            hasher.update(array.tobytes())
        return hasher.hexdigest()

    def _tensors(self) -> dict[str, Floats]:
        names = ("directions", "readout", "readout_bias", "accuracy", "redline")
        tensors = {name: np.ascontiguousarray(getattr(self, name)) for name in names}
        if self.knob_map is not None:
            tensors[KNOB_MAP] = np.stack([self.knob_map.knobs, self.knob_map.factors])
        return tensors

    def _header(self) -> dict[str, Any]:
        return {
            "format_version": PLAIN_VERSION if self.knob_map is None else MAPPED_VERSION,
            "model": asdict(self.model),
            "genres": list(self.genres),
            "defaults": {
                "layers": [[layer, float(weight)] for layer, weight in self.defaults.layers],
                "law": self.defaults.law.value,
                "knob_scale": float(self.defaults.knob_scale),
            },
            "meter_layer": self.meter_layer,
            "method": self.method,
            "provenance": self.provenance,
        }

    def save(self, path: Path) -> None:
        """Write the pack whole or not at all. The caller has asked before replacing a file.

        Raises:
            PackError: the file cannot be written.
        """
        part = path.with_name(path.name + ".part")
        try:
            save_file(self._tensors(), part, metadata={"segue.pack": json.dumps(self._header())})
            os.replace(part, path)
        except (OSError, SafetensorError) as error:
            part.unlink(missing_ok=True)
            raise PackError(f"{path} cannot be written ({error}): choose another place") from None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check a pack.

        Raises:
            PackError: missing, not a pack, damaged, or of another format version.
        """
        if not os.path.isfile(path):
            raise PackError(f"no probe pack at {path}: give the path of a .safetensors pack")
        if path.stat().st_size > MAX_BYTES:
            raise PackError(f"{path} is too large to be a probe pack: give the path of a .safetensors pack")
        try:
            with safe_open(path, "numpy") as file:
                header = json.loads((file.metadata() or {})["segue.pack"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        except (SafetensorError, OSError, KeyError, ValueError, TypeError, RecursionError):
            raise PackError(f"{path} is not a probe pack: make one with `segue probe train`") from None
        try:
            version = header["format_version"]
            if version not in (PLAIN_VERSION, MAPPED_VERSION):
                raise PackError(
                    f"{path} has pack format {version}, this program reads {PLAIN_VERSION} and {MAPPED_VERSION}"
                )
            defaults = header["defaults"]
            curves = tensors.pop(KNOB_MAP) if version == MAPPED_VERSION else None
            return cls(
                model=ModelIdentity(**header["model"]),
                genres=tuple(header["genres"]),
                defaults=PackDefaults(
                    layers=tuple((int(n), float(w)) for n, w in defaults["layers"]),
                    law=Law(defaults["law"]),
                    knob_scale=float(defaults["knob_scale"]),
                ),
                meter_layer=int(header["meter_layer"]),
                method=str(header["method"]),
                provenance=dict(header["provenance"]),
                knob_map=None if curves is None else KnobMap(*curves),
                **tensors,
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise PackError(f"{path} is a damaged probe pack ({error}): make it again") from None
