"""A training told in one page: figures as inline SVG, nothing to fetch, nothing beside it."""

from __future__ import annotations

import html
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ControlError
from engine.steering.blend import cross_talk, orthogonalise
from probes.choose import Choice
from probes.score import Accuracy
from probes.train import Training

REPORT_NAME = "report.html"
STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
figure{margin:1.5rem 0;background:#fff;padding:.5rem;border-radius:.4rem}figure svg{width:100%;height:auto}
figcaption{color:#333;font-size:.9rem}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #8886}
th:first-child,td:first-child{text-align:left}
"""


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
    pack, best = training.pack, training.best
    directions = pack.directions[pack.defaults.layers[0][0]]
    title = f"Probes of {html.escape(pack.model.name)}"
    parts = [
        f"<h1>{title}</h1>",
        f"<p>{_summary(training)}</p>",
        _figure("Held-out accuracy by layer, with 95 % intervals.", lambda axes: _accuracies(axes, training)),
        _figure("k-means clusters against genres, by layer.", lambda axes: _clusters(axes, training)),
        _matrix(
            f"Clusters × genres at layer {_most_clustered(training)}, where clusters follow genres most: Jaccard similarity.",
            training.findings[_most_clustered(training)].clustering.jaccard,
            pack.genres,
        ),
        _matrix(f"Confusion at layer {best.layer}: row true, column told.", _shares(best.confusion), pack.genres),
        _matrix(
            f"Cross-talk of the directions at layer {pack.defaults.layers[0][0]}.", cross_talk(directions), pack.genres
        ),
        _orthogonal(directions, pack.genres),
        _methods(training),
    ]
    if training.choice is not None:
        parts += _effects(training.choice, pack.genres)
    if training.recording.skipped:
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in training.recording.skipped)
        parts.append(f"<h2>Skipped</h2><ul>{lines}</ul>")
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body>{body}</body></html>"
    )


def _percent(accuracy: Accuracy) -> str:
    low, high = accuracy.interval
    return f"{accuracy.share:.3f} ({low:.3f}–{high:.3f}, n = {accuracy.count})" if accuracy.count else "–"


def _summary(training: Training) -> str:
    best, pack, recording = training.best, training.pack, training.recording
    defaults = pack.defaults
    text = (
        f"{len(recording.clips)} clips of {html.escape(', '.join(pack.genres))} from {html.escape(training.corpus.name)}. "
        f"By the paper's rule layer {best.layer} is the one to steer: {_percent(best.accuracy)} on songs that were held "
        f"out, {_percent(best.style)} on styles that were held out, {_percent(best.last)} from the last token alone. "
        f"The pack steers layer {defaults.layers[0][0]} with directions «{html.escape(pack.method)}» by the law "
        f"«{defaults.law}»; a knob at 1 is α = {defaults.knob_scale:.2f}."
    )
    if training.lesson is not None:
        text += (
            f" The ear that judged is right on {_percent(training.lesson.original)} of held-out songs as they are and on "
            f"{_percent(training.lesson.passthrough)} of them through the codec."
        )
    return text


def _figure(caption: str, draw: Callable[[Any], None], size: tuple[float, float] = (8.0, 3.4)) -> str:
    """One plot as inline SVG."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # Text stays text: to be searched, and small.
    with rc_context({"svg.fonttype": "none", "font.family": "sans-serif"}):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.subplots())
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    return f"<figure>{svg[svg.index('<svg') :]}<figcaption>{html.escape(caption)}</figcaption></figure>"


def _accuracies(axes: Any, training: Training) -> None:
    layers = [finding.layer for finding in training.findings]
    series = {
        "songs, token mean": [finding.accuracy for finding in training.findings],
        "songs, last token": [finding.last for finding in training.findings],
        "styles, token mean": [finding.style for finding in training.findings],
    }
    for name, accuracies in series.items():
        if not accuracies[0].count:
            continue
        shares = np.array([accuracy.share for accuracy in accuracies])
        bounds = np.array([accuracy.interval for accuracy in accuracies])
        axes.errorbar(layers, shares, [shares - bounds[:, 0], bounds[:, 1] - shares], marker="o", capsize=2, label=name)
    axes.axhline(1 / len(training.pack.genres), color="gray", linestyle=":", label="chance")
    axes.set(xlabel="layer", ylabel="accuracy", ylim=(0, 1.02))
    axes.legend()


def _clusters(axes: Any, training: Training) -> None:
    layers = [finding.layer for finding in training.findings]
    axes.plot(
        layers, [finding.clustering.ari for finding in training.findings], marker="o", label="adjusted Rand index"
    )
    axes.plot(layers, [finding.clustering.nmi for finding in training.findings], marker="o", label="mutual information")
    axes.set(xlabel="layer", ylim=(0, 1))
    axes.legend()


def _most_clustered(training: Training) -> int:
    return int(np.argmax([finding.clustering.ari for finding in training.findings]))


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return counts / np.maximum(counts.sum(1, keepdims=True), 1)


def _matrix(caption: str, values: NDArray[Any], names: Sequence[str]) -> str:
    def draw(axes: Any) -> None:
        axes.imshow(values, vmin=min(0.0, float(values.min())), vmax=1, cmap="viridis")
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(values)), names[: len(values)])
        for (row, column), value in np.ndenumerate(values):
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color="white" if value < 0.6 else "black")

    return _figure(caption, draw, (5.0, 3.6))


