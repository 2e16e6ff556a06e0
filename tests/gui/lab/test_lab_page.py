"""The Lab page with the real engine and real children: from a folder to a knob that plays, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gui_thread import LIMIT_MS, GuiThread
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.steering.pack import ProbePack
from gui import theme
from gui.lab.laboratory import ADD, READ, TRAIN, Laboratory
from gui.pages import read_ahead

WAIT_MS = 120_000
MakeRig = Callable[[], Any]  # see conftest
MakeSongs = Callable[[Path, str, int], Path]


def load(qtbot: QtBot, rig: Any, model: Path) -> Laboratory:
    rig.bridge.load(str(model))
    qtbot.waitUntil(lambda: rig.controls.instrument is not None, timeout=WAIT_MS)
    lab: Laboratory = rig.page.lab
    return lab


def finish(qtbot: QtBot, lab: Laboratory, bench: int) -> str:
    """Wait until a bench's child has ended; what is said of it."""
    qtbot.waitUntil(lambda: not lab.benches[bench].child.running, timeout=WAIT_MS)
    return lab.benches[bench].status.text()


def drop(page: Laboratory, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, button, keys))


def test_from_a_folder_to_knobs_that_play(
    qtbot: QtBot, rig: MakeRig, tiny_spectral: Path, music: Path, songs: MakeSongs, tmp_path: Path
) -> None:
    lab = load(qtbot, made := rig(), tiny_spectral)
    assert made.controls.instrument.model_word == str(tiny_spectral)

    # The folder is looked at, and its problems are named.
    drop(lab, music)
    qtbot.waitUntil(lambda: "genres" in lab.train.corpus.found.text(), timeout=WAIT_MS)
    found = lab.train.corpus.found.text()
    assert "3 genres · 45 clips" in found
    assert "1 left out: notes.wav: not a sound file" in found
    lab.train.rule.show_choice(1)

    # Findings come while it runs.
    drawn: list[int] = []
    lab.train.found.connect(lambda _: drawn.append(len(lab.findings.findings.layers)))
    stages: list[str] = []
    lab.train.child.progressed.connect(lambda stage, done, total: stages.append(stage))
    QTest.keyClick(lab.train.start, Qt.Key.Key_Return)
    assert lab.train.child.running
    assert not lab.train.fields.isEnabled()
    qtbot.waitUntil(lambda: len(drawn) == 3, timeout=WAIT_MS)
    words = finish(qtbot, lab, TRAIN)
    assert drawn == [1, 2, 3]
    assert {"recording", "fitting"} <= set(stages)
    path = tmp_path / "packs" / "three kinds.safetensors"
    assert path.is_file()
    assert "three kinds.safetensors is made" in words
    assert "notes.wav" in words

    # The pack is shown with what the run found, and can be used.
    qtbot.waitUntil(lab.findings.use.isVisible, timeout=30_000)
    assert lab.findings.findings.genres == ("clicks", "drone", "hiss")
    shown = lab.findings
    qtbot.waitUntil(lambda: bool(shown.jaccard.words.text()), timeout=30_000)
    assert "%" in shown.jaccard.words.text()
    assert shown.cross_talk.matrix.accessibleDescription() == shown.cross_talk.words.text()
    assert "knows genre best" in shown.layers.words.text()
    shown.use.click()
    qtbot.waitUntil(lambda: made.controls.genres == ("clicks", "drone", "hiss"), timeout=WAIT_MS)
    assert made.controls.instrument.pack == path
    assert not shown.use.isEnabled()
    assert lab.train.path.name == "three kinds-2.safetensors", "nothing is replaced unasked"

    # One more knob, beside those that play.
    lab.show_bench(ADD)
    drop(lab, songs(tmp_path / "sirens", "siren", 11))
    assert lab.add.name.text() == "sirens"
    lab.add.start.click()
    assert "AUC" in finish(qtbot, lab, ADD)
    wider = ProbePack.load(tmp_path / "packs" / "sirens.safetensors")
    assert wider.genres == ("clicks", "drone", "hiss", "sirens")
    qtbot.waitUntil(lambda: shown.findings.genres == wider.genres, timeout=30_000)

    # The eyedropper reads with the pack that plays, and sets the knobs in one step of undo.
    lab.show_bench(READ)
    drop(lab, music / "hiss" / "0.wav")
    qtbot.waitUntil(lambda: lab.read.child.running, timeout=30_000)
    assert "hiss above all" in finish(qtbot, lab, READ)
    assert "hiss" in lab.heard.card.words.text()
    assert lab.heard.set.isEnabled()
    made.controls.turn_knob("drone", 0.3)
    lab.heard.set.click()
    blend = dict(made.controls.state.blend)
    assert blend["hiss"] > 0.3
    assert "drone" not in blend
    made.controls.undo()
    assert dict(made.controls.state.blend) == {"drone": 0.3}
    assert made.told == ["the knobs stand where the recording is"]


