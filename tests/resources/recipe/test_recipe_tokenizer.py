"""The tokenizer of our own prompts: one word, one piece; every unknown word in pieces; the same after loading."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoTokenizer, EncodecFeatureExtractor, MusicgenProcessor, TokenizersBackend

from resources.recipe.tokenizer import MAX_TOKENS, open_tokenizer, train_tokenizer

PROMPTS = [
    f"{mood} {genre} music with {instrument}, {bpm} bpm"
    for mood in ("dark", "uplifting")
    for genre in ("classical", "electronic", "jazz", "rock")
    for instrument in ("piano", "synth bass", "distorted guitars")
    for bpm in (90, 124)
]


@pytest.fixture(scope="module")
def tokenizer() -> TokenizersBackend:
    return train_tokenizer(PROMPTS)


def test_familiar_words_are_single_pieces(tokenizer: TokenizersBackend) -> None:
    ids = tokenizer("dark jazz music with piano, 124 bpm").input_ids
    assert len(ids) == 9  # seven words, the comma, the end
    assert ids[-1] == tokenizer.eos_token_id == 1
    assert tokenizer.pad_token_id == 0


def test_case_and_accents_do_not_matter(tokenizer: TokenizersBackend) -> None:
    assert tokenizer("  DÁRK Jazz ").input_ids == tokenizer("dark jazz").input_ids


def test_unknown_words_come_in_pieces(tokenizer: TokenizersBackend) -> None:
    text = "a zydeco waltz (live) & some #9 xylophone?"
    ids = tokenizer(text).input_ids
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids, skip_special_tokens=True) == text
    assert tokenizer("音楽").input_ids.count(tokenizer.unk_token_id) > 0  # no failure, but not read


def test_long_prompts_are_cut(tokenizer: TokenizersBackend) -> None:
    ids = tokenizer("q " * 500, truncation=True).input_ids
    assert len(ids) == MAX_TOKENS
    assert ids[-1] == tokenizer.eos_token_id


def test_empty_prompt_is_the_end_alone(tokenizer: TokenizersBackend) -> None:
    assert tokenizer("").input_ids == [tokenizer.eos_token_id]


def test_loads_as_it_was_saved(tokenizer: TokenizersBackend, tmp_path: Path) -> None:
    extractor = EncodecFeatureExtractor(feature_size=1, sampling_rate=24_000)
    MusicgenProcessor(feature_extractor=extractor, tokenizer=tokenizer).save_pretrained(tmp_path)
    wanted = tokenizer("Uplifting ROCK with theremin").input_ids
    assert (
        AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)("Uplifting ROCK with theremin").input_ids
        == wanted
    )
    assert open_tokenizer(tmp_path)("Uplifting ROCK with theremin").input_ids == wanted
