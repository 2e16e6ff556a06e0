"""Which control of a device moves what, kept as one JSON file for each device."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from gui import json_file
from gui.remote.decoder import HIGHEST_7, HIGHEST_14, Kind, Source
from gui.remote.relative import Encoder

VERSION = 1
MOST_BINDINGS = 4096
LONGEST_KEY = 200

log = logging.getLogger(__name__)


def device_name(port: str) -> str:
    """A port's name without the numbers that change when it is plugged in elsewhere."""
    if sys.platform == "win32":
        return re.sub(r" \d+$", "", port)
    return re.sub(r" \d+:\d+$", "", port)  # ALSA's client and port


@dataclass(frozen=True)
class Binding:
    """One control and what it moves. The target need not be there: another model may have it again."""

    source: Source
    target: str
    encoder: Encoder = Encoder.ABSOLUTE

    def to_json(self) -> dict[str, Any]:
        source = self.source
        return {
            "kind": source.kind.value,
            "channel": source.channel,
            "number": source.number,
            "target": self.target,
            "encoder": self.encoder.value,
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """The inverse of :meth:`to_json`.

        Raises:
            ValueError, TypeError, KeyError: not of that form.
        """
        kind = Kind(data["kind"])
        channel, number, target = data["channel"], data["number"], data["target"]
        highest = HIGHEST_14 if kind is Kind.NRPN else HIGHEST_7
        if type(channel) is not int or type(number) is not int or not isinstance(target, str):
            raise TypeError(data)
        if not 0 <= channel < 16 or not 0 <= number <= highest or len(target) > LONGEST_KEY:
            raise ValueError(data)
        return cls(Source(kind, channel, number), target, Encoder(data.get("encoder", Encoder.ABSOLUTE)))


@dataclass(frozen=True)
class DeviceMap:
    """All bindings of a device; a control moves one target, and a target is moved by one control of each device.

    Attributes:
        enabled: whether we listen to the device at all.
    """

    device: str
    bindings: tuple[Binding, ...] = ()
    enabled: bool = True

    @cached_property
    def by_source(self) -> Mapping[Source, Binding]:
        return {binding.source: binding for binding in self.bindings}

    @cached_property
    def by_target(self) -> Mapping[str, Binding]:
        return {binding.target: binding for binding in self.bindings}

    def bound(self, binding: Binding) -> Self:
        """With a binding more, in place of those of the same control and of the same target."""
        kept = (old for old in self.bindings if old.source != binding.source and old.target != binding.target)
        return replace(self, bindings=(*kept, binding))

    def without(self, target: str) -> Self:
        """With no control for a target."""
        return replace(self, bindings=tuple(old for old in self.bindings if old.target != target))

    def to_json(self) -> dict[str, Any]:
        bindings = [binding.to_json() for binding in self.bindings]
        return {"version": VERSION, "device": self.device, "enabled": self.enabled, "bindings": bindings}

    @classmethod
    def from_json(cls, device: str, data: Any) -> Self:
        """The inverse of :meth:`to_json`; a binding that cannot be read is left out.

        Raises:
            ValueError: this is no map.
        """
        if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("bindings"), list):
            raise ValueError("it is no map of this version")
        whole = cls(device, enabled=data.get("enabled") is not False)
        for entry in data["bindings"][:MOST_BINDINGS]:
            try:
                whole = whole.bound(Binding.from_json(entry))
            except (ValueError, TypeError, KeyError) as error:
                log.warning("a binding of %s is left out: %s", device, error)
        return whole


class MapFolder:
    """The saved maps. A file that cannot be read is no map; it is moved aside before anything takes its place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._maps: dict[str, DeviceMap] = {}

    def path(self, device: str) -> Path:
        """A file name that every file system takes, and that no two devices share."""
        plain = re.sub(r"[^A-Za-z0-9]+", "-", device).strip("-")[:48] or "device"
        return self.folder / f"{plain}-{hashlib.sha256(device.encode('utf-8', 'replace')).hexdigest()[:8]}.json"

    def of(self, device: str) -> DeviceMap:
        """The map of a device, empty at first."""
        found = self._maps.get(device)
        if found is None:
            found = self._maps[device] = self._load(device)
        return found

    def _load(self, device: str) -> DeviceMap:
        path = self.path(device)
        try:
            return DeviceMap.from_json(device, json_file.read(path))
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            log.warning("the map of %s in %s is not used: %s", device, path, error)
        return DeviceMap(device)

    def disabled(self) -> frozenset[str]:
        """The devices that are to be left alone, whether they are here or not."""
        names = set(self._maps)
        for path in sorted(self.folder.glob("*.json")):
            try:
                data = json_file.read(path)
            except (OSError, ValueError):
                continue
            if isinstance(data, dict) and isinstance(data.get("device"), str):
                names.add(data["device"])
        return frozenset(name for name in names if not self.of(name).enabled)

    def save(self, changed: DeviceMap) -> None:
        """Keep a map.

        Raises:
            OSError: it is in force all the same, but not on the disk.
        """
        self._maps[changed.device] = changed
        path = self.path(changed.device)
        self._set_aside_what_is_no_map(path, changed.device)
        json_file.write(path, changed.to_json())

    def _set_aside_what_is_no_map(self, path: Path, device: str) -> None:
        try:
            DeviceMap.from_json(device, json_file.read(path))
        except FileNotFoundError:
            pass
        except (OSError, ValueError):
            os.replace(path, path.with_suffix(".unreadable"))
