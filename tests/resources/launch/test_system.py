from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from resources.launch import system
from resources.launch.system import PIECES, Piece, is_present, missing_pieces, missing_text

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems get these libraries from pip")


def test_the_missing_are_those_that_do_not_load() -> None:
    absent = {"libportaudio.so.2", "libEGL.so.1"}
    assert {piece.package for piece in missing_pieces(lambda file: file not in absent)} == {"libportaudio2", "libegl1"}
    assert missing_pieces(lambda file: True) == []


def test_a_library_is_present_when_it_loads_and_a_path_when_it_is_there(tmp_path: Path) -> None:
    assert not is_present("libno-such-thing.so.9")
    assert not is_present("/no/such/soundfont.sf3")
    assert is_present(sys.executable if os.name == "posix" else "kernel32")


def test_one_line_names_purpose_and_command() -> None:
    text = missing_text([piece for piece in PIECES if piece.package in ("libegl1", "libportaudio2")], apt=True)
    assert text == "missing for the window, sound: sudo apt-get install libegl1 libportaudio2"


def test_elsewhere_than_on_debian_the_files_are_named() -> None:
    text = missing_text([Piece("libportaudio.so.2", "libportaudio2", "sound")], apt=False)
    assert "libportaudio.so.2" in text
    assert "apt-get" not in text


def test_every_package_is_named_once() -> None:
    assert len({piece.package for piece in PIECES}) == len({piece.file for piece in PIECES}) == len(PIECES)


class Machine:
    """A Debian whose apt-get knows all packages but one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, user: int, unknown: str = "") -> None:
        self.asked: list[list[str]] = []
        self.lacks = {"libEGL.so.1", "libportaudio.so.2", "libfluidsynth.so.3"}
        self.unknown = unknown
        monkeypatch.setattr(system, "missing_pieces", lambda: [piece for piece in PIECES if piece.file in self.lacks])
        monkeypatch.setattr(system, "apt_install", self.install)
        monkeypatch.setattr(system.shutil, "which", lambda name: "/usr/bin/apt-get")
        monkeypatch.setattr(system.os, "geteuid", lambda: user)

    def install(self, packages: Sequence[str]) -> bool:
        self.asked.append(list(packages))
        if self.unknown in packages:
            return False
        self.lacks -= {piece.file for piece in PIECES if piece.package in packages}
        return True


@linux
def test_root_installs_and_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    machine = Machine(monkeypatch, user=0)
    system.ensure_pieces()
    assert machine.asked == [["libegl1"], ["libportaudio2"], ["libfluidsynth3"]]
    said = capsys.readouterr()
    assert said.err == "segue: installing system libraries: libegl1 libportaudio2 libfluidsynth3\n"
    assert said.out == ""


@linux
def test_a_package_that_apt_does_not_know_keeps_no_other_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Machine(monkeypatch, user=0, unknown="libfluidsynth3")
    system.ensure_pieces()
    assert capsys.readouterr().err.splitlines()[-1].endswith("composing: sudo apt-get install libfluidsynth3")


@linux
def test_another_user_only_reads_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = Machine(monkeypatch, user=1000)
    system.ensure_pieces()
    assert machine.asked == []
    assert capsys.readouterr().err.count("\n") == 1


@linux
def test_nothing_is_said_where_nothing_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Machine(monkeypatch, user=0).lacks.clear()
    system.ensure_pieces()
    assert capsys.readouterr().err == ""


def test_package_lists_are_fetched_when_a_package_is_not_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []

    def run(command: list[str], **_: object) -> object:
        calls.append(command[2])
        fails = command[2] == "install" and "update" not in calls
        return type("Done", (), {"returncode": 100 if fails else 0})

    monkeypatch.setattr(system.subprocess, "run", run)
    assert system.apt_install(["libegl1"])
    assert calls == ["install", "update", "install"]
    assert system.apt_install(["libegl1"])
    assert calls == ["install", "update", "install", "install"]


def test_apt_that_cannot_start_is_not_fatal(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> object:
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(system.subprocess, "run", run)
    assert not system.apt_install(["libegl1"])
