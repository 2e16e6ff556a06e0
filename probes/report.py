"""A training told in one page: figures as inline SVG, nothing to fetch, nothing beside it."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from engine.control import Law
from engine.errors import ControlError
from engine.steering.blend import cross_talk, orthogonalise
from engine.steering.pack import Floats, ProbePack
from probes.choose import METHODS, MOST_FRECHET, Choice
from probes.evaluate.audition import Effect, Setting
from probes.evaluate.charts import Line, line_chart, matrix_chart
from probes.evaluate.page import STYLE, html_table
from probes.score import Accuracy
from probes.train import Training

REPORT_NAME = "report.html"
EFFECT_HEAD = (
    "knob at 1",
    "rise",
    "probability",
    "strangeness ×",
    "Fréchet to its music",
    "faulty",
    "redline",
    "R² without the map",
    "R² with it",
)


def write_report(training: Training, folder: Path) -> Path:
    """Write ``report.html`` into ``folder``, making it if need be; replaces an older report."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / REPORT_NAME
    part = path.with_name(path.name + ".part")
    part.write_text(page(training), encoding="utf-8")
    os.replace(part, path)
    return path


def page(training: Training) -> str:
    """The page's HTML."""
    pack = training.pack
    title = html.escape(f"Probes of {pack.model.name}")
    parts = [
        f"<h1>{title}</h1><p>{html.escape(_summary(training))}</p>",
        f'<h2>Where genre lives</h2><div class="charts">{_accuracies(training)}{_clusters(training)}</div>',
        f'<div class="charts">{_jaccard(training)}{_confusion(training)}</div>',
        f'<h2>Directions</h2><div class="charts">{_cross_talk(pack)}</div>',
        f"<h2>Every method, on held-out songs</h2>{_methods(training)}",
    ]
    if training.choice is not None:
        parts.append(_effects(training.choice, pack))
    if training.recording.skipped:
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in training.recording.skipped)
        parts.append(f"<h2>Skipped</h2><ul>{lines}</ul>")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _percent(accuracy: Accuracy) -> str:
    low, high = accuracy.interval
    return f"{accuracy.share:.3f} ({low:.3f}–{high:.3f}, n = {accuracy.count})" if accuracy.count else "–"


def _summary(training: Training) -> str:
    best, pack, recording = training.best, training.pack, training.recording
    defaults = pack.defaults
    text = (
        f"{len(recording.clips)} clips of {', '.join(pack.genres)} from {training.corpus.name}. "
        f"By the paper's rule layer {best.layer} is the one to steer, which songs left out in turn choose: "
        f"{_percent(best.accuracy)} on songs that were held out, {_percent(best.style)} on styles that were held out, "
        f"{_percent(best.last)} from the last token alone. "
        f"The pack steers {defaults.where} with directions «{pack.method}» by the law "
        f"«{defaults.law}»; a knob at 1 is α = {defaults.knob_scale:.3g}."
    )
    return text + (
        f" The ear is right on {_percent(training.lesson.original)} of held-out songs as they are and on "
        f"{_percent(training.lesson.passthrough)} of them through the codec."
    )


def _accuracies(training: Training) -> str:
    def line(name: str, accuracies: Sequence[Accuracy]) -> Line:
        points = [(float(layer), accuracy.share) for layer, accuracy in enumerate(accuracies)]
        return Line(name, points, [accuracy.interval for accuracy in accuracies])

    findings = training.findings
    lines = [
        line("songs, token mean", [finding.accuracy for finding in findings]),
        line("songs, last token", [finding.last for finding in findings]),
    ]
    if findings[0].style.count:
        lines.append(line("styles, token mean", [finding.style for finding in findings]))
    chance = 1 / len(training.pack.genres)
    return line_chart("Held-out accuracy, with 95 % intervals; dotted: chance.", "layer", "accuracy", lines, chance)


def _clusters(training: Training) -> str:
    values = [(float(finding.layer), finding.clustering) for finding in training.findings]
    lines = [
        Line("adjusted Rand index", [(layer, found.ari) for layer, found in values]),
        Line("normalised mutual information", [(layer, found.nmi) for layer, found in values]),
    ]
    return line_chart("k-means clusters against genres.", "layer", "agreement", lines)


def _jaccard(training: Training) -> str:
    most = max(training.findings, key=lambda finding: finding.clustering.ari)
    genres = training.pack.genres
    caption = f"Jaccard similarity of clusters and genres at layer {most.layer}, where clusters follow genres most."
    numbers = [str(number + 1) for number in range(len(genres))]
    return matrix_chart(caption, numbers, genres, most.clustering.jaccard.tolist(), "cluster")


def _confusion(training: Training) -> str:
    counts, genres = training.best.confusion, training.pack.genres
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    caption = f"Confusion at layer {training.best.layer}, held-out songs: rows are true, columns told."
    return matrix_chart(caption, genres, genres, shares.tolist(), "true")


