"""What is known of a model's layers, from a run that is under way, from its result, or from a pack; and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.errors import ControlError
from engine.steering.blend import cross_talk, orthogonalise
from engine.steering.pack import ProbePack, layers_named

Matrix = NDArray[np.float64]

ALIKE = 0.02  # cosines


@dataclass(frozen=True, eq=False)
class LayerFinding:
    """One layer; None is not known.

    Attributes:
        accuracy: share of held-out songs whose genre the probe tells; interval: of that, at 95 %.
        styles: the same on sub-styles that were held out; last_token: by a probe that reads the last token alone.
        ari, nmi: of k-means clusters against the genres.
        jaccard: clusters × genres, the best match on the diagonal. confusion: counts, row true, column told.
        cross_talk: cosines of the directions; orthogonal: of the same after they have been orthogonalised.
    """

    layer: int
    accuracy: float
    interval: tuple[float, float] | None = None
    styles: float | None = None
    last_token: float | None = None
    ari: float | None = None
    nmi: float | None = None
    jaccard: Matrix | None = None
    confusion: Matrix | None = None
    cross_talk: Matrix | None = None
    orthogonal: Matrix | None = None

    @classmethod
    def told(cls, facts: Mapping[str, Any]) -> Self:
        """As ``segue probe train`` tells it."""
        return cls(
            int(facts["layer"]),
            float(facts["accuracy"]),
            (float(facts["ci_low"]), float(facts["ci_high"])),
            facts["style_accuracy"],
            facts["last_token_accuracy"],
            float(facts["ari"]),
            float(facts["nmi"]),
            *(np.array(facts[name], np.float64) for name in ("jaccard", "confusion", "cross_talk")),
        )


@dataclass(frozen=True, eq=False)
class Findings:
    """All layers that are known so far.

    Attributes:
        steered: the layers that the knobs push, once that is decided.
        effects: by how much a knob raises its genre's probability when it pushes a layer: (layer, rise), best first.
    """

    genres: tuple[str, ...] = ()
    layers: tuple[LayerFinding, ...] = ()
    steered: tuple[int, ...] = ()
    effects: tuple[tuple[int, float], ...] = ()

    def with_told(self, told: Mapping[str, Any]) -> Findings:
        """One more layer, from a line of a run."""
        return Findings(tuple(told["genres"]), (*self.layers, LayerFinding.told(told["finding"])))

    @classmethod
    def of_result(cls, result: Mapping[str, Any]) -> Self:
        """What a run ended with."""
        return cls(
            tuple(result["genres"]),
            tuple(LayerFinding.told(facts) for facts in result["layers"]),
            tuple(map(int, result["default_layers"])),
            tuple((int(each["layer"]), float(each["delta"])) for each in result.get("effect_by_layer", ())),
        )

    @classmethod
    def of_pack(cls, pack: ProbePack, run: Findings | None = None) -> Findings:
        """What a pack itself knows, beside what the run that made it found."""
        run = cls() if run is None else run
        layers = [
            replace(
                run.at(layer) or LayerFinding(layer, float(pack.accuracy[layer])),
                cross_talk=cross_talk(directions).astype(np.float64),
                orthogonal=_orthogonal(directions),
            )
            for layer, directions in enumerate(pack.directions)
        ]
        return cls(
            pack.genres, tuple(layers), tuple(layer for layer, weight in pack.defaults.layers if weight), run.effects
        )

    @property
    def best(self) -> LayerFinding:
        """The paper's rule: the highest held-out accuracy; of equals, the one that also knows new styles."""
        return max(self.layers, key=lambda finding: (finding.accuracy, finding.styles or 0.0))

    @property
    def most_clustered(self) -> LayerFinding | None:
        """Where clusters follow genres most."""
        known = [finding for finding in self.layers if finding.ari is not None]
        return max(known, key=lambda finding: finding.ari or 0.0, default=None)

    def at(self, layer: int) -> LayerFinding | None:
        """One layer, if it is known."""
        return next((finding for finding in self.layers if finding.layer == layer), None)


def _orthogonal(directions: NDArray[np.float32]) -> Matrix | None:
    try:
        return cross_talk(orthogonalise(directions)).astype(np.float64)
    except ControlError:
        return None


# In words: beside each plot, and for those who cannot see it.


def layers_in_words(findings: Findings) -> str:
    """What the curves show."""
    if not findings.layers:
        return "Nothing has been analysed yet."
    best, clustered = findings.best, findings.most_clustered
    words = f"Layer {best.layer} knows genre best: {percent(best.accuracy)} of held-out songs"
    if best.interval is not None:
        words += f" (95 % interval {percent(best.interval[0])} to {percent(best.interval[1])})"
    words += f"; chance is {percent(1 / max(len(findings.genres), 1))}."
    if best.styles is not None:
        words += f" On styles it never met: {percent(best.styles)}."
    if clustered is not None:
        words += (
            f" Unasked, clusters follow genres most at layer {clustered.layer}: "
            f"ARI {clustered.ari:.2f}, NMI {clustered.nmi:.2f}."
        )
    if findings.steered:
        words += f" The knobs push {layers_named(findings.steered)}."
    return words


def jaccard_in_words(jaccard: Matrix, genres: Sequence[str]) -> str:
    """How well the clusters match."""
    shares = np.diag(jaccard)
    best, worst = int(shares.argmax()), int(shares.argmin())
    return (
        f"The cluster nearest to {genres[best]} is {percent(shares[best])} the same music, "
        f"that nearest to {genres[worst]} {percent(shares[worst])}."
    )


def confusion_in_words(counts: Matrix, genres: Sequence[str]) -> str:
    """The commonest mistake."""
    wrong = counts - np.diag(np.diag(counts))
    true, told = divmod(int(wrong.argmax()), len(genres))
    if not wrong[true, told]:
        return f"No mistake among {int(counts.sum())} held-out clips."
    of = int(counts[true].sum())
    return f"Mistaken most often: {genres[true]} for {genres[told]}, {int(wrong[true, told])} of {of} clips."


def cross_talk_in_words(cosines: Matrix, genres: Sequence[str]) -> str:
    """Which knobs drag which along, and which push which away."""
    if len(genres) < 2:
        return ""
    pairs = [(float(cosines[i, j]), genres[i], genres[j]) for i in range(len(genres)) for j in range(i)]
    high, low = max(pairs), min(pairs)
    if high[0] - low[0] < ALIKE:
        return f"No two knobs are nearer to each other than any others ({signed(high[0])})."
    return (
        f"Nearest to each other: {high[2]} and {high[1]} ({signed(high[0])}). "
        f"Farthest apart: {low[2]} and {low[1]} ({signed(low[0])})."
    )


def effects_in_words(effects: Sequence[tuple[int, float]]) -> str:
    """Which layer moves the music most."""
    (first, rise), *others = effects
    words = f"Pushing layer {first} raises a genre's probability by {rise:.2f}"
    return words + (f", layer {others[0][0]} by {others[0][1]:.2f}." if others else ".")


def percent(share: float) -> str:
    """With a space that does not break."""
    return f"{100 * share:.0f}\u00a0%"


def signed(value: float) -> str:
    """With a sign that can be told from a hyphen."""
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "−")
