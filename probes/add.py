"""A folder of audio becomes a knob: one more direction, told apart from a sample of the pack's corpus."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.stats import mannwhitneyu

from engine.errors import CorpusError, PackError
from engine.instrument import Instrument
from engine.progress import Progress
from engine.steering.pack import MAX_KNOB_NAME, ProbePack
from probes.background import Background
from probes.corpus.clip import Clip, Split
from probes.corpus.folder import find_recordings
from probes.fit import SHRINKAGE, LinearProbe, Method, fit_diffmean, fit_mse
from probes.moments import Doubles, Floats, Labels, Moments
from probes.record import Recorder

MIN_CLIPS, MIN_RECORDINGS = 10, 3
MOST_CLIPS = 200
FOLDS = 5
#: of the mean-squared-error probe that reads: ten clips cannot choose one
RIDGE = 0.1
MOST_P_VALUE = 0.01


@dataclass(frozen=True)
class Added:
    """A wider pack.

    Attributes:
        auc: how well held-out recordings of the folder are told from held-out clips of the corpus; 0.5 is chance.
        p_value: of that, one-sided (Mann–Whitney), over recordings: clips of one recording are no independent witnesses.
    """

    pack: ProbePack
    background: Background
    clips: int
    auc: float
    p_value: float
    skipped: tuple[str, ...]


def add_knob(
    folder: Path,
    name: str,
    pack: ProbePack,
    background: Background,
    instrument: Instrument,
    progress: Progress,
) -> Added:
    """Record the folder, judge whether it stands apart, and widen the pack.

    Raises:
        PackError: the name is taken or unusable.
        CorpusError: too little sound, or it cannot be told from the corpus better than by chance.
    """
    name = name.strip()
    if not name or len(name) > MAX_KNOB_NAME or any(not (x.isalnum() or x in " -_&'.") for x in name):
        raise PackError(f"'{name}' cannot name a knob: use up to {MAX_KNOB_NAME} letters, digits, spaces and -_&'.")
    if name in pack.genres:
        raise PackError(f"the pack has a knob '{name}' already: choose another --name")
    skipped: list[str] = []
    clips = find_clips(folder, name, skipped)
    with progress("recording", len(clips)) as advance:
        shard = Recorder(instrument, [name], batch=4).record(clips, advance)
    skipped += shard.skipped
    songs = [clips[place].song for place in shard.places]
    if len(songs) < MIN_CLIPS or len(set(songs)) < MIN_RECORDINGS:
        raise CorpusError(too_little(folder, len(songs), len(set(songs)), skipped))
    layer = pack.defaults.layers[0][0]
    auc, p_value = judge(shard.means[:, layer], songs, background, layer)
    if p_value > MOST_P_VALUE:
        raise CorpusError(
            f"the model cannot tell {folder} from other music (AUC {auc:.2f}, p = {p_value:.2g}): "
            "add more of it, or music that has more in common"
        )
    wider = widen(pack, background, shard.means, name)
    facts = {"name": name, "clips": len(songs), "recordings": len(set(songs)), "auc": auc, "p_value": p_value}
    provenance = pack.provenance | {"added": [*pack.provenance.get("added", []), facts]}
    return Added(
        replace(wider, provenance=provenance),
        replace(
            background,
            labels=(*background.labels, name),
            means=np.concatenate([background.means, shard.means]),
            targets=np.concatenate([background.targets, np.full(len(songs), len(background.labels))]),
            held_out=np.concatenate([background.held_out, np.zeros(len(songs), np.int64)]),
        ),
        len(songs),
        auc,
        p_value,
        tuple(skipped),
    )


def too_little(folder: Path, clips: int, recordings: int, skipped: list[str]) -> str:
    """Why a folder is refused."""
    why = f"; skipped: {skipped[0]}{' …' if len(skipped) > 1 else ''}" if skipped else ""
    return (
        f"{folder} gives {clips} clip(s) from {recordings} recording(s): a knob needs at least {MIN_CLIPS} of 10 s "
        f"from at least {MIN_RECORDINGS}{why}"
    )


def find_clips(folder: Path, name: str, skipped: list[str]) -> list[Clip]:
    """Segments of the folder's recordings; of many, evenly from all of them.

    Raises:
        CorpusError: too few.
    """
    recordings = find_recordings(folder, skipped)
    clips = [
        Clip(recording.path, start, seconds, name, str(recording.path), "", Split.TRAIN)
        for recording in recordings
        for start, seconds in recording.segments()
    ]
    if len(clips) < MIN_CLIPS or len(recordings) < MIN_RECORDINGS:
        raise CorpusError(too_little(folder, len(clips), len(recordings), skipped))
    places = np.linspace(0, len(clips) - 1, min(len(clips), MOST_CLIPS)).round().astype(int)
    return [clips[place] for place in places]


def judge(rows: Floats, songs: list[str], background: Background, layer: int) -> tuple[float, float]:
    """AUC and p-value of the new music against the corpus, every song judged by a probe that has not met it."""
    names = sorted(set(songs))
    fold_of = {song: index % min(FOLDS, len(names)) for index, song in enumerate(names)}
    folds = np.array([fold_of[song] for song in songs])
    seen = background.means[background.held_out == 0, layer]
    unseen = background.means[background.held_out == 1, layer]
    scores = np.empty(len(songs))
    theirs: list[Doubles] = []
    for fold in sorted(set(folds.tolist())):
        probe = fit_mse(_against(rows[folds != fold], seen), RIDGE)
        scores[folds == fold] = probe.scores(rows[folds == fold])[:, 0]
        theirs.append(probe.scores(unseen)[:, 0])
    ours, others = [scores[np.array(songs) == name].mean() for name in names], np.mean(theirs, axis=0)
    result = mannwhitneyu(ours, others, alternative="greater")
    return float(result.statistic) / (len(ours) * len(others)), float(result.pvalue)


def _against(ours: Floats, theirs: Floats) -> Moments:
    targets: Labels = np.repeat(np.array([0, 1]), [len(ours), len(theirs)])
    return Moments.of(np.concatenate([ours, theirs]), targets, 2)


def widen(pack: ProbePack, background: Background, means: Floats, name: str) -> ProbePack:
    """The pack with one more genre; what it has stays as it is."""
    directions, readouts, biases = [], [], []
    seen = background.held_out == 0
    for layer in range(pack.model.layers):
        rows = np.concatenate([background.means[seen, layer], means[:, layer]])
        targets = np.concatenate([background.targets[seen], np.full(len(means), len(background.labels))])
        moments = Moments.of(rows, targets, len(background.labels) + 1)
        reader = fit_mse(moments, RIDGE)
        directions.append(_pusher(pack.method, moments, reader).directions[-1])
        head = calibrate_beside(pack, layer, reader, rows, targets)
        readouts.append(head.weights[0])
        biases.append(head.bias[0])

    def grown(old: Floats, rows: list[Doubles]) -> Floats:
        return np.concatenate([old, np.stack(rows)[:, None].astype(np.float32)], axis=1)

    return replace(
        pack,
        genres=(*pack.genres, name),
        directions=grown(pack.directions, directions),
        readout=grown(pack.readout, readouts),
        readout_bias=np.concatenate([pack.readout_bias, np.array(biases, np.float32)[:, None]], axis=1),
        redline=np.append(pack.redline, np.median(pack.redline)).astype(np.float32),
        knob_map=pack.knob_map and pack.knob_map.with_straight_genre(),  # nobody has heard yet what the new knob does
    )


def _pusher(method: str, moments: Moments, reader: LinearProbe) -> LinearProbe:
    """Found as the pack's other directions were, so that the new knob pushes like them."""
    if method == Method.DIFFMEAN:
        return fit_diffmean(moments)
    shrinkage = {each.value: ridge for each, ridge in SHRINKAGE.items()}
    return fit_mse(moments, shrinkage[method]) if method in shrinkage else reader


def calibrate_beside(pack: ProbePack, layer: int, probe: LinearProbe, rows: Floats, targets: Labels) -> LinearProbe:
    """The new genre's logit, a scaled and shifted score, beside the pack's own logits, which stay: two numbers are fitted."""
    old = rows.astype(np.float64) @ pack.readout[layer].T + pack.readout_bias[layer]
    rest = old.max(1) + np.log(np.exp(old - old.max(1, keepdims=True)).sum(1))
    score = probe.scores(rows)[:, -1]
    ours = targets == targets.max()
    weight = np.where(ours, 0.5 / ours.sum(), 0.5 / (~ours).sum())

    def loss(parameters: Doubles) -> float:
        gap = parameters[0] * score + parameters[1] - rest
        return float((weight * np.logaddexp(0, np.where(ours, -gap, gap))).sum() + 1e-4 * parameters[0] ** 2)

    scale, shift = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return LinearProbe(scale * probe.weights[-1:], scale * probe.bias[-1:] + shift)
