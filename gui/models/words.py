"""What is said of a model: its name, licence, size, memory and speed."""

from __future__ import annotations

from pathlib import Path

from engine.model.catalogue import Entry, Machine
from engine.model.checkpoint_files import POCKET
from engine.model.memory import GB
from engine.pace import concern

MB = 1e6
LICENCES = {
    "cc0-1.0": "CC0 1.0: free for any use",
    "cc-by-nc-4.0": "CC-BY-NC 4.0: not for commercial use",
    "cc-by-4.0": "CC-BY 4.0: free with attribution",
    "mit": "MIT: free for any use",
    "apache-2.0": "Apache 2.0: free for any use",
}


def title(name: str) -> str:
    """A model's name for people."""
    if name == POCKET:
        return "Pocket"
    return name.removeprefix("facebook/") if "/" in name and not Path(name).is_absolute() else Path(name).name


def origin(name: str) -> str:
    """Where it comes from."""
    if name == POCKET:
        return "built in"
    return str(Path(name).parent) if Path(name).is_absolute() else name.partition("/")[0]


def licence(code: str) -> str:
    """The licence, and what it means for what is played."""
    return LICENCES.get(code.casefold(), f"licence {code}" if code else "")


def size(count: float) -> str:
    """Bytes, as disks are sold."""
    return f"{count / GB:.1f} GB" if count >= GB else f"{count / MB:.0f} MB"


def disk(entry: Entry) -> str:
    """What it takes of the disk."""
    if not entry.disk_bytes:
        return ""
    return f"{size(entry.disk_bytes)} on disk" if entry.here else f"about {size(entry.disk_bytes)} to download"


def memory(entry: Entry, machine: Machine) -> str:
    """What it needs here, and whether that is there."""
    if not entry.memory_bytes:
        return ""
    verdict = "fits" if entry.fits else f"does not fit, {size(machine.free_bytes)} are free"
    return f"Needs {size(entry.memory_bytes)} of memory in {machine.precision}: {verdict}"


def speed(factor: float | None) -> str:
    """What to expect of playing it."""
    if factor is None:
        return "speed not yet measured here"
    trouble = concern(factor)
    return f"{factor:.1f} × real time here" + (f": {trouble}" if trouble else "")


def machine(found: Machine) -> str:
    """This machine in a line, and what it leaves idle in another."""
    line = f"This machine: {found.device.upper()}, {found.precision}, {size(found.free_bytes)} of memory free"
    return f"{line}\n{found.idle_card}" if found.idle_card else line
