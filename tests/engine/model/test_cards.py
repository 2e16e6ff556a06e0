"""Cards that the installed torch leaves idle."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest
import torch

from engine.model import cards


def pretend(monkeypatch: pytest.MonkeyPatch, *, usable: bool, cuda: str | None, smi: str | None, code: int = 0) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: usable)
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(cards.shutil, "which", lambda name: None if smi is None else f"/usr/bin/{name}")
    monkeypatch.setattr(cards.subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=code, stdout=smi))
    monkeypatch.setattr(cards.ctypes.util, "find_library", lambda name: None)


def test_a_torch_without_cuda_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, usable=False, cuda=None, smi="NVIDIA GeForce RTX 4070\nNVIDIA T4\n")
    line = cards.idle_card()
    assert line is not None
    assert line.startswith("NVIDIA GeForce RTX 4070 is idle")
    assert f"{cards.pip_command()} install --force-reinstall torch==" in line
    assert cards.SELECTOR in line
    assert "\n" not in line


def test_a_driver_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, usable=False, cuda="13.0", smi="Tesla T4\n")
    assert "update the driver" in str(cards.idle_card())


def test_the_pip_is_one_that_installs_into_the_running_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards.sys, "executable", "/my music/.venv/bin/python")
    monkeypatch.setattr(cards, "find_spec", lambda name: object())
    assert cards.pip_command() == '"/my music/.venv/bin/python" -m pip'
    monkeypatch.setattr(cards, "find_spec", lambda name: None)  # Debian makes a .venv without
    assert cards.pip_command() == 'python3 -m pip --python "/my music/.venv/bin/python"'


def test_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, usable=True, cuda="13.0", smi="Tesla T4\n")
    assert cards.idle_card() is None
    pretend(monkeypatch, usable=False, cuda=None, smi=None)
    assert cards.idle_card() is None
    pretend(monkeypatch, usable=False, cuda=None, smi="", code=9)  # the driver's tool without a card
    assert cards.idle_card() is None


def test_the_driver_library_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, usable=False, cuda=None, smi=None)
    monkeypatch.setattr(cards.ctypes.util, "find_library", lambda name: "libcuda.so.1")
    assert "an NVIDIA card is idle" in str(cards.idle_card())


def test_a_tool_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, usable=False, cuda=None, smi="x")

    def hang(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("nvidia-smi", 10)

    monkeypatch.setattr(cards.subprocess, "run", hang)
    assert cards.idle_card() is None
