"""``segue screenshots`` with the real window and engine: pictures of every page, and nothing of the user's touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

import main
from gui import screenshots
from gui.screenshots import MOVES, Move


def test_one_minute_is_kept_whatever_the_pauses() -> None:
    assert [move.keep for move in MOVES].count(True) == 1


def test_every_page_is_pictured_and_the_users_folders_stay(
    qapp: object, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def not_ours() -> Path:
        raise AssertionError("the user's own folder was asked for")

    for name in ("gui.play.preset_store.default_folder", "gui.lab.packs.default_folder"):
        monkeypatch.setattr(name, not_ours)
    monkeypatch.setattr("gui.study.start_view.default_shelf", not_ours)
    monkeypatch.setattr(screenshots, "SIZES", (QSize(1280, 800),))
    monkeypatch.setattr(screenshots, "MOVES", (Move(0.2, {"jazz": 0.5}, keep=True),))
    for name in ("OPENING_S", "READING_S", "SHOWN_S", "LANES_S", "SETTLING_S"):
        monkeypatch.setattr(screenshots, name, 1.0)
    assert main.main(["screenshots", str(tmp_path / "out"), "--model", str(checkpoint), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    names = sorted(Path(path).name for path in told["pictures"])
    assert names == sorted(
        f"{page}-{theme}-1280x800.png" for page in ("play", "lab", "study", "automation") for theme in ("dark", "light")
    )
    assert isinstance(told["dropouts"], int)
    for name in names:
        image = QImage(str(tmp_path / "out" / name))
        assert image.size() == QSize(1280, 800)
        assert len({image.pixel(x, y) for x in range(0, 1280, 16) for y in range(0, 800, 16)}) > 10, (
            "something is drawn"
        )
