"""Transitions told: the paper's Table I with what it lacks beside it, curves over the knob, and every cell to listen to."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from probes.background import Background
from probes.evaluate.charts import Figure, Line, line_chart
from probes.evaluate.judges.open import EAR
from probes.evaluate.kept import Preserved
from probes.evaluate.page import audio, html_table, markdown_table, number
from probes.evaluate.part import Check, Part
from probes.evaluate.stage import Stage
from probes.evaluate.statistics import Mean
from probes.evaluate.transitions import (
    DIFFMEAN,
    LEFT_ALONE,
    PROMPTED,
    RANDOM,
    STEERED,
    STRENGTHS,
    Arm,
    Transition,
    diffmean_directions,
    hear_transitions,
    knob_arm,
    pooled,
)

LEAST_SHARE, MOST_FRECHET, SURE = 0.6, 1.5, 0.05
ARM_HEAD = ("arm", "Δ target [95 %]", "target", "Fréchet ×", "MMD²", "strangeness ×", "faulty", "nats/frame")
KEPT_HEAD = ("arm", "tempo kept", "key kept", "chroma correlation", "melody similarity")
BY_CHANCE, CHANGE = "unsteered, another's source", "steered − unsteered [95 %]"
KEPT_OF_ALL = "What is kept of the sources, all transitions together:"


def transitions(stage: Stage, pairs: Sequence[tuple[str, str]], background: Background | None) -> Part:
    """The section: plays, counts and tells.

    Args:
        background: the corpus sample beside the pack, for the difference in means; without it that arm is left out.
    """
    diffmean = None if background is None else diffmean_directions(stage.pack, background)
    heard = hear_transitions(stage, pairs, diffmean)
    costs = {name: pooled(stage, heard, name) for name in heard[0].arms} if stage.samples > 1 else {}
    drawn = charts(heard)
    markdown = "\n\n".join(
        [
            *reading(stage),
            markdown_table(*table_1(heard)),
            KEPT_OF_ALL,
            markdown_table(*kept_of_all(heard)),
            *(f"### {name(t)}\n\n{markdown_table(*arm_rows(t))}\n\n{markdown_table(*kept_rows(t))}" for t in heard),
        ]
    )
    page = "\n".join(
        [
            *(f"<p>{html.escape(line)}</p>" for line in reading(stage)),
            html_table(*table_1(heard)),
            f'<div class="charts">{"".join(drawn.values())}</div>',
            f"<p>{KEPT_OF_ALL}</p>{html_table(*kept_of_all(heard))}",
            *(f"<h3>{html.escape(name(t))}</h3>{listening(stage, t)}{html_table(*kept_rows(t))}" for t in heard),
        ]
    )
    facts: dict[str, object] = {
        "transitions": [transition_facts(transition) for transition in heard],
        "reference": stage.reference_name,
        "quality_of_all_transitions": costs,
        "preserved_change": {kept: asdict(mean) for kept, mean in change_of_all(heard).items()},
    }
    return Part("Transitions", facts, markdown, page, drawn, verdicts(heard, costs.get(STEERED, float("nan"))))


def name(transition: Transition) -> str:
    """``classical → electronic``."""
    return f"{transition.source} → {transition.target}"


def reading(stage: Stage) -> list[str]:
    """How to read the tables."""
    chose = stage.judge.name == EAR and stage.pack.provenance.get("rule") == "effect"
    return [
        f"Δ is the rise of the probability of the target, as the judge “{stage.judge.name}” hears it, over the same source "
        f"continued unsteered; {stage.samples} sources of each genre, which the model made from text and which are continued "
        "from the same tokens with the same seeds. Only what is new is judged, all equally loud. Brackets: 95 % bootstrap "
        "intervals. p: one-sided Wilcoxon signed-rank tests of the steered arm, Holm-corrected for all transitions together."
        + (
            " The same ear chose layer, law and strength, on other music; CLAP would be a judge of its own."
            if chose
            else ""
        ),
        f"Quality: Fréchet distance to the target's music ({stage.reference_name}), in multiples of that of the model's own "
        "music of the target: as many pieces, as long, the target's sources continued unsteered. At 1 steered music is as near "
        "to the genre as the model comes when nothing steers it; what stays in the source's genre is far, and so is what has "
        "fallen apart, or whose pieces are more alike than the genre's. MMD² is a second distance to the same music, as it is; "
        "strangeness: distance to the third nearest music of any genre, again in multiples of the model's own of the target; "
        "nats: what a frame costs the unsteered model. Where a piece is silent nothing is heard: its probabilities are even.",
        "What is kept of the source: tempo (or its half or double), key, correlation of the mean chroma, and how much of the "
        "melodic course was heard in the source. All are estimates from short stretches: what the unsteered continuation "
        "keeps is the yardstick, what it shares with the sources of others is chance; brackets hold 95 % of the bootstrapped "
        "mean differences between the same sources steered and unsteered.",
    ]


def table_1(heard: Sequence[Transition]) -> tuple[list[str], list[list[str]]]:
    """Δ of the arms that the paper compares, and of the controls it lacks."""
    arms = [arm for arm in (STEERED, PROMPTED, RANDOM, DIFFMEAN) if arm in heard[0].arms]
    head = ["transition", *(f"Δ {arm}" for arm in arms), "target at knob 1", "Fréchet ×"]
    head += ["p steered > 0", "p > random", "p > prompted"]
    rows = []
    for transition in heard:
        steered = transition.arms[STEERED]
        row = [name(transition), *(str(transition.arms[arm].delta) for arm in arms)]
        row += [f"{steered.share:.2f}", number(steered.quality, ".2f")]
        row += [p_words(transition.p_values[rival]) for rival in (LEFT_ALONE, RANDOM, PROMPTED)]
        rows.append(row)
    return head, rows


def p_words(value: float) -> str:
    """Four digits are enough."""
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"


def verdicts(heard: Sequence[Transition], cost: float) -> list[Check]:
    """What the evaluation is held against, and whether it was reached.

    Args:
        cost: of all steered pieces together.
    """
    beaten = {rival: {name(t): t.p_values[rival] < SURE for t in heard} for rival in (LEFT_ALONE, RANDOM)}
    return [
        Check.every(beaten[LEFT_ALONE], f"steered Δ > 0 in every transition (p < {SURE}, corrected)"),
        Check.every(beaten[RANDOM], f"steered Δ > random in every transition (p < {SURE}, corrected)"),
        Check.every(
            {name(t): t.arms[STEERED].delta.value >= t.arms[PROMPTED].delta.value for t in heard},
            "steered Δ ≥ prompted in every transition (means)",
        ),
        Check.every(
            {name(t): t.arms[STEERED].share >= LEAST_SHARE for t in heard},
            f"probability of the target ≥ {LEAST_SHARE} at a knob of 1 in every transition",
        ),
        Check(
            f"Fréchet distance of all steered pieces together to all music ≤ {MOST_FRECHET} × unsteered "
            f"({number(cost, '.2f')})",
            cost <= MOST_FRECHET,
        ),
        Check.every(
            {name(t): t.arms[STEERED].quality <= MOST_FRECHET for t in heard},
            f"Fréchet distance of steered pieces to the target's music ≤ {MOST_FRECHET} × that of the model's own music of "
            "the target in every transition",
        ),
    ]


def arm_rows(transition: Transition) -> tuple[Sequence[str], list[list[str]]]:
    """Every arm's effect and cost, and last what they are measured by."""
    own = transition.own
    yardstick = [f"{transition.target} of its own", "–", f"{own.share:.2f}", number(own.frechet / own.frechet, ".2f")]
    yardstick += [number(own.mmd, ".3f"), "1.00", f"{own.faulty:.0%}", f"{own.nats:.2f}"]
    rows = [
        [
            arm.name,
            "–" if arm.name == LEFT_ALONE else str(arm.delta),
            f"{arm.share:.2f}",
            number(arm.quality, ".2f"),
            number(arm.mmd, ".3f"),
            f"{arm.strangeness:.2f}",
            f"{arm.faulty:.0%}",
            f"{arm.nats:.2f}",
        ]
        for arm in transition.arms.values()
    ]
    return ARM_HEAD, [*rows, yardstick]


