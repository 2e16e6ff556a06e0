"""Reading JSON that came from a disk: nothing about it is believed before it has been looked at."""

import json
import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine.errors import TakeError

LARGEST_BYTES = 256 * 1024 * 1024
LARGEST_WHOLE = 1 << 53  # samples of thousands of years; a float still tells it from its neighbour
_SHA256 = re.compile(r"[0-9a-f]{64}")


def parse_json(text: str, where: str) -> object:
    """The value of `text`, without NaN and infinities. Raises `TakeError`."""

    def refuse(constant: str) -> float:
        raise ValueError(f"{constant} is not a number")

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise TakeError(f"{where} is damaged ({error}); delete it or restore it from a backup") from error


def read_json(path: Path) -> object:
    """The value in a JSON file. Raises `TakeError`."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise TakeError(f"{path} is too large for a score; it is not one of Segue's")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TakeError(f"{path} cannot be read ({error}); check the file and the folder's permissions") from error
    return parse_json(text, str(path))


class Fields:
    """The fields of one JSON object, each checked as it is read; `TakeError` names the one that is wrong."""

    def __init__(self, value: object, where: str) -> None:
        self._where = where
        if not isinstance(value, dict):
            raise self._error("it", "an object")
        self._fields: dict[str, Any] = value

    def text(self, name: str) -> str:
        value = self._fields.get(name)
        if not isinstance(value, str):
            raise self._error(name, "text")
        return value

    def flag(self, name: str) -> bool:
        value = self._fields.get(name)
        if not isinstance(value, bool):
            raise self._error(name, "true or false")
        return value

    def whole(self, name: str, lowest: int = 0, highest: int = LARGEST_WHOLE) -> int:
        return self._whole(name, self._fields.get(name), lowest, highest)

    def number(self, name: str) -> float:
        value = self._fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error(name, "a number")
        try:
            number = float(value)
        except OverflowError:  # JSON bounds no integer
            number = math.inf
        if not math.isfinite(number):
            raise self._error(name, "a number")
        return number

    def number_or_none(self, name: str) -> float | None:
        return None if self._fields.get(name) is None else self.number(name)

    def sha256(self, name: str, *, optional: bool = False) -> str:
        value = self.text(name)
        if not (_SHA256.fullmatch(value) or (optional and not value)):
            raise self._error(name, "a SHA-256")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        value = self._fields.get(name)
        if not isinstance(value, dict):
            raise self._error(name, "an object")
        return value

    def pair(self, name: str) -> tuple[int, Any]:
        """`[whole number, value]`."""
        return self._pair(name, self._fields.get(name))

    def pairs(self, name: str) -> list[tuple[int, Any]]:
        """A list of `[whole number, value]`, the numbers not descending."""
        values = self._fields.get(name)
        if not isinstance(values, list):
            raise self._error(name, "a list of pairs")
        pairs = [self._pair(name, value) for value in values]
        if any(later[0] < earlier[0] for earlier, later in pairwise(pairs)):
            raise self._error(name, "in order")
        return pairs

    def shares(self, name: str) -> dict[str, float]:
        """An object of numbers between 0 and 1."""
        mapping = self.mapping(name)
        shares = Fields(mapping, self._where)
        result = {key: shares.number(key) for key in mapping}
        if not all(0.0 <= share <= 1.0 for share in result.values()):
            raise self._error(name, "shares between 0 and 1")
        return result

    def child(self, name: str) -> "Fields":
        return Fields(self.mapping(name), f"{self._where}, {name}")

    def has(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def _pair(self, name: str, value: object) -> tuple[int, Any]:
        if not isinstance(value, list) or len(value) != 2:
            raise self._error(name, "a pair")
        return self._whole(name, value[0], 0, LARGEST_WHOLE), value[1]

    def _whole(self, name: str, value: object, lowest: int, highest: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise self._error(name, f"a whole number from {lowest} to {highest}")
        return value

    def _error(self, name: str, expected: str) -> TakeError:
        return TakeError(f"{self._where}: {name} is missing or not {expected}; the file is damaged or not Segue's")
