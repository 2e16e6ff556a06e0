"""A pack's own account of itself, line by line. What stands in its provenance is free-form, and may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.steering.pack import ProbePack
from gui.lab.findings import percent


def pack_facts(pack: ProbePack) -> list[tuple[str, str]]:
    """(what, value) pairs, in the order in which they matter."""
    facts = [("Made for", f"{pack.model.name}, {pack.model.layers} layers"), ("Knobs", ", ".join(pack.genres))]
    defaults, provenance = pack.defaults, pack.provenance
    added = provenance.get("added")
    for knob in added if isinstance(added, list) else []:
        about = _mapping(knob)
        auc, clips = _number(about.get("auc")), _number(about.get("clips"))
        if auc is not None and clips is not None:
            facts.append((f"Added: {about.get('name')}", f"from {clips:.0f} clips, told apart with AUC {auc:.2f}"))
    facts.append(("Pushes", f"{defaults.where}, law {defaults.law}, α {defaults.knob_scale:.2f} at a knob of 1"))
    chosen = {"effect": "by effect: played and judged by ear", "accuracy": "by held-out accuracy, as in the paper"}
    if (rule := chosen.get(str(provenance.get("rule")))) is not None:
        facts.append(("Chosen", rule))
    effect = _mapping(provenance.get("effect"))
    if (delta := _number(effect.get("delta"))) is not None:
        share = _number(effect.get("target_share"))
        facts.append(("A knob at 1", f"raises its genre by {delta:.2f}" + (f", to {share:.2f}" if share else "")))
    if (accuracy := _number(provenance.get("held_out_accuracy"))) is not None:
        styles = _number(provenance.get("held_out_style_accuracy"))
        facts.append(
            ("Held out", f"{percent(accuracy)} of songs" + (f", {percent(styles)} of new styles" if styles else ""))
        )
    if corpus := _corpus(provenance):
        facts.append(("Learnt from", corpus))
    facts.append(("Redline", ", ".join(f"{g} {r:.2f}" for g, r in zip(pack.genres, pack.redline, strict=True))))
    return facts


def _corpus(provenance: Mapping[str, Any]) -> str:
    words = str(provenance.get("corpus", ""))
    counts = {split: count for split, value in _mapping(provenance.get("clips")).items() if (count := _number(value))}
    fitted = counts.pop("train", None)
    parts = [words, f"{fitted:.0f} clips" if fitted else ""]
    if fitted and counts:
        parts.append(f"{sum(counts.values()):.0f} more held out")
    if seconds := _number(provenance.get("seconds")):
        parts.append(f"{seconds / 60:.0f} minutes in all")
    return ", ".join(part for part in parts if part)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
