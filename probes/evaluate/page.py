"""The pages that an evaluation leaves: ``table-1.md``, ``evaluate.json`` and ``index.html``, which needs nothing beside it."""

from __future__ import annotations

import base64
import html
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from engine.errors import CorpusError
from probes.evaluate.part import Part
from probes.moments import Floats

TABLE_NAME, FACTS_NAME, PAGE_NAME = "table-1.md", "evaluate.json", "index.html"
NAMES = (TABLE_NAME, FACTS_NAME, PAGE_NAME)
STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0;font-size:.9rem}
td,th{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #8886;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
.wide{overflow-x:auto}
.charts{display:flex;flex-wrap:wrap;gap:1rem}
figure{margin:0 0 1rem;flex:1 1 24rem;background:#fff;color:#222;padding:.6rem;border-radius:.4rem}
figure svg{width:100%;height:auto}
figcaption{font-size:.85rem;color:#444}
svg text{font:11px system-ui,sans-serif;fill:#333}svg .mid{text-anchor:middle}svg .end{text-anchor:end}
svg .grid{stroke:#ddd}svg .level{stroke:#888;stroke-dasharray:2 3}
.keys{font-size:.8rem}.keys span{margin-right:1rem}
.keys i{display:inline-block;width:.8rem;height:.25rem;margin-right:.3rem;vertical-align:middle}
audio{width:13rem;height:2rem;vertical-align:middle}
"""


def write_pages(folder: Path, title: str, summary: str, facts: Mapping[str, object], parts: Sequence[Part]) -> None:
    """Write all three, each whole or not at all; what stood there under their names is replaced.

    Args:
        summary: what was played, in a few sentences.
        facts: of ``evaluate.json``, beside those of the parts.
    """
    everything = dict(facts)
    for part in parts:
        everything |= part.facts
    markdown = "\n\n".join([f"# {title}", summary, *(f"## {part.title}\n\n{part.markdown}" for part in parts)])
    body = "\n".join(f"<h2>{html.escape(part.title)}</h2>\n{part.html}" for part in parts)
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{html.escape(title)}</h1><p>{html.escape(summary)}</p>{body}</body></html>"
    )
    texts = {
        TABLE_NAME: markdown + "\n",
        FACTS_NAME: json.dumps(plain(everything), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        PAGE_NAME: page,
    }
    for name, text in texts.items():
        part_path = folder / f"{name}.part"
        try:
            part_path.write_text(text, encoding="utf-8")
            os.replace(part_path, folder / name)
        except OSError as error:
            raise CorpusError(f"{folder / name} cannot be written ({error}): make room and run it again") from None
        finally:
            part_path.unlink(missing_ok=True)


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


def audio(samples: Floats, rate_hz: int, label: str) -> str:
    """A player with the sound inside it, as FLAC, which every browser plays and nothing takes away from."""
    peak = float(np.abs(samples).max(initial=0.0))
    buffer = io.BytesIO()
    soundfile.write(buffer, samples / max(1.0, peak), rate_hz, format="FLAC", subtype="PCM_16")
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return (
        f'<audio controls preload="none" aria-label="{html.escape(label)}" src="data:audio/flac;base64,{data}"></audio>'
    )


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of text; a cell may be HTML that :func:`audio` made."""

    def cell(text: str) -> str:
        return f"<td>{text if text.startswith('<audio') else html.escape(text)}</td>"

    body = "".join(f"<tr>{''.join(cell(text) for text in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{"".join(f"<th>{html.escape(name)}</th>" for name in head)}</tr>{body}</table></div>'


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same for ``table-1.md``."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
