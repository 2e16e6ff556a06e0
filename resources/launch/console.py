"""What the launcher says. It goes to standard error: standard output belongs to the command that follows."""

from __future__ import annotations

import sys


class LaunchError(Exception):
    """Something that stops the start; one line that says what to do."""


def say(line: str) -> None:
    print(f"segue: {line}", file=sys.stderr, flush=True)
