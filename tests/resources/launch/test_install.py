from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from resources.launch import install
from resources.launch.console import LaunchError
from resources.launch.install import Stamp, ensure_installed, fingerprint, install_command, read_stamp, write_stamp

PYPROJECT = """
[build-system]
requires = ["setuptools"]
[project]
name = "segue"
dependencies = ["numpy>=2"]
[tool.ruff]
line-length = 120
"""
BASE = frozenset({"compose"})
TEST = BASE | {"test"}


def test_only_what_an_installation_depends_on_changes_the_fingerprint() -> None:
    same = PYPROJECT.replace("120", "100").replace('name = "segue"\n', 'name = "segue" # the name\n')
    other = PYPROJECT.replace("numpy>=2", "numpy>=3")
    assert fingerprint(PYPROJECT) == fingerprint(same) != fingerprint(other)
    assert fingerprint(PYPROJECT) != fingerprint(PYPROJECT.replace('["setuptools"]', '["hatchling"]'))


def test_a_stamp_covers_fewer_extras_but_no_other_python_or_project() -> None:
    stamp = Stamp("abc", "3.12", TEST)
    assert stamp.covers(Stamp("abc", "3.12", BASE))
    assert not Stamp("abc", "3.12", BASE).covers(stamp)
    assert not stamp.covers(Stamp("abc", "3.13", BASE))
    assert not stamp.covers(Stamp("abd", "3.12", BASE))


def test_a_stamp_is_read_as_it_was_written(tmp_path: Path) -> None:
    stamp = Stamp("abc", "3.12", TEST)
    write_stamp(tmp_path / "stamp", stamp)
    assert read_stamp(tmp_path / "stamp") == stamp


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", '{"fingerprint": "abc"}', '{"fingerprint":1,"python":2,"extras":3}']
)
def test_a_damaged_stamp_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "stamp").write_text(text, encoding="utf-8")
    assert read_stamp(tmp_path / "stamp") is None
    assert read_stamp(tmp_path / "no-stamp") is None


def test_the_command_leaves_it_to_pip_where_packages_come_from() -> None:
    command = install_command(["python", "-m", "pip"], TEST, quiet=True)
    assert command == ["python", "-m", "pip", "install", "--quiet", "--editable", ".[compose,test]"]


class Checkout:
    """A project in a folder, with a pip that notes what it was asked and fails on demand."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls = root / "calls.jsonl"
        self.pyproject = root / "pyproject.toml"
        self.pyproject.write_text(PYPROJECT, encoding="utf-8")
        self.status(0)

    def status(self, status: int) -> None:
        lines = [
            "import json, sys",
            f"open({str(self.calls)!r}, 'a', encoding='utf-8').write(json.dumps(sys.argv[1:]) + '\\n')",
            f"sys.exit({status})",
        ]
        (self.root / "pip.py").write_text("\n".join(lines), encoding="utf-8")

    def asked(self) -> list[str]:
        """The requirement of every call of pip since the last question."""
        if not self.calls.exists():
            return []
        lines = self.calls.read_text(encoding="utf-8").splitlines()
        self.calls.unlink()
        return [json.loads(line)[-1] for line in lines]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(install, "ensure_venv", lambda root: (3, 12))
    monkeypatch.setattr(install, "ensure_pieces", lambda: None)
    monkeypatch.setattr(install, "pip_command", lambda python: [sys.executable, str(tmp_path / "pip.py")])
    # pip's lines go to the launcher's standard error, which needs a file behind it: pytest's stand-in has none.
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    return Checkout(tmp_path)


def test_it_installs_once_and_again_only_when_the_project_asks_for_more(checkout: Checkout) -> None:
    ensure_installed(checkout.root, BASE)
    assert checkout.asked() == [".[compose]"]
    ensure_installed(checkout.root, BASE)
    checkout.pyproject.write_text(PYPROJECT.replace("120", "100"), encoding="utf-8")
    ensure_installed(checkout.root, BASE)
    assert checkout.asked() == []

    ensure_installed(checkout.root, TEST)
    ensure_installed(checkout.root, BASE)
    assert checkout.asked() == [".[compose,test]"]

    checkout.pyproject.write_text(PYPROJECT.replace("numpy>=2", "numpy>=3"), encoding="utf-8")
    ensure_installed(checkout.root, BASE)
    assert checkout.asked() == [".[compose,test]"]


def test_another_python_in_the_venv_is_installed_into_anew(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_installed(checkout.root, BASE)
    monkeypatch.setattr(install, "ensure_venv", lambda root: (3, 13))
    ensure_installed(checkout.root, BASE)
    assert len(checkout.asked()) == 2


def test_a_first_installation_that_fails_stops_and_is_tried_again(checkout: Checkout) -> None:
    checkout.status(1)
    with pytest.raises(LaunchError, match="installation failed"):
        ensure_installed(checkout.root, BASE)
    checkout.status(0)
    ensure_installed(checkout.root, BASE)
    assert len(checkout.asked()) == 2


def test_without_network_an_older_installation_still_starts(checkout: Checkout) -> None:
    ensure_installed(checkout.root, BASE)
    checkout.status(1)
    checkout.pyproject.write_text(PYPROJECT.replace("numpy>=2", "numpy>=3"), encoding="utf-8")
    ensure_installed(checkout.root, BASE)
    with pytest.raises(LaunchError):
        ensure_installed(checkout.root, TEST)
    checkout.status(0)
    ensure_installed(checkout.root, BASE)
    assert len(checkout.asked()) == 4


@pytest.mark.parametrize(
    ("has_pip", "has_ensurepip", "outer_pip", "expected"),
    [
        (True, False, False, ["VENV", "-m", "pip"]),
        (False, True, False, ["VENV", "-m", "pip"]),
        (False, False, True, [sys.executable, "-m", "pip", "--python", "VENV"]),
    ],
)
def test_pip_is_found_in_the_venv_or_made_there_or_borrowed(
    monkeypatch: pytest.MonkeyPatch,
    fake_runs: Callable[[dict[str, bool]], None],
    has_pip: bool,
    has_ensurepip: bool,
    outer_pip: bool,
    expected: list[str],
) -> None:
    fake_runs({"pip": has_pip, "ensurepip": has_ensurepip})
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: outer_pip or None)
    assert install.pip_command(Path("VENV")) == expected


def test_no_pip_anywhere_names_the_package(
    monkeypatch: pytest.MonkeyPatch, fake_runs: Callable[[dict[str, bool]], None]
) -> None:
    fake_runs({})
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(LaunchError, match="python3-pip"):
        install.pip_command(Path("VENV"))


@pytest.fixture
def fake_runs(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, bool]], None]:
    def set_modules(there: dict[str, bool]) -> None:
        def run(command: list[str], **_: object) -> object:
            return type("Done", (), {"returncode": 0 if there.get(command[2]) else 1})

        monkeypatch.setattr(install.subprocess, "run", run)

    return set_modules
