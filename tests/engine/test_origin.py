"""What a score says of where its tokens come from is what was played with."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.instrument import Instrument
from engine.origin import origin_of
from engine.steering.pack import ProbePack
from engine.takes.score import Origin


def test_it_names_the_model_and_what_lies_beside_it(
    tiny_instrument: Instrument, tiny_pack: ProbePack, tiny_spectral: Path
) -> None:
    origin = origin_of(tiny_instrument, tiny_pack, None, 5, None)
    assert (origin.model_sha256, origin.pack_sha256) == (tiny_instrument.identity.digest, tiny_pack.digest)
    assert (origin.device, origin.dtype, origin.seed) == ("cpu", "fp32", 5)
    assert origin.window_frames == tiny_instrument.window_frames == 128
    assert origin.tokenizer_sha256 == hashlib.sha256((tiny_spectral / "tokenizer.json").read_bytes()).hexdigest()
    assert Origin.from_json(origin.to_json(), "here") == origin


def test_that_of_an_older_version_is_read(tiny_instrument: Instrument) -> None:
    stored = origin_of(tiny_instrument, None, None, 5, None).to_json()
    for name in ("window_frames", "tokenizer_sha256", "model_folder", "pack_file"):
        del stored[name]
    origin = Origin.from_json(stored, "here")
    assert (origin.window_frames, origin.tokenizer_sha256) == (None, "")
