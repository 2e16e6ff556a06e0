"""A training as plain facts: what ``--json`` tells of it, layer by layer and at its end."""

from __future__ import annotations

import numpy as np

from engine.errors import ControlError
from engine.steering.blend import cross_talk, orthogonalise
from engine.steering.pack import Floats
from probes.analyse import Finding
from probes.fit import Method
from probes.score import Accuracy
from probes.train import Training


def finding_facts(finding: Finding) -> dict[str, object]:
    """What is told of a layer; None where there were no clips to tell it by."""

    def share(accuracy: Accuracy) -> float | None:
        return accuracy.share if accuracy.count else None

    return {
        "layer": finding.layer,
        "left_out_accuracy": finding.chosen_by.share,
        "accuracy": finding.accuracy.share,
        "ci_low": finding.accuracy.interval[0],
        "ci_high": finding.accuracy.interval[1],
        "style_accuracy": share(finding.style),
        "last_token_accuracy": share(finding.last),
        "ari": finding.clustering.ari,
        "nmi": finding.clustering.nmi,
        "jaccard": finding.clustering.jaccard.tolist(),
        "confusion": finding.confusion.tolist(),
        "cross_talk": cross_talk(finding.probes[Method.MSE].directions.astype(np.float32)).tolist(),
    }


def _orthogonal_cross_talk(directions: Floats) -> list[list[float]] | None:
    """Cosines of the same directions once they are orthogonalised; None where they cannot be."""
    try:
        return cross_talk(orthogonalise(directions)).tolist()
    except ControlError:
        return None


def training_facts(training: Training) -> dict[str, object]:
    """The keys of ``segue probe train --json``, but for the pack's path."""
    best, choice, defaults = training.best, training.choice, training.pack.defaults
    directions = training.pack.directions[defaults.layers[0][0]]
    out: dict[str, object] = {
        "clips": len(training.recording.clips),
        "skipped": list(training.recording.skipped),
        "seconds": sum(clip.seconds for clip in training.recording.clips),
        "genres": list(training.pack.genres),
        "layers": [finding_facts(finding) for finding in training.findings],
        "best_layer": best.layer,
        "best_accuracy": best.accuracy.share,
        "held_out_style_accuracy": best.style.share,
        "default_layer": defaults.layers[0][0],
        "default_layers": [layer for layer, _ in defaults.layers],
        "default_law": defaults.law.value,
        "knob_scale": defaults.knob_scale,
        "method": training.pack.method,
        "cross_talk": cross_talk(directions).tolist(),
        "cross_talk_orthogonal": _orthogonal_cross_talk(directions),
        "ear": {
            "accuracy": training.lesson.original.share,
            "passthrough_accuracy": training.lesson.passthrough.share,
        },
        "redline": dict(zip(training.pack.genres, training.pack.redline.tolist(), strict=True)),
    }
    if choice is not None:
        out["layers_by_effect"] = list(choice.layers)
        out["effect_by_layer"] = [
            {"layer": layer, "delta": effect.delta, "frechet": effect.frechet}
            for layer, effect in zip(choice.layers, choice.by_layer, strict=True)
        ]
        out["effect"] = {
            "delta": choice.effect.delta,
            "target_share": choice.effect.share,
            "frechet": choice.effect.frechet,
        }
        out["knobs"] = {
            genre: dict(
                zip(("factors", "knobs", "heard"), map(np.ndarray.tolist, choice.answer(row, genre)), strict=True)
            )
            | dict(zip(("r2_before", "r2_after"), choice.straightness(row, genre), strict=True))
            for row, genre in enumerate(training.pack.genres)
        }
    return out
