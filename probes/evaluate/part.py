"""What one part of an evaluation found, told three times over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """What a section found.

    Attributes:
        title: its heading.
        facts: keys of ``evaluate.json``, and of ``--json``; plain values, arrays are welcome.
        markdown, html: below the heading.
    """

    title: str
    facts: Mapping[str, object]
    markdown: str
    html: str
