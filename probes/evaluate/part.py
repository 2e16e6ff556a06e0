"""What one part of an evaluation found, told three times over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from probes.evaluate.charts import Figure


@dataclass(frozen=True)
class Check:
    """What an evaluation is held against, in words, and whether it was reached."""

    words: str
    met: bool

    @classmethod
    def every(cls, tests: Mapping[str, bool], words: str) -> Check:
        """Reached everywhere; if not, the words say where it failed."""
        failed = [where for where, passed in tests.items() if not passed]
        return cls(f"{words} (not in {', '.join(failed)})" if failed else words, not failed)


@dataclass(frozen=True)
class Part:
    """What a section found.

    Attributes:
        title: its heading.
        facts: keys of ``evaluate.json``, and of ``--json``; plain values, arrays are welcome.
        markdown, html: below the heading.
        figures: what the HTML draws, by the name that each has as a file beside the Markdown.
        checks: what is said of it first of all.
    """

    title: str
    facts: Mapping[str, object]
    markdown: str
    html: str
    figures: Mapping[str, Figure] = field(default_factory=dict)
    checks: Sequence[Check] = ()
