"""Encoding a corpus: the codec's own tokens, resumable, anew when the codec changes; and what is drawn from them."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import CheckpointError, CorpusError
from engine.model.spectral import SpectralCodec, SpectralCodecConfig
from resources.recipe.codec import CHECKPOINT_NAME
from resources.recipe.draws import BEGINNINGS_PER_WINDOW, TEXT_DROP, Draws
from resources.recipe.progress import save_checkpoint
from resources.recipe.tokenizer import train_tokenizer
from resources.recipe.tokens import Tokens, encode_corpus, open_codec
from resources.recipe.waveforms import Waveforms


def save_codec(work: Path, seed: int) -> None:
    torch.manual_seed(seed)
    codec = SpectralCodec(SpectralCodecConfig())
    torch.nn.init.normal_(codec.quantizer.codebooks)
    optimizer = torch.optim.AdamW(codec.parameters())
    save_checkpoint(work / CHECKPOINT_NAME, codec, optimizer, 1, {}, {})


@pytest.fixture
def work(tmp_path: Path) -> Path:
    save_codec(tmp_path, 0)
    return tmp_path


def test_tokens_are_the_codecs_own(sines: Path, work: Path) -> None:
    encode_corpus(sines, work, batch=5)
    codec = open_codec(work)
    codes = Tokens.open(sines, work).codes
    audio = Waveforms.open(sines, work, codec.config.sampling_rate).samples[7].astype(np.float32) / 32768
    alone = codec.encode(torch.from_numpy(audio)[None, None]).audio_codes[0, 0]
    assert codes.shape == (12, 4, 100)
    # A batch sums in another order than a single clip: a rare near-tie may fall to the other entry
    assert (codes[7] == alone.numpy()).mean() > 0.99


def test_encoding_goes_on_where_it_stopped(sines: Path, work: Path) -> None:
    encode_corpus(sines, work)
    whole = np.load(work / "codes.npy")
    state = json.loads((work / "codes.json").read_text())
    (work / "codes.json").write_text(json.dumps(state | {"done": 4}))
    codes = np.load(work / "codes.npy", mmap_mode="r+")
    codes[:] = -1
    codes.flush()
    with pytest.raises(CorpusError, match=r"recipe\.tokens"):
        Tokens.open(sines, work)
    encode_corpus(sines, work)
    codes = Tokens.open(sines, work).codes
    assert (codes[:4] == -1).all()  # what was done is not done again
    assert (codes[4:] == whole[4:]).all()


def test_another_codec_makes_the_tokens_anew(sines: Path, work: Path) -> None:
    encode_corpus(sines, work)
    before = np.load(work / "codes.npy")
    save_codec(work, 1)
    encode_corpus(sines, work)
    assert (np.load(work / "codes.npy") != before).mean() > 0.5


def test_names_the_remedy_where_there_is_no_codec(sines: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"resources\.recipe\.codec"):
        encode_corpus(sines, tmp_path)


@pytest.fixture
def tokens() -> Tokens:
    rows: list[dict[str, object]] = [
        {"split": split, "prompts": [f"{split} {i} first", f"{split} {i} second"], "seconds": 4.0}
        for split in ("train", "valid", "test")
        for i in range(4)
    ]
    # The value of a token tells its clip, so that a draw can be traced back
    codes = np.repeat(np.arange(12, dtype=np.int16), 4 * 200).reshape(12, 4, 200)
    codes[..., :] += (np.arange(200, dtype=np.int16) % 2) * 100
    return Tokens(codes, rows)


def test_training_draws_training_clips_in_every_phrasing(tokens: Tokens) -> None:
    tokenizer = train_tokenizer(p for row in tokens.rows for p in row["prompts"])  # type: ignore[attr-defined]
    draws, rng = Draws(tokens, tokenizer, 50), np.random.default_rng(0)
    texts, kept, clips, starts, shapes = set(), [], set(), set(), set()
    for _ in range(60):
        batch = draws.train(rng, 4)
        shapes.add(tuple(batch.codes.shape))
        texts |= {tokenizer.decode(ids, skip_special_tokens=True) for ids in batch.text_ids}
        kept += batch.keep.tolist()
        clips |= set((batch.codes[:, 0, 0] % 100).tolist())
        if batch.codes.shape[-1] == 50:
            starts |= set((batch.codes[:, 0, 0] // 100).tolist())
    assert shapes == {(4, 4, 50), (4 * BEGINNINGS_PER_WINDOW, 4, 50 // BEGINNINGS_PER_WINDOW)}
    assert texts == {f"train {i} {which}" for i in range(4) for which in ("first", "second")}
    assert clips == {0, 1, 2, 3}
    assert starts == {0, 1}
    assert 1 - TEXT_DROP - 0.1 < np.mean(kept) < 1 - TEXT_DROP + 0.1


def test_held_out_draws_stay_the_same(tokens: Tokens) -> None:
    tokenizer = train_tokenizer(["valid 0 first"])
    draws = Draws(tokens, tokenizer, 50)
    once, again = draws.held_out(3, 2, text=True), draws.held_out(3, 2, text=True)
    assert [len(b.codes) for b in once] == [2, 1]
    assert all(
        torch.equal(a.codes, b.codes) and torch.equal(a.text_ids, b.text_ids) for a, b in zip(once, again, strict=True)
    )
    assert set((once[0].codes % 100).flatten().tolist()) <= {4, 5, 6, 7}
    assert all((b.keep == 0).all() for b in draws.held_out(3, 2, text=False))


def test_unigram_of_uniform_tokens_is_the_logarithm_of_their_number() -> None:
    rng = np.random.default_rng(0)
    rows: list[dict[str, object]] = [{"split": s, "prompts": ["x"]} for s in ("train", "train", "valid")]
    tokens = Tokens(rng.integers(0, 16, (3, 4, 20_000)).astype(np.int16), rows)
    nats = Draws(tokens, train_tokenizer(["x"]), 20_000).unigram_nats(1)
    assert nats == pytest.approx(math.log(16), abs=0.01)


def test_another_corpus_with_files_of_the_same_names_is_encoded_anew(sines: Path, work: Path, tmp_path: Path) -> None:
    encode_corpus(sines, work)
    other = tmp_path / "other"
    shutil.copytree(sines, other)
    first, second = sorted(other.rglob("*.flac"))[:2]
    first.write_bytes(second.read_bytes())
    with pytest.raises(CorpusError, match=r"recipe\.tokens"):
        Tokens.open(other, work)
    before = np.load(work / "codes.npy")
    encode_corpus(other, work)
    assert (Tokens.open(other, work).codes != before).any()


def test_a_corpus_that_leaves_nothing_to_validate_on_is_refused(sines: Path, work: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(sines, other)
    manifest = other / "manifest.jsonl"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"valid"', '"train"'), encoding="utf-8")
    with pytest.raises(CorpusError, match="no clips to validate on: compose more"):
        encode_corpus(other, work)
