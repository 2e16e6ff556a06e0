"""A Python that is new enough, and the virtual environment made with it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from resources.launch.console import LaunchError, say

WINDOWS = sys.platform == "win32"
MINIMUM = (3, 11)
START_TIMEOUT_S = 30


def python_commands(windows: bool = WINDOWS) -> list[list[str]]:
    """Commands that may start a Python, in the order in which they are tried: the running one first."""
    minors = (13, 12, 11, 14)
    named = [["py", f"-3.{minor}"] for minor in minors] if windows else [[f"python3.{minor}"] for minor in minors]
    return [[sys.executable], *named, ["python3"], ["python"]]


def python_version(command: Sequence[str]) -> tuple[int, int] | None:
    """The version that ``command`` runs; None where it does not start: a dead link, a shim, the store's stub."""
    try:
        done = subprocess.run(
            [*command, "-c", "import sys; print(sys.version_info[0], sys.version_info[1])"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            timeout=START_TIMEOUT_S,
            check=True,
        )
        major, minor = done.stdout.split()
        return int(major), int(minor)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def find_python(
    commands: Iterable[Sequence[str]],
    version_of: Callable[[Sequence[str]], tuple[int, int] | None] = python_version,
) -> list[str]:
    """The first command that runs Python 3.11 or newer; raises LaunchError where there is none."""
    newest = (0, 0)
    for command in commands:
        version = version_of(command)
        if version is not None and version >= MINIMUM:
            return list(command)
        newest = max(newest, version or newest)
    raise LaunchError(
        "needs Python {}.{} or newer, found {}.{}: install it (https://www.python.org) and start again".format(
            *MINIMUM, *newest
        )
    )


def venv_python(root: Path, windows: bool = WINDOWS) -> Path:
    return root / ".venv" / ("Scripts/python.exe" if windows else "bin/python")


def ensure_venv(root: Path) -> tuple[int, int]:
    """Make ``.venv`` where it is missing or its Python no longer starts; returns the version inside it."""
    python = venv_python(root)
    if Path(sys.prefix).resolve() == (root / ".venv").resolve():
        inside: tuple[int, int] | None = (sys.version_info[0], sys.version_info[1])
    else:
        inside = python_version([str(python)]) if python.exists() else None
    if inside is not None and inside >= MINIMUM:
        return inside
    base = find_python(python_commands())
    say("making .venv")
    # Without pip: Debian parts ensurepip from Python, and install.pip_command() knows another way.
    make = [*base, "-m", "venv", "--clear", "--without-pip", str(root / ".venv")]
    failed = subprocess.run(make, stdout=sys.stderr).returncode != 0
    made = None if failed else python_version([str(python)])
    if made is None:
        raise LaunchError(f"cannot make {root / '.venv'}: delete it, or mend what is said above, and start again")
    return made
