"""A corpus as the codec's tokens, in one memory-mapped array: ``python -m resources.recipe.tokens CORPUS -o WORK``."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import CheckpointError, CorpusError
from engine.model.spectral import SpectralCodec, SpectralCodecConfig
from resources.recipe.codec import CHECKPOINT_NAME
from resources.recipe.command import run
from resources.recipe.progress import load_checkpoint
from resources.recipe.waveforms import Waveforms, check_splits, corpus_digest, read_manifest

SAVE_EVERY_CLIPS = 256


def open_codec(work: Path) -> SpectralCodec:
    """The trained codec of a work folder, for use.

    Raises:
        CheckpointError: no codec has been trained there.
    """
    path = work / CHECKPOINT_NAME
    if not path.exists():
        raise CheckpointError(f"no {path}: train it with python -m resources.recipe.codec CORPUS -o {work}")
    codec = SpectralCodec(SpectralCodecConfig())
    load_checkpoint(path, codec)
    return codec.eval().requires_grad_(False)


def fingerprint(codec: SpectralCodec) -> str:
    """Identity of what decides the tokens: the encoder and the codebooks, not the decoder."""
    digest = hashlib.sha256()
    for part in (codec.encoder, codec.quantizer):
        for tensor in part.state_dict().values():
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


@dataclass
class Tokens:
    """Tokens ``(N, K, T)`` of a corpus, with the manifest's row of each clip."""

    codes: NDArray[np.int16]
    rows: list[dict[str, object]]

    @classmethod
    def open(cls, corpus: Path, work: Path) -> Tokens:
        """What :func:`encode_corpus` wrote.

        Raises:
            CorpusError: the corpus has not been encoded, or not to its end.
        """
        rows = read_manifest(corpus)
        check_splits(rows, corpus)
        state = _read_state(work)
        if state is None or state.get("corpus") != corpus_digest(corpus) or state["done"] != len(rows):
            remedy = f"python -m resources.recipe.tokens {corpus} -o {work}"
            raise CorpusError(f"{work} does not hold all tokens of {corpus}: run {remedy}")
        return cls(np.load(work / "codes.npy", mmap_mode="r"), rows)

    def extent(self) -> dict[str, object]:
        """How much there is to learn from: the training clips and their hours."""
        seconds = [float(str(self.rows[i]["seconds"])) for i in self.indices("train")]
        return {"clips": len(seconds), "hours": round(sum(seconds) / 3600, 2)}

    def indices(self, *splits: str) -> list[int]:
        """Clips of these sides of the split."""
        return [i for i, row in enumerate(self.rows) if row["split"] in splits]


def _read_state(work: Path) -> dict[str, object] | None:
    path = work / "codes.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() and (work / "codes.npy").exists() else None


def _write_state(work: Path, codec: str, corpus: str, done: int) -> None:
    part = work / "codes.json.part"
    part.write_text(json.dumps({"codec": codec, "corpus": corpus, "done": done}), encoding="utf-8")
    os.replace(part, work / "codes.json")


@torch.no_grad()
def encode_corpus(corpus: Path, work: Path, batch: int = 2) -> Path:
    """Encode what is not encoded yet into ``work/codes.npy``; tokens of an older codec or corpus are made anew."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    codec = open_codec(work).to(device)  # type: ignore[arg-type]  # its decorator hides `self`
    waveforms = Waveforms.open(corpus, work, codec.config.sampling_rate)
    identity, wanted, clips = fingerprint(codec), corpus_digest(corpus), len(waveforms.rows)
    frames = waveforms.samples.shape[1] // codec.config.hop_length
    shape = (clips, codec.config.num_quantizers, frames)
    path, done, state = work / "codes.npy", 0, _read_state(work)
    if state is not None and state["codec"] == identity and state.get("corpus") == wanted:
        done = int(str(state["done"]))
        codes = np.lib.format.open_memmap(path, "r+")
    else:
        (work / "codes.json").unlink(missing_ok=True)
        codes = np.lib.format.open_memmap(path, "w+", np.int16, shape)
    started, first, saved = time.monotonic(), done, done
    while done < clips:
        rows = slice(done, min(done + batch, clips))
        audio = waveforms.samples[rows, : frames * codec.config.hop_length].astype(np.float32) / 32768
        codes[rows] = codec.quantizer.encode(codec.encoder(torch.from_numpy(audio).to(device))).cpu().numpy()
        done = rows.stop
        if done - saved >= SAVE_EVERY_CLIPS or done == clips:
            codes.flush()
            _write_state(work, identity, wanted, done)
            saved = done
            seconds = (done - first) * frames * codec.config.hop_length / codec.config.sampling_rate
            print(f"{done}/{clips} clips, {seconds / (time.monotonic() - started):.0f} × real time", flush=True)
    return path


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m resources.recipe.tokens", description=__doc__)
    parser.add_argument("corpus", type=Path, help="a folder written by `segue corpus compose`")
    parser.add_argument(
        "-o", "--work", type=Path, required=True, help="holds the codec's checkpoint; the tokens go beside it"
    )
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    encode_corpus(options.corpus, options.work, options.batch)


if __name__ == "__main__":
    run(main)
