"""Start Segue: see that it is installed, then become ``main.py`` with the same words; or install more; or run the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from resources.launch.console import LaunchError, say
from resources.launch.install import ensure_installed, extras_of
from resources.launch.interpreter import MINIMUM, WINDOWS, find_python, python_commands, venv_python

ROOT = Path(__file__).resolve().parents[2]
# `segue probe train composed` must work on a fresh machine: the small package that composing needs always comes along.
BASE_EXTRAS = frozenset({"compose"})


def check_commands(python: str, pytest_words: Sequence[str]) -> list[list[str]]:
    """The linter, the formatter, the types, the tests: quickest first."""
    modules = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["pytest", *pytest_words])
    return [[python, "-m", *words] for words in modules]


def asked_extras(root: Path, words: Sequence[str]) -> frozenset[str]:
    """The groups of optional packages that ``segue install WORDS`` asks for.

    Raises:
        LaunchError: none is asked for, or one that does not exist.
    """
    known = extras_of((root / "pyproject.toml").read_text(encoding="utf-8"))
    unknown = [word for word in words if word not in known]
    if unknown or not words:
        trouble = f"there is nothing called {unknown[0]!r} to install" if unknown else "install what?"
        raise LaunchError(f"{trouble}: choose from {', '.join(sorted(known))}")
    return frozenset(words)


def run_checks(root: Path, pytest_words: Sequence[str]) -> int:
    """Run them in the root, without a screen; returns the first failure's status, or 0."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    for command in check_commands(str(venv_python(root)), pytest_words):
        say(" ".join(command[2:]))
        status = subprocess.run(command, cwd=str(root), env=environment).returncode
        if status != 0:
            say(f"{command[2]} failed")
            return status
    return 0


def become(command: Sequence[str]) -> NoReturn:
    """Hand the process over, so that signals and the exit status are the command's own."""
    if not WINDOWS:
        os.execvp(command[0], list(command))
    # Windows has no exec: wait for the child, which gets Ctrl-C as well and cleans up by itself.
    child = subprocess.Popen(command)
    while True:
        try:
            sys.exit(child.wait())
        except KeyboardInterrupt:
            continue


def start(words: list[str]) -> int:
    """What ``segue WORDS`` does; returns an exit status where the process is not handed over."""
    try:
        if sys.version_info[:2] < MINIMUM:
            become([*find_python(python_commands()), str(Path(__file__).parent), *words])
        if words[:1] == ["test"]:
            ensure_installed(ROOT, BASE_EXTRAS | {"test"})
            return run_checks(ROOT, words[1:])
        if words[:1] == ["install"]:
            ensure_installed(ROOT, BASE_EXTRAS | asked_extras(ROOT, words[1:]))
            say(f"installed: {', '.join(words[1:])}")
            return 0
        ensure_installed(ROOT, BASE_EXTRAS)
        become([str(venv_python(ROOT)), str(ROOT / "main.py"), *words])
    except LaunchError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("stopped")
        return 130
