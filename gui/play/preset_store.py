"""Where presets lie: one JSON file each, Segue's own beside the program, the user's in the folder for settings. No Qt."""

from __future__ import annotations

import os
from dataclasses import replace as changed
from pathlib import Path
from typing import NamedTuple

import platformdirs

from engine.takes.naming import clean_name
from gui import json_file
from gui.play.preset import Preset, PresetError

FACTORY = Path(__file__).resolve().parents[2] / "resources" / "presets"
SUFFIX = ".json"
MAX_NAME = 40


def default_folder() -> Path:
    """Where the user's presets are kept."""
    return Path(platformdirs.user_config_path("segue", appauthor=False, roaming=True)) / "presets"


class Scan(NamedTuple):
    """Segue's presets and then the user's, each in order of names, and a line about each file that is none."""

    presets: tuple[Preset, ...]
    problems: tuple[str, ...]


class PresetStore:
    """Two folders of presets. The file's name is the preset's; every change raises :class:`PresetError`."""

    def __init__(self, folder: Path | None = None, factory: Path = FACTORY) -> None:
        """``folder`` for the user's; None for the usual place. It is made with the first preset."""
        self.folder = default_folder() if folder is None else folder
        self._factory = factory

    def scan(self) -> Scan:
        """Read both folders; one that is not there is empty."""
        presets: list[Preset] = []
        problems: list[str] = []
        for folder in (self._factory, self.folder):
            for path in _files(folder):
                try:
                    presets.append(Preset.from_json(path.stem, _read(path), factory=folder is self._factory))
                except PresetError as error:
                    problems.append(str(error))
        return Scan(tuple(presets), tuple(problems))

    def path(self, preset: Preset) -> Path:
        """The file of one of the user's."""
        return self.folder / (preset.name + SUFFIX)

    def find(self, name: str) -> Preset | None:
        """The preset that has this name, or one that some file systems take for the same."""
        wanted = preset_name(name).casefold()
        return next((preset for preset in self.scan().presets if preset.name.casefold() == wanted), None)

    def save(self, preset: Preset, replace: bool = False) -> Preset:
        """Keep a preset; the one that is returned has the name under which it lies.

        Raises:
            PresetError: the name is Segue's own, or, without ``replace``, is in use; or the file cannot be written.
        """
        preset = changed(preset, name=preset_name(preset.name), factory=False)
        there = self.find(preset.name)
        self._refuse(there, preset.name, replace)
        if there is not None:
            preset = changed(preset, name=there.name)
        path = self.path(preset)
        if path.exists() and there is None:
            raise PresetError(f"there is a file {path} that is no preset: choose another name")
        try:
            json_file.write(path, preset.to_json())
        except OSError as error:
            raise PresetError(f"{path} cannot be written ({error.strerror}): check the folder and the disk") from None
        return preset

    def rename(self, preset: Preset, name: str) -> Preset:
        """Give one of the user's presets another name.

        Raises:
            PresetError: as :meth:`save`.
        """
        name = preset_name(name)
        if name == preset.name:
            return preset
        if name.casefold() != preset.name.casefold():
            self._refuse(self.find(name), name, False)
        renamed = changed(preset, name=name)
        target = self.path(renamed)
        try:
            if target.exists() and not target.samefile(self.path(preset)):
                raise PresetError(f"there is a file {target} that is no preset: choose another name")
            os.rename(self.path(preset), target)
        except OSError as error:
            raise PresetError(f"{preset.name} cannot be renamed ({error.strerror}): check its folder") from None
        return renamed

    @staticmethod
    def _refuse(there: Preset | None, name: str, replace: bool) -> None:
        if there is not None and there.factory:
            raise PresetError(f"{there.name} is one of Segue's own presets: choose another name")
        if there is not None and not replace:
            raise PresetError(f"there is already a preset {there.name}")


def preset_name(text: str) -> str:
    """A name as every file system takes it.

    Raises:
        PresetError: nothing is left of it, or it is too long.
    """
    name = clean_name(text) if text.strip(" .") else ""
    if not name:
        raise PresetError("give the preset a name")
    if len(name) > MAX_NAME:
        raise PresetError(f"the name is longer than {MAX_NAME} characters: shorten it")
    return name


def _files(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix == SUFFIX and not path.name.startswith(".")]
    except OSError:
        return []
    return sorted(found, key=lambda path: (path.stem.casefold(), path.stem))


def _read(path: Path) -> object:
    try:
        return json_file.read(path)
    except OSError as error:
        raise PresetError(f"the preset {path} cannot be read ({error.strerror})") from None
    except ValueError:
        raise PresetError(f"{path} is no preset: it is not JSON, or far too large") from None