def test_a_start_can_be_cancelled_and_closing_ends_what_still_works(
    qtbot: QtBot, rig: MakeRig, tiny_spectral: Path, music: Path
) -> None:
    lab = load(qtbot, made := rig(), tiny_spectral)
    drop(lab, music)
    lab.train.begin()
    assert lab.train.cancel.isVisible()
    assert lab.train.progress.isVisible()
    qtbot.wait(1500)  # while it is still loading
    lab.train.cancel.click()
    assert "goes on" in finish(qtbot, lab, TRAIN)
    assert lab.train.start.isVisible()
    assert lab.train.fields.isEnabled()
    with qtbot.waitSignal(lab.train.child.progressed, timeout=WAIT_MS):
        lab.train.begin()
    made.page.close()
    assert not lab.train.child.running
    assert not lab.train.corpus.look.running


def test_only_a_file_that_was_asked_about_is_overwritten(
    qtbot: QtBot, rig: MakeRig, tiny_spectral: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = load(qtbot, rig(), tiny_spectral).train
    begun: list[list[str]] = []
    monkeypatch.setattr(bench, "run", begun.append)
    (tmp_path / "mine.safetensors").write_bytes(b"precious")

    def choose(name: str) -> list[str]:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), ""))
        bench._browse()
        bench.begin()
        return begun[-1]

    for name, file, force in (
        ("mine", "mine.safetensors", False),  # what the dialog asked about is not what will be written
        ("mine.safetensors", "mine.safetensors", True),
        ("new.safetensors", "new.safetensors", False),
        ("mix 1.5", "mix 1.5.safetensors", False),
    ):
        words = choose(name)
        assert words[words.index("-o") + 1] == str(tmp_path / file)
        assert ("--force" in words) is force


def test_a_knob_that_is_added_leaves_the_findings_of_a_run_on_display(
    qtbot: QtBot, rig: MakeRig, tiny_spectral: Path
) -> None:
    lab = load(qtbot, made := rig(), tiny_spectral)
    lab.train.begin()
    shown = lab.findings.findings
    lab.add.made.emit(Path("resources/pocket/probes.safetensors").absolute())
    after: list[None] = []
    made.background.start(lambda: None, after.append, pytest.fail)
    qtbot.waitUntil(lambda: bool(after), timeout=30_000)
    assert lab.findings.findings is shown
    lab.train.child.stop()
    finish(qtbot, lab, TRAIN)


