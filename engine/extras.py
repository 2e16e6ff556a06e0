"""Optional packages: groups of pyproject.toml that the launcher installs into ``.venv`` when asked."""

from __future__ import annotations

import sys

# PowerShell starts nothing from the current folder by its bare name.
LAUNCHER = r".\segue.cmd" if sys.platform == "win32" else "./segue"


def how_to_install(extra: str) -> str:
    """The command that brings the group ``extra``."""
    return f"{LAUNCHER} install {extra}"
