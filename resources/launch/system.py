"""What pip cannot bring on Linux: Qt's, PortAudio's and FluidSynth's libraries, and a soundfont to compose with.

As root on a Debian-like system they are installed, elsewhere named in one line. Never fatal: the part of Segue that
misses a library says so again, and the others work.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from resources.launch.console import say

APT_TIMEOUT_S = 900

WINDOW, SOUND, COMPOSING = "the window", "sound", "composing"


class Piece(NamedTuple):
    """A library by its soname, or a file by its path; and the Debian package that holds it."""

    file: str
    package: str
    purpose: str


PIECES = (
    Piece("libEGL.so.1", "libegl1", WINDOW),
    Piece("libGL.so.1", "libgl1", WINDOW),
    Piece("libxkbcommon.so.0", "libxkbcommon0", WINDOW),
    Piece("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", WINDOW),
    Piece("libdbus-1.so.3", "libdbus-1-3", WINDOW),
    Piece("libfontconfig.so.1", "libfontconfig1", WINDOW),
    Piece("libfreetype.so.6", "libfreetype6", WINDOW),
    Piece("libgthread-2.0.so.0", "libglib2.0-0", WINDOW),
    Piece("libX11-xcb.so.1", "libx11-xcb1", WINDOW),
    Piece("libxcb-cursor.so.0", "libxcb-cursor0", WINDOW),
    Piece("libxcb-icccm.so.4", "libxcb-icccm4", WINDOW),
    Piece("libxcb-image.so.0", "libxcb-image0", WINDOW),
    Piece("libxcb-keysyms.so.1", "libxcb-keysyms1", WINDOW),
    Piece("libxcb-randr.so.0", "libxcb-randr0", WINDOW),
    Piece("libxcb-render-util.so.0", "libxcb-render-util0", WINDOW),
    Piece("libxcb-shape.so.0", "libxcb-shape0", WINDOW),
    Piece("libxcb-sync.so.1", "libxcb-sync1", WINDOW),
    Piece("libxcb-xfixes.so.0", "libxcb-xfixes0", WINDOW),
    Piece("libxcb-xkb.so.1", "libxcb-xkb1", WINDOW),
    Piece("libportaudio.so.2", "libportaudio2", SOUND),
    Piece("libfluidsynth.so.3", "libfluidsynth3", COMPOSING),
    Piece("/usr/share/sounds/sf3/FluidR3Mono_GM.sf3", "fluidr3mono-gm-soundfont", COMPOSING),
)


def is_present(file: str) -> bool:
    if file.startswith("/"):
        return os.path.exists(file)
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


def missing_pieces(present: Callable[[str], bool] = is_present) -> list[Piece]:
    return [piece for piece in PIECES if not present(piece.file)]


def missing_text(missing: Sequence[Piece], apt: bool) -> str:
    """One line: what will not work, and what mends it."""
    purposes = ", ".join(dict.fromkeys(piece.purpose for piece in missing))
    if apt:
        return f"missing for {purposes}: sudo apt-get install " + " ".join(piece.package for piece in missing)
    return f"missing for {purposes}: " + " ".join(piece.file for piece in missing) + " (your package manager has them)"


def apt_install(packages: Sequence[str]) -> bool:
    """Install Debian packages without a question; fetch the package lists where they are missing or old."""

    def apt_get(*words: str) -> bool:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        try:
            done = subprocess.run(
                ["apt-get", "-qq", *words],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=APT_TIMEOUT_S,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0

    install = ("install", "--yes", "--no-install-recommends", *packages)
    return apt_get(*install) or (apt_get("update") and apt_get(*install))


def ensure_pieces() -> None:
    """Install what is missing where root can, and name what stays missing."""
    if not sys.platform.startswith("linux"):
        return
    missing = missing_pieces()
    apt = shutil.which("apt-get") is not None
    if missing and apt and os.geteuid() == 0:
        say("installing system libraries: " + " ".join(piece.package for piece in missing))
        # Apart by purpose: a package that this release does not know must not keep the others out.
        for purpose in dict.fromkeys(piece.purpose for piece in missing):
            apt_install([piece.package for piece in missing if piece.purpose == purpose])
        missing = missing_pieces()
    if missing:
        say(missing_text(missing, apt))
