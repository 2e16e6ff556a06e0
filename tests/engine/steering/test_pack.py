"""The pack on disk: what is written comes back, and nothing else is taken for one."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from engine.control import Law
from engine.errors import PackError
from engine.steering import pack as pack_module
from engine.steering.knob_map import KnobMap
from engine.steering.pack import ModelIdentity, PackDefaults, ProbePack

MODEL = ModelIdentity("org/model", "ab" * 32, layers=3, hidden_size=16)


def make_pack(**changes: Any) -> ProbePack:
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(3, 2, 16)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    fields: dict[str, Any] = {
        "model": MODEL,
        "genres": ("jazz", "rock"),
        "directions": directions,
        "readout": rng.normal(size=(3, 2, 16)).astype(np.float32),
        "readout_bias": rng.normal(size=(3, 2)).astype(np.float32),
        "accuracy": np.array([0.5, 0.75, 0.7], np.float32),
        "redline": np.array([1.5, 2.0], np.float32),
        "defaults": PackDefaults(((1, 1.0), (2, 0.5)), Law.RELATIVE, 0.4),
        "meter_layer": 2,
        "method": "least squares",
        "provenance": {"corpus": "composed", "clips": 240, "figures": [0.5, None, {"10": 1, "9": 2}]},
    }
    return ProbePack(**(fields | changes))


def curves(*, genres: int = 2, middle: float = 0.25) -> KnobMap:
    return KnobMap(
        np.tile(np.array([0, 0.5, 1], np.float32), (genres, 1)),
        np.tile(np.array([0, middle, 1], np.float32), (genres, 1)),
    )


def saved(folder: Path, **changes: Any) -> Path:
    path = folder / "probes.safetensors"
    make_pack(**changes).save(path)
    return path


def rewrite(path: Path, change: Callable[[dict[str, Any], dict[str, np.ndarray]], None]) -> Path:
    """The file with another header or other tensors, as a program that is not ours might write it."""
    with safe_open(path, "numpy") as file:
        header = json.loads(file.metadata()["segue.pack"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    change(header, tensors)
    save_file(tensors, path, metadata={"segue.pack": json.dumps(header)})
    return path


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    pack = make_pack()
    path = saved(tmp_path)
    read = ProbePack.load(path)
    for name in ("directions", "readout", "readout_bias", "accuracy", "redline"):
        np.testing.assert_array_equal(getattr(read, name), getattr(pack, name))
        assert getattr(read, name).dtype == np.float32
    for name in ("model", "genres", "defaults", "meter_layer", "method", "provenance"):
        assert getattr(read, name) == getattr(pack, name)
    assert read.digest == pack.digest
    assert list(tmp_path.iterdir()) == [path], "no part file stays"


def test_a_knob_map_comes_back(tmp_path: Path) -> None:
    pack = make_pack(knob_map=curves())
    read = ProbePack.load(saved(tmp_path, knob_map=curves()))
    assert read.knob_map is not None
    np.testing.assert_array_equal(read.knob_map.knobs, curves().knobs)
    np.testing.assert_array_equal(read.knob_map.factors, curves().factors)
    assert read.digest == pack.digest


def test_a_pack_without_a_knob_map_is_what_it_was_before_there_were_any(tmp_path: Path) -> None:
    with safe_open(saved(tmp_path), "numpy") as file:
        assert json.loads(file.metadata()["segue.pack"])["format_version"] == 1
        assert pack_module.KNOB_MAP not in file.keys()  # noqa: SIM118 (no mapping)
    assert ProbePack.load(tmp_path / "probes.safetensors").knob_map is None


def test_the_digest_does_not_depend_on_how_a_number_was_written(tmp_path: Path) -> None:
    whole = make_pack(defaults=PackDefaults(((1, 1),), knob_scale=1))
    whole.save(tmp_path / "whole")
    assert ProbePack.load(tmp_path / "whole").digest == whole.digest


def nudged(name: str) -> dict[str, Any]:
    array = getattr(make_pack(), name).copy()
    array.flat[0] = np.nextafter(array.flat[0], np.float32(2))
    return {name: array}


@pytest.mark.parametrize(
    "change",
    [nudged(name) for name in ("directions", "readout", "readout_bias", "accuracy", "redline")]
    + [
        {"model": replace(MODEL, digest="cd" * 32)},
        {"genres": ("jazz", "punk")},
        {"defaults": PackDefaults(((1, 1.0), (2, 0.5)), Law.ADD, 0.4)},
        {"defaults": PackDefaults(((1, 1.0), (2, 0.5)), Law.RELATIVE, 0.5)},
        {"meter_layer": 1},
        {"method": "difference of means"},
        {"provenance": {}},
        {"knob_map": curves()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_changes_with_every_part(change: dict[str, Any]) -> None:
    assert make_pack(**change).digest != make_pack().digest


def test_the_digest_changes_with_the_knob_map() -> None:
    assert make_pack(knob_map=curves()).digest != make_pack(knob_map=curves(middle=0.3)).digest


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path)

    def full(_tensors: Any, part: Path, **_: Any) -> None:
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pack_module, "save_file", full)
    with pytest.raises(PackError, match="No space left"):
        make_pack(method="other").save(path)
    assert ProbePack.load(path).method == "least squares"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="cannot be written"):
        make_pack().save(tmp_path / "gone" / "probes.safetensors")


def bad(name: str, value: float) -> dict[str, Any]:
    array = getattr(make_pack(), name).copy()
    array.flat[-1] = value
    return {name: array}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [(bad(name, np.nan), name) for name in ("directions", "readout", "readout_bias", "accuracy", "redline")]
    + [
        (bad("readout", np.inf), "readout"),
        (bad("directions", 3.0), "unit length"),
        ({"directions": np.zeros((3, 2, 16), np.float32)}, "unit length"),
        ({"directions": make_pack().directions[:2]}, "directions are float32"),
        ({"directions": make_pack().directions.astype(np.float64)}, "directions are float64"),
        ({"readout_bias": np.zeros((2, 3), np.float32)}, "readout_bias"),
        ({"redline": np.zeros(3, np.float32)}, "redline"),
        ({"genres": ()}, "genres"),
        ({"genres": ("jazz", "jazz")}, "genres"),
        ({"genres": ("jazz", "")}, "genres"),
        ({"genres": ("jazz", 4)}, "genres"),
        ({"defaults": PackDefaults(((3, 1.0),))}, "layers do not exist"),
        ({"meter_layer": -1}, "layers do not exist"),
        ({"defaults": PackDefaults(((1, float("nan")),))}, "strengths"),
        ({"defaults": PackDefaults(((1, 1.0),), knob_scale=float("inf"))}, "strengths"),
        ({"defaults": PackDefaults(((1, 1.0),), knob_scale=1e30)}, "strengths"),
        ({"knob_map": curves(genres=3)}, "3 genres instead of 2"),
    ],
)
def test_a_pack_that_cannot_be_played_is_none(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PackError, match=f"{complaint}.*: make it again"):
        make_pack(**change)


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (replace(MODEL, layers=4), r"org/model \(3 layers × 16\).*4 × 16"),
        (replace(MODEL, hidden_size=32), "3 × 32"),
        (replace(MODEL, digest="cd" * 32), "other weights"),
    ],
)
def test_a_pack_for_another_model_is_refused(model: ModelIdentity, complaint: str) -> None:
    with pytest.raises(PackError, match=complaint):
        make_pack().check_fits(model)


def test_the_models_name_does_not_matter() -> None:
    make_pack().check_fits(replace(MODEL, name="a copy of it"))


def truncated(folder: Path) -> Path:
    path = saved(folder)
    path.write_bytes(path.read_bytes()[:-50])
    return path


def text(folder: Path) -> Path:
    path = folder / "probes.safetensors"
    path.write_text("directions: jazz 1 0 0", encoding="utf-8")
    return path


def pickled(folder: Path) -> Path:
    """Loading it would run it."""

    class Bomb:
        def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
            return (pytest.fail, ("the pickle was run",))

    path = folder / "probes.safetensors"
    path.write_bytes(pickle.dumps(Bomb()))
    return path


def foreign(folder: Path) -> Path:
    path = folder / "weights.safetensors"
    save_file({"directions": np.zeros((3, 2, 16), np.float32)}, path, metadata={"format": "pt"})
    return path


def half_bytes(folder: Path) -> Path:
    return rewrite(saved(folder), lambda _, tensors: tensors.update(directions=np.zeros((3, 2, 16), np.float16)))


def huge(folder: Path) -> Path:
    path = saved(folder)
    with path.open("r+b") as file:
        file.truncate(pack_module.MAX_BYTES + 1)
    return path


def header(**fields: Any) -> Callable[[Path], Path]:
    return lambda folder: rewrite(saved(folder), lambda head, _: head.update(fields))


def no_header(folder: Path) -> Path:
    return rewrite(saved(folder), lambda head, _: head.clear())


def extra_tensor(folder: Path) -> Path:
    return rewrite(saved(folder), lambda _, tensors: tensors.update(extra=np.zeros(1, np.float32)))


def lost_tensor(folder: Path) -> Path:
    return rewrite(saved(folder), lambda _, tensors: tensors.__delitem__("readout"))


def mapped(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], Path]:
    return lambda folder: rewrite(saved(folder, knob_map=curves()), lambda _, tensors: change(tensors))


def map_in_the_old_format(folder: Path) -> Path:
    return rewrite(saved(folder, knob_map=curves()), lambda head, _: head.update(format_version=1))


def deep_header(folder: Path) -> Path:
    path = saved(folder)
    save_file({}, path, metadata={"segue.pack": "[" * 100_000})
    return path


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda folder: folder / "missing", "no probe pack at"),
        (lambda folder: folder, "no probe pack at"),
        (truncated, "not a probe pack"),
        (text, "not a probe pack"),
        (pickled, "not a probe pack"),
        (foreign, "not a probe pack"),
        (deep_header, "not a probe pack"),
        (huge, "too large"),
        (half_bytes, "float16"),
        (no_header, "damaged"),
        (extra_tensor, "damaged"),
        (lost_tensor, "damaged"),
        (header(format_version=3), "pack format 3"),
        (header(format_version=2), "damaged"),
        (map_in_the_old_format, "damaged"),
        (mapped(lambda tensors: tensors.pop("knob_map")), "damaged"),
        (mapped(lambda tensors: tensors.update(knob_map=np.zeros((3, 2, 3), np.float32))), "damaged"),
        (mapped(lambda tensors: tensors.update(knob_map=np.zeros((2, 2, 3), np.float32))), "rise from 0"),
        (mapped(lambda tensors: tensors.update(knob_map=np.zeros((2, 2), np.float32))), "knob map"),
        (mapped(lambda tensors: tensors.update(knob_map=np.float16([[[0, 1]] * 2] * 2))), "float16"),
        (mapped(lambda tensors: tensors.update(knob_map=np.float32([[[0, np.nan]] * 2] * 2))), "cannot be followed"),
        (header(defaults={"layers": [[1, 1.0]], "law": "gentle", "knob_scale": 1.0}), "gentle"),
        (header(defaults={"layers": [[1, 1.0]], "law": "add", "knob_scale": float("nan")}), "strengths"),
        (header(defaults=None), "damaged"),
        (header(meter_layer=float("inf")), "damaged"),
        (header(model={"name": "x"}), "damaged"),
        (header(genres=7), "damaged"),
        (header(provenance=3), "damaged"),
    ],
)
def test_what_is_no_pack_is_refused_in_one_line(damage: Callable[[Path], Path], complaint: str, tmp_path: Path) -> None:
    with pytest.raises(PackError, match=complaint) as caught:
        ProbePack.load(damage(tmp_path))
    assert "\n" not in str(caught.value)


def test_index_names_what_there_is() -> None:
    assert make_pack().index("rock") == 1
    with pytest.raises(PackError, match=r"'polka'.*jazz, rock"):
        make_pack().index("polka")


@pytest.mark.parametrize(
    ("layers", "words"), [((7,), "layer 7"), ((4, 7), "layers 4 and 7"), ((4, 5, 7), "layers 4, 5 and 7")]
)
def test_defaults_say_where(layers: tuple[int, ...], words: str) -> None:
    assert PackDefaults(tuple((layer, 1.0) for layer in layers)).where == words


def test_chosen_layers_share_the_packs_weight() -> None:
    own = PackDefaults(((4, 1.0), (6, 0.5)))
    assert own.shared_among([6, 4]) == own.layers, "the pack's own choice is the pack's own push"
    assert own.shared_among([2]) == ((2, 1.5),)
    assert own.shared_among([7, 6, 5]) == ((5, 0.5), (6, 0.5), (7, 0.5))
