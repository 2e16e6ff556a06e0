"""Knobs to offsets: a pure function from a control state and a pack to what is added at each layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.control import ControlState, Law
from engine.errors import ControlError
from engine.steering.pack import Floats, ProbePack


@dataclass(frozen=True)
class Offset:
    """What one layer gets: d = Σ α_g v_g as ``(H,)`` float32, and Σ|α| for the law that divides by it."""

    vector: Floats
    total: float


@dataclass(frozen=True)
class Blend:
    """The offsets of every steered layer; empty when nothing is asked."""

    law: Law
    offsets: dict[int, Offset]


def orthogonalise(directions: Floats) -> Floats:
    """Löwdin's symmetric orthogonalisation of the rows of ``(G, H)``: the orthonormal set nearest to them all.

    V' = (V Vᵀ)^(-1/2) V. No genre is favoured, as Gram–Schmidt would the first. Genres that a probe tells from one another
    share only G − 1 dimensions, since the rows of its W sum to zero; there the pseudo-inverse takes the inverse's place,
    and the set comes out as evenly spread as its room allows: all cosines −1/(G − 1) where the genres are alike.

    Raises:
        ControlError: two directions are the same.
    """
    wide: NDArray[np.float64] = directions.astype(np.float64)
    gram = wide @ wide.T
    lengths = np.sqrt(np.diag(gram))
    if (np.triu(gram / np.outer(lengths, lengths), 1) > 1 - 1e-6).any():
        raise ControlError("these directions cannot be orthogonalised: two of them are the same")
    values, vectors = np.linalg.eigh(gram)
    kept = values > 1e-6 * values[-1]
    root = vectors[:, kept] * values[kept] ** -0.5 @ vectors[:, kept].T
    spread = root @ wide
    return (spread / np.linalg.norm(spread, axis=-1, keepdims=True)).astype(np.float32)


def cross_talk(directions: Floats) -> Floats:
    """Cosines between the rows of ``(G, H)``: what each knob drags along."""
    unit = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    return unit @ unit.T


def blend(control: ControlState, pack: ProbePack) -> Blend:
    """Offsets for a control state: α = knob scale × the knob map's factor at (knob × strength), genre by genre.

    Raises:
        PackError: a genre that the pack lacks.
        ControlError: a layer that the model lacks.
    """
    knobs = np.zeros(len(pack.genres), np.float32)
    for genre, knob in control.blend:
        knobs[pack.index(genre)] += knob
    knobs *= control.strength
    if pack.knob_map is not None:
        knobs[:] = [pack.knob_map.factor(genre, float(knob)) for genre, knob in enumerate(knobs)]
    alphas = knobs * np.float32(pack.defaults.knob_scale)
    law = control.law or pack.defaults.law
    offsets: dict[int, Offset] = {}
    for layer, weight in pack.defaults.layers if control.layers is None else control.layers:
        if not 0 <= layer < pack.model.layers:
            raise ControlError(f"layer {layer} does not exist: the model has layers 0 to {pack.model.layers - 1}")
        directions = orthogonalise(pack.directions[layer]) if control.orthogonal else pack.directions[layer]
        weighted = alphas * np.float32(weight)
        # One at a time: equal directions with opposite knobs cancel exactly.
        vector = np.zeros(pack.model.hidden_size, np.float32)
        for alpha, direction in zip(weighted, directions, strict=True):
            vector += alpha * direction
        if vector.any():
            offsets[layer] = Offset(vector, float(np.abs(weighted).sum()))
    return Blend(law, offsets)
