"""What a finding may depend on: nothing that is held out is fitted to or chosen by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.instrument import Instrument
from probes.analyse import Finding, analyse_layer
from probes.corpus.clip import Split
from probes.corpus.folder import open_folder
from probes.fit import Method
from probes.recording import Layer, Recording, record_corpus

LAYER = 1


@pytest.fixture(scope="module")
def recording(writing: Any, tiny_instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    corpus = open_folder(writing(tmp_path_factory.mktemp("music"), songs=10))
    return record_corpus(corpus, tiny_instrument, tmp_path_factory.mktemp("recording"))


def analysed(recording: Recording, monkeypatch: pytest.MonkeyPatch, *moved: Split) -> Finding:
    """The finding, were the clips on these sides other music altogether."""
    record = recording.layer(LAYER)
    means, lasts, pieces = (values.copy() for values in (record.means, record.lasts, record.pieces))
    rows = recording.rows(*moved)
    rng = np.random.default_rng(0)
    for values, chosen in ((means, rows), (lasts, rows), (pieces, np.flatnonzero(np.isin(record.piece_clips, rows)))):
        values[chosen] = 10 * rng.standard_normal((len(chosen), values.shape[1]))
    other: Layer = replace(record, means=means, lasts=lasts, pieces=pieces)
    monkeypatch.setattr(Recording, "layer", lambda *_: other)
    return analyse_layer(recording, LAYER)


def test_held_out_songs_move_no_direction_and_no_readout(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = analysed(recording, monkeypatch)
    other = analysed(recording, monkeypatch, Split.TEST, Split.STYLE)
    for method in Method:
        np.testing.assert_array_equal(other.probes[method].weights, plain.probes[method].weights)
    np.testing.assert_array_equal(other.readout.weights, plain.readout.weights)
    assert plain.accuracy.share > 0.9 > other.accuracy.share


def test_songs_that_are_chosen_by_do_move_them(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said above is not said of nothing."""
    plain = analysed(recording, monkeypatch)
    other = analysed(recording, monkeypatch, Split.VALID)
    assert not np.allclose(other.probes[Method.MSE].weights, plain.probes[Method.MSE].weights)
    assert not np.allclose(other.readout.weights, plain.readout.weights)