def test_what_cannot_be_used_is_refused_in_words(
    qtbot: QtBot, rig: MakeRig, tiny_spectral: Path, songs: MakeSongs, tmp_path: Path
) -> None:
    made = rig()
    lab: Laboratory = made.page.lab
    pdf = tmp_path / "score.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    for bench in (TRAIN, ADD, READ):
        lab.benches[bench].begin()
        assert "no model" in lab.benches[bench].status.text().lower()
    load(qtbot, made, tiny_spectral)

    lab.show_bench(READ)
    drop(lab, pdf)
    qtbot.waitUntil(lambda: "not a sound file" in lab.read.status.text(), timeout=30_000)
    drop(lab, tmp_path)
    assert "is a folder" in lab.read.status.text()
    assert not lab.read.child.running

    lab.show_bench(TRAIN)
    drop(lab, pdf)
    assert "is no folder" in made.told[-1]
    lab.train.begin()
    assert "no music" in lab.train.status.text()
    songs(tmp_path / "one genre" / "drone", "drone", 1)
    drop(lab, tmp_path / "one genre")
    qtbot.waitUntil(lambda: "at least two" in lab.train.corpus.found.text(), timeout=WAIT_MS)

    lab.show_bench(ADD)
    drop(lab, tmp_path / "one genre")
    lab.add.name.clear()
    lab.add.begin()
    assert "no name" in lab.add.status.text()

    # A pack that is none, and one for another model.
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing")
    drop(lab, broken)
    qtbot.waitUntil(lambda: "is not a probe pack" in made.told[-1], timeout=30_000)
    drop(lab, Path("resources/pocket/probes.safetensors").absolute())
    qtbot.waitUntil(lambda: lab.findings.findings.genres != (), timeout=30_000)
    assert "Not for what plays" in lab.findings._facts.text()
    assert not lab.findings.use.isEnabled()


def test_a_refusal_of_the_command_comes_back(
    qtbot: QtBot, rig: MakeRig, tiny_spectral: Path, songs: MakeSongs, tmp_path: Path
) -> None:
    lab = load(qtbot, made := rig(), tiny_spectral)
    lab.show_bench(ADD)
    few = songs(tmp_path / "few", "drone", 1)
    drop(lab, few)
    (few / "0.wav").unlink()
    few.rmdir()
    lab.add.begin()
    assert "is no folder" in finish(qtbot, lab, ADD)
    assert "is no folder" in made.told[-1]


def test_the_window_never_works_for_long_while_findings_appear(qtbot: QtBot, rig: MakeRig, thread: GuiThread) -> None:
    read_ahead()  # as the window does by itself, some seconds after its start
    made = rig()
    qtbot.wait(100)  # the first painting
    thread.begin("findings")
    made.page.lab.show_pack(Path("resources/pocket/probes.safetensors").absolute())
    qtbot.waitUntil(lambda: made.page.lab.findings.findings.layers != (), timeout=30_000)
    qtbot.wait(300)
    thread.begin("end")
    assert thread.longest_ms["findings"] <= LIMIT_MS * thread.slowness


@pytest.mark.parametrize("name", list(theme.PALETTES))
def test_everything_is_drawn_in_both_themes(qtbot: QtBot, rig: MakeRig, name: str, qapp: Any) -> None:
    made = rig()
    lab: Laboratory = made.page.lab
    theme.apply(qapp, name, 1.5)
    lab.show_pack(Path("resources/pocket/probes.safetensors").absolute())
    qtbot.waitUntil(lambda: lab.findings.findings.layers != (), timeout=30_000)
    qtbot.wait(50)
    curves = lab.findings._curves
    assert curves is not None
    assert [series.field for series in curves.shown_series()] == ["accuracy", ""]
    assert curves.backgroundBrush().color().name() == theme.current().panel
    picked = lab.findings.cross_talk.words.text().split(".")[0]
    QTest.keyClick(curves, Qt.Key.Key_Left)
    left = f"Layer {int(picked.removeprefix('Layer ')) - 1}."
    assert lab.findings.cross_talk.words.text().startswith(left), "a layer can be picked by the keyboard"
    result = {"heard": {"jazz": 0.7, "rock": 0.3}, "knobs": {"jazz": 0.4}, "times_s": [0.5]}
    lab.show_bench(READ)
    lab.heard.show_reading(result | {"shares": {"jazz": [0.7], "rock": [0.3]}})
    qtbot.waitUntil(lambda: lab.heard._areas is not None, timeout=30_000)
    assert not lab.grab().isNull()
    assert not lab.heard.set.isEnabled(), "no such knobs play"