def _orthogonal(directions: NDArray[np.float32], names: Sequence[str]) -> str:
    caption = "Cross-talk of the same directions, orthogonalised symmetrically."
    try:
        return _matrix(caption, cross_talk(orthogonalise(directions)), names)
    except ControlError as error:
        return f"<p>{caption} Not possible: {html.escape(str(error))}.</p>"


def _methods(training: Training) -> str:
    head = "".join(f"<th>{method.value}</th>" for method in training.findings[0].methods)
    rows = "".join(
        f"<tr><td>{finding.layer}</td>"
        + "".join(f"<td>{accuracy.share:.3f}</td>" for accuracy in finding.methods.values())
        + f"<td>{finding.tokens.share:.3f}</td><td>{finding.readout_accuracy.share:.3f}</td></tr>"
        for finding in training.findings
    )
    return (
        "<h2>Every method, on held-out songs</h2>"
        f"<table><tr><th>layer</th>{head}<th>mse on tokens</th><th>readout, single seconds</th></tr>{rows}</table>"
    )


def _effects(choice: Choice, genres: Sequence[str]) -> list[str]:
    def draw(axes: Any) -> None:
        curves: dict[str, list[tuple[float, float]]] = {}
        for effect in choice.trials:
            setting = effect.setting
            name = f"layer {setting.layers[0][0]}, {setting.law}, {setting.method}"
            curves.setdefault(name, []).append((effect.frechet, effect.delta))
        for name, points in curves.items():
            ordered = sorted(points, key=lambda point: point[0])
            chosen = choice.setting
            mine = name == f"layer {chosen.layers[0][0]}, {chosen.law}, {chosen.method}"
            axes.plot(*zip(*ordered, strict=True), marker=".", linewidth=2.5 if mine else 0.7, label=name)
        axes.set(xlabel="Fréchet distance, × unsteered", ylabel="rise of the target's probability")
        axes.legend(fontsize=5, ncols=2, loc="center left", bbox_to_anchor=(1, 0.5))

    rows = "".join(
        f"<tr><td>{html.escape(genre)}</td><td>{heard.delta:+.3f}</td><td>{heard.share:.3f}</td>"
        f"<td>{heard.strangeness:.2f}</td><td>{heard.frechet:.1f}</td><td>{heard.faulty:.2f}</td><td>{redline:.2f}</td></tr>"
        for (genre, heard), redline in zip(
            ((genre, choice.effect.genres[genre]) for genre in genres), choice.redline, strict=True
        )
    )
    return [
        "<h2>Effect</h2>",
        f"<p>Layers by effect, best first: {', '.join(map(str, choice.layers))}. Unsteered, the target's probability is "
        f"{choice.usual[0]:.3f} and {choice.usual[1]:.0%} of the pieces have a fault.</p>",
        _figure("What every setting that was played gains, and what it costs.", draw, (9.0, 4.5)),
        "<table><tr><th>knob at 1</th><th>rise</th><th>probability</th><th>strangeness</th><th>Fréchet to its music</th>"
        f"<th>faulty</th><th>redline</th></tr>{rows}</table>",
        _ladder(choice),
    ]


def _ladder(choice: Choice) -> str:
    def draw(axes: Any) -> None:
        knobs = [effect.setting.alpha / choice.setting.alpha for effect in choice.ladder]
        for genre in choice.effect.genres:
            axes.plot(knobs, [effect.genres[genre].share for effect in choice.ladder], marker="o", label=genre)
        axes.plot(
            knobs,
            [effect.frechet for effect in choice.ladder],
            color="gray",
            linestyle="--",
            label="Fréchet, × unsteered",
        )
        axes.set(xlabel="knob", ylabel="probability of the knob's genre", ylim=(0, None))
        axes.legend()

    return _figure("From a knob's lower half to past its redline.", draw)
