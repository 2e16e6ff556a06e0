"""``segue doctor`` on machines that lack one thing or another."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
import torch

from engine.audio.devices import OutputDevice
from engine.commands import doctor

KEYS = {"device", "dtype", "model", "audio_outputs", "expected_realtime_factor", "python", "torch", "warnings"}


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CPU, one output, no card."""
    speaker = OutputDevice("Speaker", 0, 2, 48_000, True)
    monkeypatch.setattr(doctor, "list_outputs", lambda: ((speaker,), ""))
    monkeypatch.setattr("engine.model.cards.nvidia_card", lambda: None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_a_sound_machine(tiny_spectral: Path) -> None:
    findings = doctor.examine(str(tiny_spectral))
    assert findings.keys() >= KEYS
    assert (findings["device"], findings["dtype"], findings["audio_outputs"]) == ("cpu", "int8", ["Speaker"])
    assert float(str(findings["expected_realtime_factor"])) > 0
    json.dumps(findings, allow_nan=False)


def test_the_measure_counts_time(tiny_spectral: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 14.0])
    monkeypatch.setattr(doctor.time, "perf_counter", lambda: next(clock))
    assert doctor.measure(str(tiny_spectral)) == pytest.approx(doctor.MEASURED_FRAMES / 50 / 4)


def test_it_is_measured_as_it_is_played(tiny_spectral: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The live engine leaves half of the threads to the codec."""
    taken: list[int] = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    monkeypatch.setattr(torch, "set_num_threads", taken.append)
    doctor.measure(str(tiny_spectral))
    assert 2 in taken
    assert taken[-1] == 4


def test_what_is_missing_becomes_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "list_outputs", lambda: ((), "PortAudio is missing"))
    monkeypatch.setattr("engine.model.cards.nvidia_card", lambda: "GeForce")
    findings = doctor.examine("nonesuch")
    assert (findings["audio_outputs"], findings["expected_realtime_factor"]) == ([], None)
    warnings = findings["warnings"]
    assert isinstance(warnings, list)
    assert [word for line in warnings for word in ("GeForce", "PortAudio", "nonesuch") if word in line] == [
        "GeForce",
        "PortAudio",
        "nonesuch",
    ]


def test_a_slow_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "measure", lambda model: 0.8)
    assert "too slow to play live: it can still be rendered, or take a smaller model" in str(
        doctor.examine("x")["warnings"]
    )
    monkeypatch.setattr(doctor, "measure", lambda model: 1.1)
    assert "sound may break up: close other programs" in str(doctor.examine("x")["warnings"])
    monkeypatch.setattr(doctor, "measure", lambda model: 3.0)
    assert doctor.examine("x")["warnings"] == []


def test_people_read_lines_and_scripts_read_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "measure", lambda model: 3.0)
    findings = doctor.run(argparse.Namespace(model="pocket", json=False))
    shown = capsys.readouterr().out
    for value in ("Speaker", "3.0", torch.__version__, "none"):
        assert value in shown
    assert doctor.run(argparse.Namespace(model="pocket", json=True)).keys() == findings.keys()
    assert capsys.readouterr().out == ""
