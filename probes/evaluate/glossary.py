"""What the words of the tables mean, so that they can be read by themselves."""

from __future__ import annotations

import html
from collections.abc import Mapping

from engine.control import Law
from probes.choose import MORE_FAULTY, MOST_FRECHET, MOST_STRANGENESS
from probes.evaluate.detectors import MOST_SILENCE, SILENT_DBFS
from probes.evaluate.hearing import FAULTS
from probes.evaluate.part import Part
from probes.evaluate.stage import Stage
from probes.fit import Method

LAWS = {
    Law.PRESERVE: "the residual is turned and keeps its norm",
    Law.UNIT: "the paper's Eq. 6 to the letter: the sum is scaled to length one",
    Law.RELATIVE: "a weighted mean of the residual and a direction of its own length",
    Law.ADD: "the direction is added, in multiples of the residual's norm",
}
DIRECTIONS = {
    Method.MSE: "the mean-squared-error probe, shrunk as little as its accuracy wants",
    Method.MSE_1: "the same, shrunk by once the mean eigenvalue of the activations",
    Method.MSE_3: "the same, shrunk by three times that: nearer to what varies most between genres",
    Method.LOGISTIC: "logistic regression",
    Method.DIFFMEAN: "the difference in means: of a genre's activations and of all others'",
    Method.RANDOM: "a random direction of the same norm, another for every piece: what any push does",
}
TERMS = {
    "source": "music that the model made from a genre's name in words, without steering; the arms continue it",
    "arm": "one way to continue the sources; all have the same seeds",
    "unsteered, steered, prompted": "left alone; with the target's knob at 1 and no text; with a text that names both genres",
    "Δ target": "how much more probable the judge finds the target than in the same source left alone, mean over pieces",
    "target": "mean probability of the target",
    "Fréchet ×": "distance of the pieces, as a cloud in the judge's embedding, to the target's music, in multiples of that of "
    "the model's own music of the target; in the sweep, of all pieces to all music, in multiples of the unsteered pieces'",
    "MMD²": "squared maximum mean discrepancy from the target's music, another distance between clouds: 0 where they are alike",
    "strangeness ×": "distance to the third nearest music of any genre, in multiples of that of the model's own of the target",
    "faulty": f"share of pieces that are {', '.join(FAULTS[:-1])} or {FAULTS[-1]}; silent is what stays below "
    f"{SILENT_DBFS:.0f} dBFS for over {MOST_SILENCE:.0%} of the time",
    "nats/frame": "how unlikely the unsteered model finds the tokens of a frame: more is stranger to it, much less is monotony",
    "tempo kept, key kept": "share of pieces whose tempo (or its half or double) and key are estimated as the source's",
    "chroma correlation, melody similarity": "of the mean strength of the twelve pitch classes; and how much of the melodic "
    "course was heard in the source",
    "redline": "the knob past which quality collapses, as an audition on other music found it: more than "
    f"{MORE_FAULTY:.0%} of the pieces faulty that were not unsteered, {MOST_STRANGENESS} × as strange, or {MOST_FRECHET} × as "
    "far from the genre as it had come",
    "at rest, at 1": "mean probability of a knob's genre there",
    "R² without the map, with it": "how straight the mean probability rises with the strength itself, and with the knob, which "
    "the pack's map bends; of pieces: how much of what single pieces do the knob explains",
    "raw, orthogonalised": "directions as they were found, and turned as little as makes them orthogonal (Löwdin)",
    "rank, rank of pieces": "Spearman's correlation of the asked and the heard share: of means over the pieces of each blend, "
    "and of every single piece",
    "distance asked to heard": "half the sum of the absolute differences of shares: 0 as asked, 1 none of it",
    "95 %": "percentile bootstrap intervals of a mean; p: one-sided Wilcoxon signed-rank tests, Holm-corrected",
}


def glossary(stage: Stage) -> Part:
    """The section; plays nothing."""
    words: Mapping[str, str] = {
        "judge": f"what hears genre: “{stage.judge.name}”, of sound alone and never of what the probes read",
        **TERMS,
        **{f"direction `{method.value}`": meaning for method, meaning in DIRECTIONS.items()},
        **{f"law `{law.value}`": meaning for law, meaning in LAWS.items()},
    }
    items = "".join(f"<dt>{html.escape(word)}</dt><dd>{html.escape(meaning)}</dd>" for word, meaning in words.items())
    markdown = "\n".join(f"- **{word}**: {meaning}" for word, meaning in words.items())
    return Part("What the words mean", {}, markdown, f"<dl>{items}</dl>")
