from __future__ import annotations

import sys
from pathlib import Path

import pytest

from resources.launch import interpreter
from resources.launch.console import LaunchError
from resources.launch.interpreter import ensure_venv, find_python, python_commands, python_version, venv_python

RUNNING = (sys.version_info[0], sys.version_info[1])


def test_the_first_python_that_starts_and_is_new_enough_is_taken() -> None:
    versions = {"old": (3, 10), "dead": None, "good": (3, 12), "newer": (3, 13)}
    found = find_python([[name] for name in versions], lambda command: versions[command[0]])
    assert found == ["good"]


def test_without_one_the_newest_found_and_the_remedy_are_named() -> None:
    versions = {"two": (2, 7), "old": (3, 10), "older": (3, 9)}
    with pytest.raises(LaunchError, match=r"needs Python 3\.11 or newer, found 3\.10: install it"):
        find_python([[name] for name in versions], lambda command: versions[command[0]])


def test_the_running_python_comes_first_and_windows_asks_its_launcher() -> None:
    assert python_commands(windows=False)[0] == [sys.executable]
    assert ["py", "-3.12"] in python_commands(windows=True)
    assert ["python3.12"] in python_commands(windows=False)


def test_a_version_is_read_from_the_python_itself() -> None:
    assert python_version([sys.executable]) == RUNNING


@pytest.mark.parametrize(
    "command",
    [["no-such-python"], [sys.executable, "-c", "raise SystemExit(127)"], [sys.executable, "-c", "print('a shim')"]],
)
def test_what_does_not_start_as_python_has_no_version(command: list[str]) -> None:
    assert python_version(command) is None


def test_a_venv_is_made_once_kept_and_made_anew_when_its_python_is_dead(tmp_path: Path) -> None:
    assert ensure_venv(tmp_path) == RUNNING
    kept = tmp_path / ".venv" / "kept"
    kept.touch()
    assert ensure_venv(tmp_path) == RUNNING
    assert kept.exists()

    python = venv_python(tmp_path)
    python.unlink()
    assert ensure_venv(tmp_path) == RUNNING
    assert not kept.exists()
    assert python_version([str(python)]) == RUNNING


def test_a_venv_of_an_old_python_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_venv(tmp_path)
    kept = tmp_path / ".venv" / "kept"
    kept.touch()
    answers = iter([(3, 10), RUNNING])
    monkeypatch.setattr(interpreter, "python_version", lambda command: next(answers))
    monkeypatch.setattr(interpreter, "find_python", lambda commands: [sys.executable])
    assert ensure_venv(tmp_path) == RUNNING
    assert not kept.exists()


def test_a_venv_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / ".venv").touch()
    with pytest.raises(LaunchError, match="cannot make"):
        ensure_venv(tmp_path)
