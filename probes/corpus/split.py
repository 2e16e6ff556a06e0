"""Who is held out: songs, by a stable hash, label by label."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import CorpusError
from probes.corpus.clip import Split, stable_hash

TEST_SHARE = 0.2
VALID_SHARE = 0.1
MIN_SONGS = 3


def split_songs(songs: Iterable[str], label: str) -> dict[str, Split]:
    """A side for every song of one label: a fifth for the test, a tenth for choosing, at least one each.

    The order is that of the songs' hashes, so that it depends on nothing but their names.

    Raises:
        CorpusError: fewer than three songs.
    """
    ordered = sorted(set(songs), key=stable_hash)
    if len(ordered) < MIN_SONGS:
        raise CorpusError(
            f"'{label}' has {len(ordered)} song(s): {MIN_SONGS} are the least that can be split: add songs"
        )
    tested = max(1, round(len(ordered) * TEST_SHARE))
    chosen_by = max(1, round(len(ordered) * VALID_SHARE))
    return {
        song: Split.TEST if i < tested else Split.VALID if i < tested + chosen_by else Split.TRAIN
        for i, song in enumerate(ordered)
    }
