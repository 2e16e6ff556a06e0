"""The delay pattern against transformers' own."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import MusicgenForConditionalGeneration

from engine.model.delay import DelayPattern


@pytest.mark.parametrize(("layout", "books", "channels"), [("tiny_musicgen", 4, 1), ("tiny_stereo", 8, 2)])
def test_columns_equal_transformers(layout: str, books: int, channels: int, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(layout)
    model = MusicgenForConditionalGeneration.from_pretrained(path)
    start = model.config.decoder.vocab_size
    frames = torch.randint(start, (1, books, 15))
    pattern = DelayPattern(books, channels, start)
    ids = torch.cat([torch.full((books, 1), start), frames[0]], dim=1)
    _, mask = model.decoder.build_delay_pattern_mask(ids, start, max_length=40)
    columns = pattern.columns(frames)[0]
    for book in range(books):
        delay = pattern.delays[book]
        assert torch.equal(columns[book, : 16 + delay], mask[book, : 16 + delay])


def test_frames_undo_columns() -> None:
    pattern = DelayPattern(4, 1, 99)
    frames = torch.randint(99, (2, 4, 11))
    assert torch.equal(pattern.frames(pattern.columns(frames)), frames)


def test_a_later_beginning_hides_what_came_before() -> None:
    pattern = DelayPattern(4, 1, 99)
    frames = torch.randint(99, (1, 4, 20))
    assert torch.equal(pattern.hide_before(pattern.columns(frames), 6), pattern.columns(frames[:, :, 6:]))