def _cross_talk(pack: ProbePack) -> str:
    layer = pack.defaults.layers[0][0]
    directions = pack.directions[layer]

    def matrix(caption: str, rows: Floats) -> str:
        return matrix_chart(caption, pack.genres, pack.genres, cross_talk(rows).tolist())

    figure = matrix(f"Cross-talk: cosines of the directions at layer {layer}.", directions)
    try:
        return figure + matrix("The same directions, orthogonalised symmetrically.", orthogonalise(directions))
    except ControlError as error:
        return f"{figure}<p>{html.escape(str(error))}</p>"


def _methods(training: Training) -> str:
    head = (
        "layer",
        *(method.value for method in training.findings[0].methods),
        "mse on tokens",
        "readout, single seconds",
    )
    rows = []
    for finding in training.findings:
        accuracies = [*finding.methods.values(), finding.tokens, finding.readout_accuracy]
        rows.append((str(finding.layer), *(f"{accuracy.share:.3f}" for accuracy in accuracies)))
    return html_table(head, rows)


def _effects(choice: Choice, pack: ProbePack) -> str:
    layers = ", ".join(map(str, choice.layers))
    return (
        f"<h2>Effect</h2><p>Layers by effect, best first: {layers}. Unsteered, the target's probability is "
        f"{choice.usual[0]:.3f} and {choice.usual[1]:.0%} of the pieces have a fault.</p>"
        f'<div class="charts">{_candidates(choice)}</div>'
        f"<h2>Knobs</h2>{html_table(EFFECT_HEAD, _knob_rows(choice, pack))}"
        "<p>R² is that of a straight line through the points below, up to the redline, on the music that the map was made "
        f'from.</p><div class="charts">{_ladder(choice, pack)}</div>'
    )


def _candidates(choice: Choice) -> str:
    """What settings gain and cost, apart by layer, by law and by method, on little music."""
    quick = choice.trials[: len(choice.trials) - len(choice.ladder)]
    first, best = METHODS[0].value, choice.layers[0]

    def chart(caption: str, name: Callable[[Setting], str], belongs: Callable[[Setting], bool]) -> str:
        curves: dict[str, dict[float, Effect]] = {}
        for effect in quick:
            if belongs(effect.setting):  # a finalist's second hearing, on more music, counts
                curves.setdefault(name(effect.setting), {})[effect.setting.alpha] = effect
        lines = [
            Line(curve, [(effects[alpha].frechet, effects[alpha].delta) for alpha in sorted(effects)])
            for curve, effects in curves.items()
        ]
        return line_chart(caption, "Fréchet distance, × unsteered", "rise of the target's probability", lines)

    def layer(setting: Setting) -> int | None:
        return setting.layers[0][0] if len(setting.layers) == 1 else None

    return (
        chart(
            f"Every layer: «{Law.PRESERVE}», directions «{first}», rising strengths.",
            lambda s: f"layer {layer(s)}",
            lambda s: layer(s) is not None and s.law is Law.PRESERVE and s.method == first,
        )
        + chart(f"Every law at layer {best}.", lambda s: s.law.value, lambda s: layer(s) == best and s.method == first)
        + chart(
            f"Every method at layer {best}.", lambda s: s.method, lambda s: layer(s) == best and s.law is Law.PRESERVE
        )
        + chart(
            "Several layers at once.",
            lambda s: f"{', '.join(str(n) for n, _ in s.layers)}: {s.method}",
            lambda s: layer(s) is None,
        )
    )


def _knob_rows(choice: Choice, pack: ProbePack) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    for row, genre in enumerate(pack.genres):
        heard = choice.effect.genres[genre]
        rows.append(
            (
                genre,
                f"{heard.delta:+.3f}",
                f"{heard.share:.3f}",
                f"{heard.strangeness:.2f}",
                f"{heard.frechet:.1f}",
                f"{heard.faulty:.2f}",
                f"{choice.redline[row]:.2f}",
                *map("{:.3f}".format, choice.straightness(row, genre)),
            )
        )
    return rows


def _ladder(choice: Choice, pack: ProbePack) -> str:
    answers = [choice.answer(row, genre) for row, genre in enumerate(pack.genres)]
    before, after = (
        [
            Line(genre, list(zip(answer[place].tolist(), answer[2].tolist(), strict=True)))
            for genre, answer in zip(pack.genres, answers, strict=True)
        ]
        for place in (0, 1)
    )
    cost = [(effect.setting.alpha / choice.setting.alpha, effect.frechet) for effect in choice.ladder]
    heard = "probability of the knob's genre"
    return (
        line_chart("What is heard at every strength.", "strength, × the one at 1", heard, before)
        + line_chart("The same against the knob, with the map.", "knob", heard, after)
        + line_chart(
            "What strength costs; dotted: the most that keeps quality.",
            "strength, × the one at 1",
            "Fréchet distance, × unsteered",
            [Line("all genres", cost)],
            MOST_FRECHET,
        )
    )