def kept_rows(transition: Transition) -> tuple[Sequence[str], list[list[str]]]:
    """What the arms keep of the source; the unsteered continuation is the yardstick, the sources of others are chance."""
    kept = {arm.name: arm.preserved for arm in transition.arms.values()}
    kept[BY_CHANCE] = transition.chance
    change = transition.arms[STEERED].preserved.over(transition.arms[LEFT_ALONE].preserved)
    return KEPT_HEAD, [
        *([arm, *preserved_cells(each)] for arm, each in kept.items()),
        [CHANGE, *map(str, change.values())],
    ]


def preserved_cells(kept: Preserved) -> list[str]:
    """Means, in the order of :data:`KEPT_HEAD`."""
    forms = (".0%", ".0%", ".2f", ".2f")
    return [number(mean, form) for mean, form in zip(kept.means.values(), forms, strict=True)]


def of_all(heard: Sequence[Transition], arm: str) -> Preserved:
    """What an arm keeps, pieces of all transitions."""
    return Preserved.joined([transition.arms[arm].preserved for transition in heard])


def change_of_all(heard: Sequence[Transition]) -> dict[str, Mean]:
    """How much more of its sources steered music keeps than unsteered."""
    return of_all(heard, STEERED).over(of_all(heard, LEFT_ALONE))


