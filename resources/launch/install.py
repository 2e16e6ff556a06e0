"""Install the project into ``.venv``, and know when there is nothing to install.

A stamp inside ``.venv`` says what pip finished with. While it covers what is asked for, a start needs neither pip nor
network.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from resources.launch.console import LaunchError, say
from resources.launch.interpreter import ensure_venv, venv_python
from resources.launch.system import ensure_pieces

STAMP_NAME = "segue-installed.json"


class Stamp(NamedTuple):
    """What an installation holds: the project's fingerprint, Python's version, the project's extras."""

    fingerprint: str
    python: str
    extras: frozenset[str]

    def covers(self, wanted: Stamp) -> bool:
        return self[:2] == wanted[:2] and wanted.extras <= self.extras


def read_stamp(path: Path) -> Stamp | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(data["fingerprint"], data["python"], frozenset(data["extras"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_stamp(path: Path, stamp: Stamp) -> None:
    data = {"fingerprint": stamp.fingerprint, "python": stamp.python, "extras": sorted(stamp.extras)}
    path.write_text(json.dumps(data) + "\n", encoding="utf-8")


def fingerprint(pyproject: str) -> str:
    """A hash of what an installation depends on: a change of the linter's settings asks for nothing."""
    import tomllib  # Python 3.11: this module must import on an older one.

    table = tomllib.loads(pyproject)
    needs = json.dumps([table["project"], table["build-system"]], sort_keys=True)
    return hashlib.sha256(needs.encode("utf-8")).hexdigest()


def extras_of(pyproject: str) -> frozenset[str]:
    """The groups of optional packages that the project names."""
    import tomllib

    return frozenset(tomllib.loads(pyproject)["project"].get("optional-dependencies", {}))


def install_command(pip: Sequence[str], extras: Iterable[str], quiet: bool) -> list[str]:
    """To be run in the root; where packages come from is left to pip's own settings."""
    return [*pip, "install", *(["--quiet"] if quiet else []), "--editable", f".[{','.join(sorted(extras))}]"]


def pip_command(python: Path) -> list[str]:
    """A pip that installs into the venv of ``python``: its own (ensurepip makes it), or else the running Python's."""

    def runs(*words: str) -> bool:
        command = [str(python), "-m", *words]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    if runs("pip", "--version") or runs("ensurepip", "--default-pip"):
        return [str(python), "-m", "pip"]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(python)]
    raise LaunchError("pip is missing: install it (Debian: apt-get install python3-pip) and start again")


def ensure_installed(root: Path, extras: frozenset[str]) -> None:
    """Install the project where it is not yet installed, or no longer as pyproject.toml asks for.

    Raises LaunchError when that fails and what ``.venv`` holds would not do either.
    """
    python = "{}.{}".format(*ensure_venv(root))
    path = root / ".venv" / STAMP_NAME
    found = read_stamp(path)
    wanted = Stamp(
        fingerprint((root / "pyproject.toml").read_text(encoding="utf-8")),
        python,
        extras | (found.extras if found else frozenset()),
    )
    if found is not None and found.covers(wanted):
        return
    ensure_pieces()
    say("bringing .venv up to date" if found else "installing into .venv (the first time takes minutes)")
    pip = install_command(pip_command(venv_python(root)), wanted.extras, quiet=not sys.stderr.isatty())
    if subprocess.run(pip, cwd=str(root), stdout=sys.stderr).returncode == 0:
        write_stamp(path, wanted)
    elif found is not None and found.python == python and extras <= found.extras:
        say("could not bring .venv up to date (no network?): going on with what is installed")
    else:
        raise LaunchError("the installation failed: see pip's lines above, mend them and start again")
