"""A labelled data set of the Hugging Face hub, in the layout of lewtun/music_genres, laid out as genre folders.

Its audio is written once, as it is, into the cache: ``genre/song.suffix``. From there on it is a folder like any other.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from engine.errors import CorpusError
from engine.extras import how_to_install
from probes.corpus.clip import Corpus
from probes.corpus.folder import open_folder

DONE_NAME = "complete"
COLUMNS = ("audio", "song_id", "genre")


def open_hub(name: str, cache: Path, only: Sequence[str] = ()) -> Corpus:
    """Fetch a data set by its name, or read it from a local folder of parquet files, and list it.

    Args:
        only: genres to take; see :func:`probes.corpus.folder.open_folder`.

    Raises:
        CorpusError: `datasets` is not installed; there is no such data set; it has other columns.
    """
    if not name.strip():
        raise CorpusError("hub: names no data set: give hub:NAME, such as hub:lewtun/music_genres")
    folder = cache / "hub" / re.sub(r"[^\w.-]+", "--", name)
    if not (folder / DONE_NAME).exists():
        for row in _rows(name):
            _lay_out(row, folder)
        (folder / DONE_NAME).touch()
    return open_folder(folder, f"hub:{name}", only)


def _rows(name: str) -> Iterator[dict[str, Any]]:
    try:
        import datasets
    except ImportError:
        raise CorpusError(f"data sets of the hub need the package `datasets`: {how_to_install('hub')}") from None
    try:
        splits = datasets.load_dataset(name)
    except Exception as error:  # the hub, the network and the files each fail in their own way
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CorpusError(f"the data set {name} cannot be had ({reason}): check its name and the connection") from error
    for split in splits.values():
        missing = [column for column in COLUMNS if column not in split.column_names]
        if missing:
            raise CorpusError(
                f"{name} has no column {missing[0]!r}: only the layout of lewtun/music_genres is understood"
            )
        yield from split.cast_column("audio", datasets.Audio(decode=False))


def _lay_out(row: dict[str, Any], folder: Path) -> None:
    """Write one recording, whole or not at all."""
    audio = row["audio"]
    source = Path(audio["path"] or "unnamed.wav")
    path = folder / _plain(row["genre"]) / f"{_plain(row['song_id'])}{source.suffix or '.wav'}"
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(audio["bytes"] if audio["bytes"] is not None else source.read_bytes())
    os.replace(part, path)


def _plain(word: object) -> str:
    """What a data set calls something, as the name of one file: it leads out of no folder."""
    return re.sub(r"[^\w .&+-]+", "-", str(word)).strip(". ") or "unnamed"