def kept_of_all(heard: Sequence[Transition]) -> tuple[Sequence[str], list[list[str]]]:
    """The same of all transitions together, where intervals are narrowest."""
    rows = [[arm, *preserved_cells(of_all(heard, arm))] for arm in (LEFT_ALONE, STEERED, PROMPTED)]
    chance = Preserved.joined([transition.chance for transition in heard])
    changes = [str(mean) for mean in change_of_all(heard).values()]
    return KEPT_HEAD, [*rows, [BY_CHANCE, *preserved_cells(chance)], [CHANGE, *changes]]


def transition_facts(transition: Transition) -> dict[str, object]:
    """For ``evaluate.json``."""
    return {
        "source": transition.source,
        "target": transition.target,
        "arms": {arm.name: arm_facts(arm) for arm in transition.arms.values()},
        "p_values": transition.p_values,
        "target_of_its_own": asdict(transition.own),
        "preserved_by_chance": transition.chance.means,
        "preserved_change": {
            kept: asdict(mean)
            for kept, mean in transition.arms[STEERED].preserved.over(transition.arms[LEFT_ALONE].preserved).items()
        },
    }


def arm_facts(arm: Arm) -> dict[str, object]:
    """The design's keys first."""
    return {
        "delta": arm.delta.value,
        "ci_low": arm.delta.low,
        "ci_high": arm.delta.high,
        "target_share": arm.share,
        "quality": arm.quality,
        "mmd": arm.mmd,
        "strangeness": arm.strangeness,
        "faulty": arm.faulty,
        "nats_per_frame": arm.nats,
        "preserved": arm.preserved.means,
        "deltas": arm.deltas,
    }


def charts(heard: Sequence[Transition]) -> dict[str, Figure]:
    """Effect and quality against the knob."""
    knobs = sorted([*STRENGTHS, 1.0])
    rising, costing = [], []
    for transition in heard:
        arms = [(knob, transition.arms[knob_arm(knob)]) for knob in knobs]
        rising.append(
            Line(
                name(transition),
                [(0.0, 0.0), *((knob, arm.delta.value) for knob, arm in arms)],
                [(0.0, 0.0), *((arm.delta.low, arm.delta.high) for _, arm in arms)],
            )
        )
        costs = [(0.0, transition.arms[LEFT_ALONE].quality), *((knob, arm.quality) for knob, arm in arms)]
        costing.append(Line(name(transition), costs))
    return {
        "transitions-effect": line_chart(
            "Rise of the target's probability, with 95 % intervals.", "knob", "Δ", rising, 0.0
        ),
        "transitions-quality": line_chart(
            "Fréchet distance to the target's music, × that of the model's own music of the target; dotted: the most that "
            "is allowed.",
            "knob",
            "Fréchet ×",
            costing,
            MOST_FRECHET,
        ),
    }


def listening(stage: Stage, transition: Transition) -> str:
    """Arms with one of their pieces each: of the source that steering moved as much as it moves most."""
    example = int(np.argsort(transition.arms[STEERED].deltas)[stage.samples // 2])
    prompt = transition.sources.codes[example]
    head, rows = arm_rows(transition)
    players = [
        audio(stage.sound(prompt, arm.heard.codes[example]), stage.rate_hz, f"{name(transition)}, {arm.name}")
        for arm in transition.arms.values()
    ]
    theirs = stage.sound(stage.sources(transition.target).codes[example], stage.own(transition.target).codes[example])
    players.append(audio(theirs, stage.rate_hz, f"{transition.target} of its own"))
    source = audio(stage.sound(None, prompt), stage.rate_hz, f"{transition.source}, source {example}")
    table = html_table([*head, f"source {example}, continued"], [[*r, p] for r, p in zip(rows, players, strict=True)])
    return f"<p>The source: {source}</p>{table}"
