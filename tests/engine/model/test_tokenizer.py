"""Prompts to ids, against transformers' tokenizer over the same file."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoTokenizer

from engine.model.tokenizer import MAX_TEXT_TOKENS, PromptTokenizer

PROMPTS = ["slow jazz with piano", "", "rock", "  spaces   inside ", "ünknown 音", "a b " * 300]


def test_ids_and_mask_equal_transformers(tiny_spectral: Path) -> None:
    theirs = AutoTokenizer.from_pretrained(tiny_spectral)(
        PROMPTS, return_tensors="pt", padding=True, truncation=True, max_length=MAX_TEXT_TOKENS
    )
    ids, mask = PromptTokenizer.load(tiny_spectral, vocabulary=128, pad_token=0)(PROMPTS)
    assert ids.shape == (len(PROMPTS), MAX_TEXT_TOKENS)
    assert torch.equal(ids, theirs["input_ids"])
    assert torch.equal(mask, theirs["attention_mask"])


def test_a_row_is_what_it_is_alone(tiny_spectral: Path) -> None:
    tokenizer = PromptTokenizer.load(tiny_spectral, vocabulary=128, pad_token=7)
    together, mask = tokenizer(["rock", "slow jazz"])
    alone, _ = tokenizer(["rock"])
    length = alone.shape[1]
    assert torch.equal(together[:1, :length], alone)
    assert together[0, length:].tolist() == [7] * (together.shape[1] - length)
    assert mask[0].sum() == length
