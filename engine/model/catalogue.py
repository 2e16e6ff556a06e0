"""The models that can be chosen: what each weighs, needs and allows, whether it is here, and whether it fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.errors import CheckpointError
from engine.model.checkpoint_files import FACEBOOK_LICENCE, POCKET, find
from engine.model.memory import FLOAT32_BYTES, PUBLISHED, Size, available_bytes
from engine.model.precision import Precision

# A stereo model embeds and predicts the second channel's codebooks too.
STEREO_CODEBOOKS, CODEBOOK_SIZE = 4, 2048


@dataclass(frozen=True)
class Entry:
    """One model that could be loaded.

    Attributes:
        name: as :class:`engine.messages.LoadModel` takes it.
        licence: as the model's card names it.
        disk_bytes: of its weights; for a model that is not here, what the published one weighs.
        memory_bytes: while it plays, in the number format that this machine would choose.
        here: it is on this machine, whole. If part of it is, ``trouble`` says what is wrong with it.
        fits: there is that much memory now, beside what plays.
    """

    name: str
    licence: str
    disk_bytes: int
    memory_bytes: int
    here: bool
    fits: bool
    trouble: str = ""


@dataclass(frozen=True)
class Machine:
    """What models are held against.

    Attributes:
        idle_card: one line on a graphics card that torch leaves idle, with the remedy; "" where there is none.
    """

    device: str
    precision: Precision
    free_bytes: int
    idle_card: str = ""


def this_machine() -> Machine:
    """Look. Loads torch."""
    from engine.model.cards import idle_card
    from engine.model.checkpoint import choose_device, choose_precision

    device = choose_device()
    return Machine(device.type, choose_precision(device), available_bytes(device), idle_card() or "")


def survey(folders: Iterable[str], machine: Machine) -> tuple[Entry, ...]:
    """Pocket, the published models from small to large, and models in ``folders``. Reads headers from disk."""
    return (
        look(POCKET, machine),
        *(look(size.name, machine, size) for size in published()),
        *(look(folder, machine) for folder in folders),
    )


def look(name: str, machine: Machine, published_size: Size | None = None) -> Entry:
    """One model, whether it is here or not."""
    try:
        files = find(name)
    except CheckpointError as error:
        if published_size is None:
            return Entry(name, "", 0, 0, here=False, fits=True, trouble=str(error))
        trouble = str(error) if _partly_cached(name) else ""
        return _entry(name, FACEBOOK_LICENCE, published_size, _stored_bytes(published_size), machine, trouble=trouble)
    size = Size.of(name, files.parameters, files.config, files.window_frames)
    return _entry(name, files.licence, size, sum(file.size_bytes for file in files.weights), machine, here=True)


def _entry(
    name: str, licence: str, size: Size, disk_bytes: int, machine: Machine, here: bool = False, trouble: str = ""
) -> Entry:
    needed = size.bytes_in(machine.precision)
    return Entry(name, licence, disk_bytes, needed, here, needed <= machine.free_bytes, trouble)


def published() -> tuple[Size, ...]:
    """Facebook's models, mono and stereo, from small to large."""
    rising = sorted(PUBLISHED, key=lambda size: size.decoder)
    return (*rising, *(_in_stereo(size) for size in rising))


def _in_stereo(size: Size) -> Size:
    more = 2 * STEREO_CODEBOOKS * CODEBOOK_SIZE * size.hidden  # embeddings and heads
    return replace(size, name=size.name.replace("musicgen-", "musicgen-stereo-"), decoder=size.decoder + more)


def _stored_bytes(size: Size) -> int:
    """What the hub stores, float32 in safetensors."""
    return FLOAT32_BYTES * (size.decoder + size.codec + size.text)


def _partly_cached(hub_id: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(hub_id, "config.json"), str)
