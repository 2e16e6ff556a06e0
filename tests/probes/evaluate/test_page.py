"""The pages: nothing beside them, sound inside them, whole or not there."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from probes.evaluate.page import NAMES, audio, html_table, markdown_table, plain, write_pages
from probes.evaluate.part import Part

RATE_HZ = 24_000


def test_sound_comes_out_as_it_went_in() -> None:
    sound = (0.5 * np.sin(np.arange(RATE_HZ) / 20)).astype(np.float32)
    (data,) = re.findall(r'src="data:audio/flac;base64,([^"]+)"', audio(sound, RATE_HZ, "a & b"))
    heard, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(data)), dtype="float32")
    assert rate_hz == RATE_HZ
    np.testing.assert_allclose(heard, sound, atol=1e-4)


def test_sound_that_is_too_loud_is_not_clipped() -> None:
    sound = (3 * np.sin(np.arange(RATE_HZ) / 20)).astype(np.float32)
    (data,) = re.findall(r"base64,([^\"]+)\"", audio(sound, RATE_HZ, "loud"))
    heard, _ = soundfile.read(io.BytesIO(base64.b64decode(data)), dtype="float32")
    np.testing.assert_allclose(heard, sound / np.abs(sound).max(), atol=1e-3)


def test_the_page_needs_nothing_beside_it(tmp_path: Path) -> None:
    part = Part("Tëst <1>", {"found": np.float64(0.5), "list": np.arange(3)}, "| a |", html_table(["a"], [["<b>"]]))
    write_pages(tmp_path, "Steering «x»", "A & B.", {"judge": "ear", "none": float("nan")}, [part])
    page, table, facts = (
        (tmp_path / name).read_text("utf-8") for name in ("index.html", "table-1.md", "evaluate.json")
    )
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    assert "<td>&lt;b&gt;</td>" in page
    assert "Tëst &lt;1&gt;" in page
    assert table.startswith("# Steering «x»\n\nA & B.\n\n## Tëst <1>\n\n| a |")
    assert json.loads(facts) == {"judge": "ear", "none": None, "found": 0.5, "list": [0, 1, 2]}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)


def test_nothing_half_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("probes.evaluate.page.os.replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_pages(tmp_path, "t", "s", {}, [])
    assert not list(tmp_path.iterdir())


def test_tables_in_both_tongues() -> None:
    assert markdown_table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
    player = audio(np.zeros(100, np.float32), RATE_HZ, "x")
    assert f"<td>{player}</td>" in html_table(["a"], [[player]])


def test_plain_values_for_json() -> None:
    value = {"a": np.float32(1.5), 2: (np.int64(3), np.bool_(True)), "nan": np.array([np.nan, 1.0])}
    assert plain(value) == {"a": 1.5, "2": [3, True], "nan": [None, 1.0]}
