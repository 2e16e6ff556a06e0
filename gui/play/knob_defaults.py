"""Where a double-click brings a control back to, where the player has said so."""

from __future__ import annotations

import logging
import math
import os
from itertools import islice
from pathlib import Path

from gui import json_file

MOST = 1000

log = logging.getLogger(__name__)


class KnobDefaults:
    """The player's own defaults, by the key of the control; kept in a file of their own. Rubbish in it is passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[str, float] = {}
        self._unreadable = False
        try:
            found = json_file.read(path)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            log.warning("the defaults in %s are not used: %s", path, error)
            self._unreadable = True
            return
        if isinstance(found, dict):
            sound = ((key, value) for key, value in found.items() if type(value) is float and math.isfinite(value))
            self._values = dict(islice(sound, MOST))

    def of(self, key: str) -> float | None:
        """The player's default; None where it is the control's own."""
        return self._values.get(key)

    def choose(self, key: str, value: float | None) -> None:
        """Another default; None for the control's own.

        Raises:
            OSError: it holds until the end, but is not on the disk.
        """
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = float(value)
        if self._unreadable:
            os.replace(self._path, self._path.with_suffix(".unreadable"))
            self._unreadable = False
        json_file.write(self._path, self._values)
