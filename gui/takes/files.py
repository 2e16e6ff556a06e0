"""A take's files in the system's hands: its folder, and its bin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QFile, QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices

from engine.errors import TakeError
from engine.takes.take import Heading


def open_folder(folder: Path) -> bool:
    """Show a folder; False where the system does not."""
    return folder.is_dir() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def reveal(path: Path) -> bool:
    """Show a file where it lies, selected where the system can do that; False where nothing is shown."""
    try:
        if sys.platform == "win32":
            subprocess.Popen(f'explorer /select,"{path}"')  # explorer reads its words itself, quotes and all
        elif sys.platform == "darwin":
            subprocess.Popen(["open", "-R", str(path)])
        else:
            return open_folder(path.parent)
    except OSError:
        return False
    return True


def move_to_bin(take: Heading) -> None:
    """Move sound and sidecar to the system's bin.

    Raises:
        TakeError: the sound stays, or the sidecar alone does.
    """
    if sys.platform.startswith("linux"):
        # The bin of an account that has kept nothing yet has no folder to lie in, and Qt does not make it.
        data = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation))
        data.mkdir(parents=True, exist_ok=True)
    if not QFile.moveToTrash(str(take.path)):
        gone = "" if take.path.exists() else ": it is gone already"
        raise TakeError(
            f"{take.path.name} cannot be moved to the bin{gone or '; delete it in ' + str(take.path.parent)}"
        )
    if not QFile.moveToTrash(str(take.score_path)) and take.score_path.exists():
        raise TakeError(f"{take.path.name} is in the bin, its score is not; delete {take.score_path}")
