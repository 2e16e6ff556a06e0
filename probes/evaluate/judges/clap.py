"""CLAP as a judge: zero-shot, by how near a sound lies to sentences that name the labels (arXiv 2211.06687).

Hugging Face's pipeline crops what is longer than the model's window at random, and pretends that one sound of a batch is long
where a fusion model is used. Here windows are cut in order from the start, and none is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import torch

from engine.errors import CheckpointError, CorpusError
from engine.model.checkpoint import choose_device
from engine.model.checkpoint_files import HUB_ID, cached_folder
from engine.model.quiet import quiet_transformers
from engine.model.weights import find_weights
from probes.evaluate.judges.judge import Verdicts, in_windows
from probes.moments import Doubles, Floats

DEFAULT_MODEL = "laion/clap-htsat-unfused"
TEMPLATE = "This is a sound of {} music."
WINDOWS_AT_ONCE = 16


class Clap:
    """Judges by a ``ClapModel``.

    Args:
        model: a hub id in the local cache, or a folder in Hugging Face's layout.
        labels: what may be heard; the probabilities depend on all of them.
        template: a sentence with ``{}`` where the label belongs.

    Raises:
        CheckpointError: the model is not on this machine, is not a CLAP, or cannot be loaded.
        CorpusError: the template names no label.
    """

    name = "clap"
    #: it has heard no corpus of ours
    corpus: Mapping[str, Doubles] = {}

    def __init__(self, model: str = DEFAULT_MODEL, labels: Sequence[str] = (), template: str = TEMPLATE) -> None:
        if "{}" not in template:
            raise CorpusError(f"the template '{template}' has no {{}} where the label belongs")
        self.labels = tuple(labels)
        folder = _folder_of(model)
        hasher = hashlib.sha256(json.dumps([labels, template]).encode())
        for file in find_weights(folder):
            file.update(hasher)
        self.identity = f"clap {hasher.hexdigest()}"
        self._device = choose_device()
        self._model, self._extractor, tokenizer = _load(folder)
        self._model.to(self._device)
        with torch.inference_mode():
            words = tokenizer([template.format(label) for label in self.labels], padding=True, return_tensors="pt")
            words = words.to(self._device)
            text: Any = self._model.get_text_features(words["input_ids"], words["attention_mask"])
            self._text = text.pooler_output * self._model.logit_scale_a.exp()  # (G, E)

    def judge(self, sounds: Sequence[Floats], rate_hz: int) -> Verdicts:
        """Probabilities and unit embeddings, means over each sound's windows."""
        cut = [self._windows(sound, rate_hz) for sound in sounds]
        places = self._places([window for windows in cut for window in windows])
        scores = places @ self._text.t()
        # Doubles on this side: not every device has them.
        shares = scores.softmax(-1).cpu().double().numpy()
        owners = np.repeat(np.arange(len(sounds)), [len(windows) for windows in cut])
        where = places.cpu().double().numpy()
        rows = [owners == number for number in range(len(sounds))]
        return Verdicts(np.stack([shares[r].mean(0) for r in rows]), np.stack([where[r].mean(0) for r in rows]))

    def _windows(self, sound: Floats, rate_hz: int) -> list[Floats]:
        """At the model's own rate, cut into its windows from the start; what is shorter than one is repeated to fill it."""
        samples = soxr.resample(sound, rate_hz, self._extractor.sampling_rate)
        return in_windows(samples, int(self._extractor.nb_max_samples))

    @torch.inference_mode()
    def _places(self, windows: Sequence[Floats]) -> torch.Tensor:
        """Unit vectors ``(n, E)``."""
        parts = []
        for first in range(0, len(windows), WINDOWS_AT_ONCE):
            group = list(windows[first : first + WINDOWS_AT_ONCE])
            heard = self._extractor(group, sampling_rate=self._extractor.sampling_rate, return_tensors="pt")
            features = heard["input_features"].float().to(self._device)
            # No window is longer than the model's: the extractor marks one all the same, drawn by chance.
            longer = torch.zeros(len(group), 1, dtype=torch.bool, device=self._device)
            parts.append(self._model.get_audio_features(features, is_longer=longer).pooler_output)
        return torch.cat(parts)


def _folder_of(model: str) -> Path:
    try:
        path = Path(model).expanduser()
    except RuntimeError:
        raise CheckpointError(f"{model} begins with nobody's home folder: give the whole path of the CLAP") from None
    if path.is_dir():
        return path
    if HUB_ID.fullmatch(model):
        return cached_folder(model)
    raise CheckpointError(f"there is no CLAP model {model!r}: give a folder, or a hub id such as {DEFAULT_MODEL}")


def _load(folder: Path) -> tuple[Any, Any, Any]:
    from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel

    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind = config.get("model_type")
    except (OSError, ValueError, AttributeError):
        raise CheckpointError(f"{folder} holds no config.json that can be read: download the model again") from None
    if kind != "clap":
        raise CheckpointError(f"{folder} holds a model of type {kind!r}, not a CLAP: choose another judge")
    options: dict[str, Any] = {"local_files_only": True}
    with quiet_transformers():
        try:
            model: Any = ClapModel.from_pretrained(folder, use_safetensors=True, dtype=torch.float32, **options)
            extractor = ClapFeatureExtractor.from_pretrained(folder, **options)
            tokenizer = AutoTokenizer.from_pretrained(folder, **options)
        except Exception as error:  # of a damaged file each of transformers' parts says so in its own way
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise CheckpointError(f"the CLAP in {folder} cannot be loaded ({reason}): download it again") from error
    return model.eval().requires_grad_(False), extractor, tokenizer
