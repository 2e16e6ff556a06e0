"""``segue download``: a checkpoint from the hub into the local cache, its size and licence shown first."""

from __future__ import annotations

import argparse
import fnmatch
import logging
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import CheckpointError
from engine.model.checkpoint_files import HUB_ID, cached_folder, find
from engine.model.memory import GB
from engine.progress import lines

if TYPE_CHECKING:
    from tqdm import tqdm

NAME = "download"
HELP = "get a model from the Hugging Face hub, after showing its size and licence"
PLAYED, JUDGE = "musicgen", "clap"
# Never pickled weights, nor code.
PATTERNS = ("*.json", "model*.safetensors", "spiece.model", "README.md", "LICENSE*")


@dataclass(frozen=True)
class Offer:
    """What the hub says of a model, before anything is fetched; ``files`` with their sizes in bytes."""

    hub_id: str
    kind: str
    licence: str
    files: Mapping[str, int]

    @property
    def size_bytes(self) -> int:
        """Of all files together."""
        return sum(self.files.values())


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("id", metavar="ID", help="such as facebook/musicgen-small")
    asking = parser.add_mutually_exclusive_group()
    asking.add_argument("--yes", action="store_true", help="do not ask before downloading")
    asking.add_argument("--dry-run", action="store_true", help="show size and licence, download nothing")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Show, ask, fetch, check.

    Raises:
        CheckpointError: the id is unknown, neither a MusicGen nor a CLAP, or the hub or the disk is in the way.
    """
    offer = look_up(options.id)
    print(f"{offer.hub_id}: {offer.size_bytes / GB:.2f} GB, licence {offer.licence}", file=sys.stderr)
    facts: dict[str, object] = {"model": offer.hub_id, "licence": offer.licence, "size_bytes": offer.size_bytes}
    if options.dry_run:
        return facts | {"downloaded": False, "folder": None}
    if not options.yes and not agreed():
        print("Nothing was downloaded.", file=sys.stderr)
        return facts | {"downloaded": False, "folder": None}
    check_room(offer)
    if options.json:
        with lines("downloading", offer.size_bytes) as advance:
            fetch(offer, advance)
    else:
        fetch(offer)
    if offer.kind == JUDGE:
        folder, use = cached_folder(offer.hub_id), f"judge with `segue evaluate --judge clap:{offer.hub_id}`"
    else:
        folder, use = find(offer.hub_id).folder, f"play it with --model {offer.hub_id}"
    if not options.json:
        print(f"{offer.hub_id} is in {folder}: {use}")
    return facts | {"downloaded": True, "folder": str(folder)}


def look_up(hub_id: str) -> Offer:
    """Ask the hub for size and licence.

    Raises:
        CheckpointError: it cannot be asked, does not know the model, or the model is not one to play.
    """
    from huggingface_hub import HfApi

    if not HUB_ID.fullmatch(hub_id):
        raise CheckpointError(f"{hub_id!r} is no hub id: write it like facebook/musicgen-small")
    try:
        info: Any = HfApi().model_info(hub_id, files_metadata=True)
    except Exception as error:  # as below
        raise _explained(hub_id, error) from error
    kind = (info.config or {}).get("model_type", PLAYED)
    if kind not in (PLAYED, JUDGE):
        raise CheckpointError(
            f"{hub_id} is of type {kind!r}, which cannot be played: use a musicgen-small, -medium or -large"
        )
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or [] if is_wanted(file.rfilename)}
    if not any(name.endswith(".safetensors") for name in sizes):
        raise CheckpointError(
            f"{hub_id} has no safetensors weights, and pickled ones are never loaded: choose another model"
        )
    licence = getattr(info.card_data, "license", None) or "not stated: look it up before you publish what it plays"
    return Offer(hub_id, kind, licence, sizes)


def is_wanted(name: str) -> bool:
    """Whether a repository's file belongs to what Segue loads."""
    return any(fnmatch.fnmatch(name, pattern) for pattern in PATTERNS)


def agreed() -> bool:
    """Ask on the terminal.

    Raises:
        CheckpointError: there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        raise CheckpointError("nobody is there to agree to the download: add --yes")
    print("Download it? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


def check_room(offer: Offer) -> None:
    """Raise CheckpointError where the disk is too small for what an earlier try has not brought whole."""
    from huggingface_hub import constants, try_to_load_from_cache

    missing = [name for name in offer.files if not isinstance(try_to_load_from_cache(offer.hub_id, name), str)]
    needed = sum(offer.files[name] for name in missing)
    place = Path(constants.HF_HUB_CACHE)
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        more = " more" if len(missing) < len(offer.files) else ""
        raise CheckpointError(
            f"{offer.hub_id} takes {needed / GB:.1f} GB{more}, and {free / GB:.1f} GB are free in {place}: "
            "make room, or set HF_HOME to a larger disk"
        )


def fetch(offer: Offer, advance: Callable[[float], None] | None = None) -> None:
    """Fill the local hub cache, file by file; files that an earlier try has brought whole are not fetched again.

    One file at a time and on this thread, so that a Ctrl-C ends it at once and leaves no half file behind.

    Args:
        advance: is told the bytes that came; None for a progress bar on standard error.

    Raises:
        CheckpointError: the connection broke.
    """
    from huggingface_hub import hf_hub_download

    for name, size_bytes in offer.files.items():
        counter = None if advance is None else _Counter(advance, size_bytes)
        try:
            hf_hub_download(offer.hub_id, name, tqdm_class=None if counter is None else counter.bar())
        except Exception as error:  # what stands behind the hub's client changes from version to version
            raise _explained(offer.hub_id, error) from error
        if counter is not None:
            counter.come_to(size_bytes)


class _Counter:
    """How far one file has come, as the client's progress bars tell: one of what arrives, one of what is written."""

    def __init__(self, advance: Callable[[float], None], size_bytes: int) -> None:
        self._advance, self._size_bytes = advance, size_bytes
        self._come = 0.0

    def come_to(self, count: float) -> None:
        """So many bytes are there. What is compressed on its way, or begun anew, never runs past the end or back."""
        count = min(count, self._size_bytes)
        if count > self._come:
            self._advance(count - self._come)
            self._come = count

    def bar(self) -> type[tqdm]:
        """A class of bars that draw nothing and count into this."""
        from tqdm import tqdm

        counter = self

        class Bar(tqdm):
            def __init__(self, *args: Any, **settings: Any) -> None:
                super().__init__(*args, **settings | {"disable": True})
                self.count = float(settings.get("initial") or 0)

            def update(self, n: float | None = 1) -> None:
                self.count += n or 0
                counter.come_to(self.count)

        return Bar


def _explained(hub_id: str, error: Exception) -> CheckpointError:
    """The hub client's error as one line with a remedy."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    logging.getLogger(__name__).warning("download of %s", hub_id, exc_info=error)
    if isinstance(error, GatedRepoError):
        return CheckpointError(f"{hub_id} asks you to accept its terms first: do so at https://huggingface.co/{hub_id}")
    if isinstance(error, RepositoryNotFoundError):
        return CheckpointError(f"the hub has no model {hub_id}: check the id")
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return CheckpointError(
        f"{hub_id} cannot be had from the hub now ({reason}): check the connection and run it again, "
        "or copy the model's folder here and name that"
    )
