"""What every layer knows of genre: clusters, probes, how often they are right on songs and styles that were held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.cluster import Clustering, cluster
from probes.corpus.clip import Split
from probes.fit import LinearProbe, Method, calibrate, choose_ridge, fit, fit_mse, press
from probes.moments import Floats, Labels, Moments
from probes.recording import Layer, Recording
from probes.score import Accuracy, confusion


@dataclass(frozen=True)
class Finding:
    """One layer.

    Attributes:
        probes: of every method, fitted to training clips.
        readout: calibrated logits for residuals averaged over about a second.
        chosen_by: accuracy of the mean-squared-error probe on the songs that it is fitted to, each left out in turn.
        accuracy: of that probe on the token means of songs that were held out; style: of sub-styles that were held out (most
            corpora have none).
        last, last_style: of such a probe that reads the last token instead.
        tokens: of one that was fitted to the tokens one by one, on token means.
        readout_accuracy: on single seconds of held-out songs; readout_chosen_by: of the validation clips.
        methods: held-out accuracy of every method, on token means.
        confusion: counts ``(G, G)`` on held-out songs, row true, column told.
        clustering: of the token means of all clips.
    """

    layer: int
    probes: dict[Method, LinearProbe]
    readout: LinearProbe
    chosen_by: Accuracy
    accuracy: Accuracy
    style: Accuracy
    last: Accuracy
    last_style: Accuracy
    tokens: Accuracy
    readout_chosen_by: Accuracy
    readout_accuracy: Accuracy
    methods: dict[Method, Accuracy]
    confusion: NDArray[np.int64]
    clustering: Clustering

    @property
    def rank(self) -> tuple[float, float]:
        """The paper's rule is the highest held-out accuracy. Here songs left out in turn choose: the best of many layers on
        the songs that are held out for good would have been lucky there. Of equals, the one that tells seconds apart."""
        return self.chosen_by.share, self.readout_chosen_by.share


def analyse_layer(recording: Recording, layer: int) -> Finding:
    """Fit and judge the probes of one layer. Nothing is fitted to or chosen by songs and styles that are held out.

    What is fitted to moments has seen the training clips alone; validation clips choose its ridge and calibrate the readout.
    What is fitted to rows may see both.
    """
    record = recording.layer(layer)
    classes = len(recording.labels)
    train, valid = recording.rows(Split.TRAIN), recording.rows(Split.VALID)
    test, style = recording.rows(Split.TEST), recording.rows(Split.STYLE)
    means, lasts, targets = record.means, record.lasts, record.targets
    # Without clips of every genre to choose by, the training clips are all that may be looked at.
    chooser = valid if len(set(targets[valid])) == classes else train
    known = np.union1d(train, valid)
    songs = [recording.clips[row].song for row in known]
    by_means = means[chooser], targets[chooser]
    tokens, seconds = recording.tokens.layer(layer), recording.seconds.layer(layer)
    by_tokens = choose_ridge(lambda ridge: fit_mse(tokens, ridge), *by_means)
    ridge, told_left_out = press(means[known], targets[known], classes, songs)
    probes = {Method.MSE: fit_mse(Moments.of(means[known], targets[known], classes), ridge)}
    for method in Method:
        if method not in probes:
            probes[method] = fit(method, means[known], targets[known], classes, songs)
    by_last = fit(Method.MSE, lasts[known], targets[known], classes, songs)
    heard, told = _pieces(record, valid)
    if len(set(told)) < classes:
        heard, told = by_means
    readout = calibrate(choose_ridge(lambda ridge: fit_mse(seconds, ridge), heard, told), heard, told)
    judge = Accuracy.of
    return Finding(
        layer,
        probes,
        readout,
        Accuracy(int((told_left_out == targets[known]).sum()), len(known)),
        judge(probes[Method.MSE], means[test], targets[test]),
        judge(probes[Method.MSE], means[style], targets[style]),
        judge(by_last, lasts[test], targets[test]),
        judge(by_last, lasts[style], targets[style]),
        judge(by_tokens, means[test], targets[test]),
        judge(readout, heard, told),
        judge(readout, *_pieces(record, test)),
        {each: judge(probe, means[test], targets[test]) for each, probe in probes.items()},
        confusion(probes[Method.MSE], means[test], targets[test]),
        cluster(means, targets, classes),
    )


def _pieces(record: Layer, clips: Labels) -> tuple[Floats, Labels]:
    chosen = np.isin(record.piece_clips, clips)
    return record.pieces[chosen], record.targets[record.piece_clips[chosen]]


def best_layer(findings: Sequence[Finding]) -> Finding:
    """Of the highest accuracy on songs left out in turn: the paper's rule."""
    return max(findings, key=lambda finding: finding.rank)
