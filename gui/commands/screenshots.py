"""``segue screenshots``: every page of the window as a picture, without a screen."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

NAME = "screenshots"
HELP = "save pictures of every page of the window, after playing for some seconds"


def configure(parser: argparse.ArgumentParser) -> None:
    """The folder and the model."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="where the PNG files go; those of the same name are replaced"
    )
    parser.add_argument("--model", default="pocket", help="pocket, a folder, or a hub id (default: pocket)")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Play offscreen, and save."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from gui.screenshots import take

    paths, dropouts = take(options.folder, options.model)
    if not options.json:
        print(*paths, sep="\n")
        if dropouts:
            print(
                f"{dropouts} dropouts were counted meanwhile, and the pictures show them: run it on a machine at rest"
            )
    return {"pictures": paths, "dropouts": dropouts}
