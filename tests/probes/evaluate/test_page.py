"""The pages: nothing beside them, sound inside them, whole or not there."""

from __future__ import annotations

import base64
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import soundfile

from probes.evaluate.charts import Line, line_chart
from probes.evaluate.page import NAMES, audio, html_table, markdown_table, number, plain, write_pages
from probes.evaluate.part import Check, Part

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
    assert json.loads(facts) == {"judge": "ear", "none": None, "found": 0.5, "list": [0, 1, 2], "checks": []}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)


def test_what_was_to_be_shown_stands_first_and_in_the_facts(tmp_path: Path) -> None:
    parts = [
        Part("One", {}, "1", "1", checks=[Check("it steers", True)]),
        Part("Two", {}, "2", "2", checks=[Check.every({"<jazz>": False, "rock": True}, "it lasts")]),
    ]
    write_pages(tmp_path, "t", "s", {}, parts)
    page, table, facts = (
        (tmp_path / name).read_text("utf-8") for name in ("index.html", "table-1.md", "evaluate.json")
    )
    assert "1 of 2 reached:\n\n- met: it steers\n- **NOT met**: it lasts (not in <jazz>)\n\n## One" in table
    assert page.index("it lasts (not in &lt;jazz&gt;)") < page.index("<h2>One</h2>")
    assert json.loads(facts)["checks"] == [
        {"what": "it steers", "met": True},
        {"what": "it lasts (not in <jazz>)", "met": False},
    ]


def test_drawings_lie_beside_the_markdown_and_need_no_page(tmp_path: Path) -> None:
    figure = line_chart("Up & <up>.", "x", "y", [Line("rock & roll", [(0, 0), (1, 1)])])
    write_pages(tmp_path, "t", "s", {}, [Part("One", {}, "text", str(figure), {"one-up": figure})])
    assert "text\n\n![Up & <up>.](figures/one-up.svg)" in (tmp_path / "table-1.md").read_text("utf-8")
    drawing = ET.parse(tmp_path / "figures" / "one-up.svg").getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    names = [element.tag.split("}")[1] for element in drawing]
    assert names[:2] == ["style", "rect"], "its own rules, and paper to be read on by night as well"
    assert "rock & roll" in "".join(drawing.itertext())
    assert not list(tmp_path.rglob("*.part"))


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


def test_a_genre_of_any_name_is_text() -> None:
    table = html_table(["a"], [["<audio src=x onerror=alert(1)>"]])
    assert "<audio" not in table
    assert "&lt;audio" in table
    assert markdown_table(["a|b"], [["drum|bass"]]) == "| a\\|b |\n| --- |\n| drum\\|bass |"


def test_what_is_no_number_is_a_dash() -> None:
    assert [number(value, ".2f") for value in (1.234, float("nan"))] == ["1.23", "–"]


def test_plain_values_for_json() -> None:
    value = {"a": np.float32(1.5), 2: (np.int64(3), np.bool_(True)), "nan": np.array([np.nan, 1.0])}
    assert plain(value) == {"a": 1.5, "2": [3, True], "nan": [None, 1.0]}
