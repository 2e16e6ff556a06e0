"""Whether a window can open here, found out before Qt is asked for one.

Qt does not raise where it finds no display or misses a library of its platform plugin: it aborts the process. On Linux,
where that happens, a forked child tries first.
"""

from __future__ import annotations

import builtins
import os
import sys


def obstacle() -> str | None:
    """What stands in a window's way, in a few words; None where one can open.

    Call it before any thread is started: it forks.
    """
    linux = sys.platform.startswith("linux")
    if linux and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        return "no display"
    importer = builtins.__import__
    try:
        from PySide6 import QtWidgets  # noqa: F401 (loaded here, so that the child need not)
    except ImportError as error:
        return f"Qt cannot start ({error})"
    finally:
        # PySide6's own looks through the source of all that is imported from then on, for a feature that nobody here uses:
        # a third of a second until the window, and as much again until torch is there.
        builtins.__import__ = importer
    if linux and not _child_starts_qt():
        return "Qt cannot open the display"
    return None


def _child_starts_qt() -> bool:
    if sys.platform == "win32":
        return True
    import resource

    from PySide6.QtWidgets import QApplication

    child = os.fork()
    if child == 0:
        try:
            # What Qt says before it aborts is for its developers, and a core dump is for nobody.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            QApplication([])
            os._exit(0)
        finally:
            os._exit(1)  # never back into the parent's code
    _, status = os.waitpid(child, 0)
    return status == 0
