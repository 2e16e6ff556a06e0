"""The pages that an evaluation leaves.

``table-1.md`` with its drawings in ``figures/``, ``evaluate.json``, and ``index.html``, which needs nothing beside it.
"""

from __future__ import annotations

import base64
import html
import io
import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from engine.errors import CorpusError
from probes.evaluate.charts import RULES
from probes.evaluate.part import Check, Part
from probes.moments import Floats

TABLE_NAME, FACTS_NAME, PAGE_NAME = "table-1.md", "evaluate.json", "index.html"
FIGURES_FOLDER = "figures"
NAMES = (TABLE_NAME, FACTS_NAME, PAGE_NAME)
STYLE = f"""
:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse;margin:1rem 0;font-size:.9rem}}
td,th{{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #8886;white-space:nowrap}}
th:first-child,td:first-child{{text-align:left}}
.wide{{overflow-x:auto}}
.charts{{display:flex;flex-wrap:wrap;gap:1rem}}
figure{{margin:0 0 1rem;flex:1 1 24rem;background:#fff;color:#222;padding:.6rem;border-radius:.4rem}}
figure svg{{width:100%;height:auto}}
figcaption{{font-size:.85rem;color:#444}}
{"".join(f"svg {rule}" for rule in RULES)}
audio{{width:13rem;height:2rem;vertical-align:middle}}
"""


class Html(str):
    """Markup of ours: what :func:`html_table` writes as it is. Anything else is text, and may come from anywhere."""


def write_pages(folder: Path, title: str, summary: str, facts: Mapping[str, object], parts: Sequence[Part]) -> None:
    """Write them all, each whole or not at all; what stood there under their names is replaced.

    Args:
        summary: what was played, in a few sentences.
        facts: of ``evaluate.json``, beside those of the parts.
    """
    checks = [check for part in parts for check in part.checks]
    told = [f"## {part.title}\n\n{part.markdown}{_linked(part)}" for part in parts]
    markdown = "\n\n".join(filter(None, [f"# {title}", summary, _checks_markdown(checks), *told]))
    body = "\n".join(f"<h2>{html.escape(part.title)}</h2>\n{part.html}" for part in parts)
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{html.escape(title)}</h1><p>{html.escape(summary)}</p>"
        f"{_checks_html(checks)}{body}</body></html>"
    )
    texts = {f"{FIGURES_FOLDER}/{name}.svg": figure.file for part in parts for name, figure in part.figures.items()}
    texts |= {
        TABLE_NAME: markdown + "\n",
        FACTS_NAME: json.dumps(plain(gathered(facts, parts)), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        PAGE_NAME: page,
    }
    for name, text in texts.items():
        part_path = folder / f"{name}.part"
        try:
            part_path.parent.mkdir(exist_ok=True)
            part_path.write_text(text, encoding="utf-8")
            os.replace(part_path, folder / name)
        except OSError as error:
            raise CorpusError(f"{folder / name} cannot be written ({error}): make room and run it again") from None
        finally:
            part_path.unlink(missing_ok=True)


def gathered(facts: Mapping[str, object], parts: Sequence[Part]) -> dict[str, object]:
    """Facts of an evaluation with those of its parts, and all that it is held against under ``checks``."""
    everything = dict(facts)
    for part in parts:
        everything |= part.facts
    return everything | {"checks": [{"what": c.words, "met": c.met} for part in parts for c in part.checks]}


def _count(checks: Sequence[Check]) -> str:
    return f"{sum(check.met for check in checks)} of {len(checks)} reached:"


def _checks_markdown(checks: Sequence[Check]) -> str:
    if not checks:
        return ""
    lines = [f"- {'met' if check.met else '**NOT met**'}: {check.words}" for check in checks]
    return "\n".join([f"## What was to be shown\n\n{_count(checks)}\n", *lines])


def _checks_html(checks: Sequence[Check]) -> str:
    if not checks:
        return ""
    lines = [f"<li>{'met' if check.met else '<b>NOT met</b>'}: {html.escape(check.words)}</li>" for check in checks]
    return f"<h2>What was to be shown</h2><p>{_count(checks)}</p><ul>{''.join(lines)}</ul>"


def _linked(part: Part) -> str:
    """Its drawings, as Markdown shows files."""
    links = [f"![{figure.caption}]({FIGURES_FOLDER}/{name}.svg)" for name, figure in part.figures.items()]
    return "".join(f"\n\n{link}" for link in links)


def number(value: float, form: str) -> str:
    """A figure of a table in a form such as ``.2f``; a dash where there is none."""
    return format(value, form) if math.isfinite(value) else "–"


def plain(value: Any) -> Any:
    """In JSON's own types; what is not a number becomes null."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def audio(samples: Floats, rate_hz: int, label: str) -> Html:
    """A player with the sound inside it, as FLAC, which every browser plays and nothing takes away from."""
    peak = float(np.abs(samples).max(initial=0.0))
    buffer = io.BytesIO()
    soundfile.write(buffer, samples / max(1.0, peak), rate_hz, format="FLAC", subtype="PCM_16")
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Html(
        f'<audio controls preload="none" aria-label="{html.escape(label)}" src="data:audio/flac;base64,{data}"></audio>'
    )


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of text; a cell may be :class:`Html`."""

    def cell(text: str) -> str:
        return f"<td>{text if isinstance(text, Html) else html.escape(text)}</td>"

    body = "".join(f"<tr>{''.join(cell(text) for text in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{"".join(f"<th>{html.escape(name)}</th>" for name in head)}</tr>{body}</table></div>'


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same for ``table-1.md``."""
    lines = [[cell.replace("|", "\\|") for cell in line] for line in (head, *rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], ["---"] * len(head), *lines[1:]))
