"""Find a checkpoint on this machine, and check it before anything heavy is read. Never goes to the network."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.errors import CheckpointError
from engine.model.weights import WeightFile, find_weights, parameters_by_part

POCKET = "pocket"
POCKET_LICENCE = "CC0-1.0"
FACEBOOK_LICENCE = "cc-by-nc-4.0"
# MusicGen was trained on 30 s; a checkpoint that does not say otherwise is taken to be too.
DEFAULT_WINDOW_FRAMES = 1500
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
CODECS = ("encodec", "segue_spectral")
# What saving a configuration again changes although the model stays the same.
INCIDENTAL_KEYS = {"_name_or_path", "transformers_version", "torch_dtype", "dtype"}
CARD_NAMES = ("README.md", "CARD.md")
CARD_LICENCE = re.compile(r"\A---\n(?:.*\n)*?license:[ \t]*[\"']?([\w.+-]+)", re.MULTILINE)


@dataclass(frozen=True)
class CheckpointFiles:
    """A MusicGen's files, sound as far as their headers and the configuration tell.

    Attributes:
        name: as the user would ask for it: ``pocket``, the hub id, or the folder's name.
        folder: where the files are.
        config: ``config.json``.
        weights: the safetensors files.
    """

    name: str
    folder: Path
    config: Mapping[str, Any]
    weights: tuple[WeightFile, ...]

    @cached_property
    def parameters(self) -> Mapping[str, int]:
        """Number of weights per part of the model: decoder, text_encoder, audio_encoder, …"""
        return parameters_by_part(self.weights)

    @cached_property
    def digest(self) -> str:
        """Who the model is: sha256 over its configuration and, of each weights file, header, length and sampled blocks.

        Reading all the weights of a large model takes many seconds; the blocks tell two trainings of one shape apart.
        """
        hasher = hashlib.sha256(json.dumps(_lasting(self.config), sort_keys=True).encode())
        for file in self.weights:
            file.update(hasher)
        return hasher.hexdigest()

    @cached_property
    def window_frames(self) -> int:
        """Columns that the model was trained on."""
        try:
            length = json.loads((self.folder / "generation_config.json").read_text(encoding="utf-8"))["max_length"]
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            length = None
        return length if isinstance(length, int) and length > 0 else DEFAULT_WINDOW_FRAMES

    @cached_property
    def licence(self) -> str:
        """The licence that the model's card names."""
        for name in CARD_NAMES:
            try:
                found = CARD_LICENCE.match((self.folder / name).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            if found:
                return found[1]
        if self.name == POCKET:
            return POCKET_LICENCE
        if self.name.startswith("facebook/"):
            return FACEBOOK_LICENCE
        return "unknown: look it up before you publish what this model plays"


def find(name: str) -> CheckpointFiles:
    """Look for ``pocket``, a folder, or a hub id in the local hub cache.

    Raises:
        CheckpointError: nothing is there, or it is not a MusicGen that can be played.
    """
    folder, name = _folder_of(name)
    config = _read_config(folder)
    return CheckpointFiles(name, folder, config, find_weights(folder))


def _folder_of(name: str) -> tuple[Path, str]:
    if name == POCKET:
        package = importlib.util.find_spec("resources")
        places = list(package.submodule_search_locations or []) if package else []
        folder = Path(places[0] if places else "resources") / POCKET
        if not os.path.isdir(folder):
            raise CheckpointError(
                f"the built-in model is not in this installation ({folder}): reinstall Segue, or name a model"
            )
        return folder, name
    try:
        path = Path(name).expanduser()
    except RuntimeError as error:
        raise CheckpointError(f"{name} begins with nobody's home folder: give the whole path of the model") from error
    if os.path.isdir(path):  # Path.is_dir raises for a name that is too long
        return path, path.resolve().name
    if os.path.exists(path):
        raise CheckpointError(f"{name} is a file: give the folder that holds the model's config.json")
    if HUB_ID.fullmatch(name):
        return cached_folder(name), name
    raise CheckpointError(
        f"there is no model {name!r}: give pocket, a folder, or a hub id such as facebook/musicgen-small"
    )


def cached_folder(hub_id: str) -> Path:
    """Where the local hub cache keeps a model.

    Raises:
        CheckpointError: it does not.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, IncompleteSnapshotError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(hub_id, local_files_only=True))
    except IncompleteSnapshotError as error:
        # Complete or not is for our own checks to say: pickled weights, for one, are left out on purpose.
        return Path(error.snapshot_path)
    except (LocalEntryNotFoundError, HFValidationError) as error:
        message = f"{hub_id} is neither a folder nor in the local model cache: get it with `segue download {hub_id}`"
        raise CheckpointError(message) from error


def _read_config(folder: Path) -> Mapping[str, Any]:
    path = folder / "config.json"
    if not os.path.exists(path):
        raise CheckpointError(f"{folder} holds no config.json: give the folder of a MusicGen in Hugging Face's layout")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        kind, codec = config.get("model_type"), config.get("audio_encoder", {}).get("model_type")
        sizes = [config.get("decoder", {}).get(key, 1) for key in ("hidden_size", "num_hidden_layers")]
        if not all(isinstance(size, int) for size in sizes) or not isinstance(config.get("text_encoder", {}), dict):
            raise ValueError("sizes that are no numbers")
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged: download the model again") from error
    if kind == "musicgen_melody":
        raise CheckpointError(
            f"{folder.name} is a melody model, which cannot be played yet: use musicgen-small, -medium or -large"
        )
    if kind != "musicgen":
        raise CheckpointError(f"{folder} holds a model of type {kind!r}, not a MusicGen: choose another")
    if codec not in CODECS:
        raise CheckpointError(
            f"{folder} has the audio codec {codec!r}, which cannot be played: use a MusicGen with EnCodec"
        )
    return config


def _lasting(value: Any) -> Any:
    """A configuration without its incidental keys, at any depth."""
    if isinstance(value, Mapping):
        return {key: _lasting(inner) for key, inner in value.items() if key not in INCIDENTAL_KEYS}
    return value
