"""How a recipe command ends: what its user can mend is one line and status 2."""

from __future__ import annotations

import sys
from collections.abc import Callable

from engine.errors import SegueError


def run(main: Callable[[], None]) -> None:
    """Run a module's ``main``."""
    try:
        main()
    except SegueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
