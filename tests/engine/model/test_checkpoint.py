"""Finding, checking and loading checkpoints, good and bad."""

from __future__ import annotations

import json
import pickle
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from saved_checkpoint import save_random
from transformers import MusicgenForConditionalGeneration, T5Config, T5EncoderModel

from engine.errors import CheckpointError
from engine.instrument import Instrument
from engine.model import checkpoint
from engine.model.checkpoint import choose_device, choose_precision, load
from engine.model.checkpoint_files import find
from engine.model.precision import Precision
from engine.model.random_checkpoint import build_tokenizer, random_checkpoint

CPU = torch.device("cpu")


@pytest.fixture
def copy(tiny_musicgen: Path, tmp_path: Path) -> Path:
    """A tiny checkpoint to be damaged."""
    return shutil.copytree(tiny_musicgen, tmp_path / "damaged")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def edit_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config.update(changes)
    path.write_text(json.dumps(config), encoding="utf-8")


def refused(name: Path | str) -> str:
    """The one line that ``name`` is refused with."""
    with pytest.raises(CheckpointError) as caught:
        load(str(name), CPU, Precision.FP32)
    message = str(caught.value)
    assert "\n" not in message
    return message


# -- Good ones ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("fixture", "channels", "codebooks", "sample_rate_hz"),
    [("tiny_musicgen", 1, 4, 32_000), ("tiny_stereo", 2, 8, 32_000), ("tiny_spectral", 1, 4, 24_000)],
)
def test_a_folder_loads_with_its_weights(
    fixture: str, channels: int, codebooks: int, sample_rate_hz: int, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(fixture)
    loaded = load(str(folder), CPU)
    assert (loaded.channels, loaded.codebooks, loaded.sample_rate_hz) == (channels, codebooks, sample_rate_hz)
    assert (loaded.name, loaded.folder, loaded.window_frames) == (folder.name, folder, 128)
    assert not loaded.model.training
    stored = load_file(folder / "model.safetensors")
    state = loaded.model.state_dict()
    assert len(stored) > 100
    for name, tensor in stored.items():
        assert torch.equal(state[name], tensor), name
        assert torch.equal(loaded.tensors[name], tensor), name
    ids, mask = loaded.tokenizer(["jazz"])
    assert ids[0, -1] == 1, "T5 was trained on prompts that end with their end"
    assert mask.all()


def test_half_precision_weights_come_as_float32(copy: Path) -> None:
    model = load(str(copy), CPU).model
    model.half().save_pretrained(copy)
    again = load(str(copy), CPU).model
    assert {x.dtype for x in again.state_dict().values() if x.is_floating_point()} == {torch.float32}
    assert torch.equal(again.decoder.lm_heads[0].weight, model.decoder.lm_heads[0].weight.float())


def test_a_model_that_does_not_say_its_window_has_musicgens(copy: Path) -> None:
    for text in ("{}", "[", '{"max_length": "long"}', '{"max_length": -1}'):
        (copy / "generation_config.json").write_text(text, encoding="utf-8")
        assert load(str(copy), CPU).window_frames == 1500
    (copy / "generation_config.json").unlink()
    assert load(str(copy), CPU).window_frames == 1500


def test_weights_under_the_names_of_older_files_load(copy: Path, tiny_musicgen: Path) -> None:
    """MusicGen's published files spell weight norm the old way, and T5's table of words by its other name."""
    new = "parametrizations.weight.original"
    weights = load_file(copy / "model.safetensors")
    assert any(new in name for name in weights)
    names = {name: name.replace(f"{new}0", "weight_g").replace(f"{new}1", "weight_v") for name in weights}
    names["text_encoder.shared.weight"] = "text_encoder.encoder.embed_tokens.weight"
    save_file({names[name]: x for name, x in weights.items()}, copy / "model.safetensors", metadata={"format": "pt"})
    old, plain = load(str(copy), CPU), load(str(tiny_musicgen), CPU)
    for name, tensor in plain.audio_encoder.state_dict().items():
        assert torch.equal(old.audio_encoder.state_dict()[name], tensor), name
    name = "text_encoder.shared.weight"
    assert torch.equal(old.tensors[name], plain.tensors[name])


def test_shards_load(copy: Path, tiny_musicgen: Path) -> None:
    (copy / "model.safetensors").unlink()
    load(str(tiny_musicgen), CPU).model.save_pretrained(copy, max_shard_size="300KB")
    assert len(find(str(copy)).weights) > 3
    assert find(str(copy)).parameters == find(str(tiny_musicgen)).parameters
    load(str(copy), CPU)
    next(copy.glob("model-00002*")).unlink()
    assert "lacks model-00002" in refused(copy)


def test_a_hub_id_is_found_in_the_local_cache(
    tiny_musicgen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: None
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--someone--tiny"
    snapshot = repository / "snapshots" / "0123456789012345678901234567890123456789"
    shutil.copytree(tiny_musicgen, snapshot)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(snapshot.name, encoding="utf-8")
    loaded = load("someone/tiny", CPU)
    assert (loaded.name, loaded.folder) == ("someone/tiny", snapshot)
    assert "segue download someone/other" in refused("someone/other")


def test_pocket_is_found_without_importing_resources() -> None:
    code = """
import sys
from engine.errors import CheckpointError
from engine.model.checkpoint_files import find
try:
    find("pocket")
except CheckpointError as error:
    print("CheckpointError")
print([name for name in ("resources", "torch", "transformers") if name in sys.modules])
"""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=root)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stdout.splitlines()[:-1] in ([], ["CheckpointError"])


def test_pocket_lies_in_the_resources_package(
    tiny_spectral: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "resources", raising=False)
    assert "reinstall" in refused("pocket")
    shutil.copytree(tiny_spectral, tmp_path / "resources" / "pocket")
    loaded = load("pocket", CPU)
    assert (loaded.name, loaded.licence) == ("pocket", "CC0-1.0")


def test_a_random_checkpoint_equals_the_saved_one(tiny_musicgen: Path) -> None:
    made, stored = random_checkpoint("tiny"), load(str(tiny_musicgen), CPU)
    assert made.window_frames == stored.window_frames
    for name, tensor in stored.model.state_dict().items():
        assert torch.equal(made.model.state_dict()[name], tensor), name
    for mine, theirs in zip(made.tokenizer(["ab 1", "b"]), stored.tokenizer(["ab 1", "b"]), strict=True):
        assert torch.equal(mine, theirs)
    assert random_checkpoint("tiny", seed=1).digest != made.digest


def test_pocket_plays_without_transformers(tiny_spectral: Path) -> None:
    """Loading it takes longer than Pocket takes to sound; tests of time would depend on the machine, this one does not."""
    code = """
import sys
from engine.control import ControlState
from engine.instrument import Instrument
from engine.performance import Performance
performance = Performance(Instrument.load(sys.argv[1]))
control = ControlState(prompt="slow jazz")
performance.start(1, control)
blocks = [block for _ in range(4) for block in performance.advance(control)] + performance.finish()
performance.close()
print(sum(len(block.passage.samples) for block in blocks))
print([name for name in ("transformers", "torch._dynamo", "scipy", "sympy") if name in sys.modules])
"""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", code, str(tiny_spectral)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=root)
    assert done.stdout.splitlines() == [str(4 * 480), "[]"], done.stderr


# -- Identity and licence ----------------------------------------------------------------------------------------------


def test_the_digest_names_weights_and_architecture(tiny_musicgen: Path, copy: Path) -> None:
    digest = find(str(tiny_musicgen)).digest
    assert find(str(copy)).digest == digest
    edit_config(copy, transformers_version="9.9", _name_or_path="elsewhere")
    assert find(str(copy)).digest == digest
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    edit_config(copy, decoder=config["decoder"] | {"num_attention_heads": 8})
    assert find(str(copy)).digest != digest
    edit_config(copy, **config)
    assert find(str(copy)).digest == digest
    other = save_random("tiny", copy, seed=1)
    assert isinstance(other, MusicgenForConditionalGeneration)
    assert find(str(copy)).digest != digest


def test_a_model_trained_further_has_another_digest(tiny_musicgen: Path, copy: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    for name in weights:
        if name.startswith("decoder."):
            weights[name] = weights[name] + 1e-4
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert find(str(copy)).digest != find(str(tiny_musicgen)).digest


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: cc-by-nc-4.0\ntags:\n- musicgen\n---\n# Model", "cc-by-nc-4.0"),
        ("---\ntags:\n- a\nlicense: 'mit'\n---\n", "mit"),
        ("# No front matter\nlicense: mit\n", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_licence_is_the_cards(copy: Path, card: str | None, licence: str) -> None:
    if card is not None:
        (copy / "README.md").write_text(card, encoding="utf-8")
    assert find(str(copy)).licence.startswith(licence)


# -- Bad ones ----------------------------------------------------------------------------------------------------------


def truncate(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def truncate_header(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:100])


def disguise_pickle(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(pickle.dumps({"weight": [0.0] * 100}))


def disguise_torch(folder: Path) -> None:
    torch.save({"weight": torch.zeros(3)}, folder / "model.safetensors")


def only_pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def forge_header(folder: Path) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": ["x"], "data_offsets": [0, 4]}}).encode()
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))


def nest_header(folder: Path) -> None:
    header = b"[" * 200_000
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)


def escape_folder(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder.parent / "outside.safetensors")
    index = {"weight_map": {"w": "../outside.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def other_shapes(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    edit_config(folder, decoder=config["decoder"] | {"ffn_dim": 96})


def more_layers(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    edit_config(folder, decoder=config["decoder"] | {"num_hidden_layers": 4})


def more_text_layers(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    edit_config(folder, text_encoder=config["text_encoder"] | {"num_layers": 3})


def another_text_encoder(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    edit_config(folder, text_encoder=config["text_encoder"] | {"model_type": "bert"})


def narrower_codec(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    edit_config(folder, audio_encoder=config["audio_encoder"] | {"hidden_size": 24})


def deeper_codec(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    edit_config(folder, audio_encoder=config["audio_encoder"] | {"decoder_layers": 3, "num_lstm_layers": 3})


def endless_codec(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    edit_config(folder, audio_encoder=config["audio_encoder"] | {"decoder_layers": 10**6, "target_bandwidths": []})


def mismatched_codec(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    edit_config(folder, audio_encoder=config["audio_encoder"] | {"target_bandwidths": [0.6]})


def many_layers(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    edit_config(folder, decoder=config["decoder"] | {"num_hidden_layers": 10**9})


def many_words(folder: Path) -> None:
    tokenizer = build_tokenizer()
    tokenizer.add_tokens([f"word{number}" for number in range(200)])
    tokenizer.save_pretrained(folder)


def nonsense_config(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    edit_config(folder, decoder=config["decoder"] | {"hidden_size": "wide"})


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (truncate, "truncated or damaged"),
    "header cut": (truncate_header, "not a safetensors file"),
    "empty": (lambda folder: (folder / "model.safetensors").write_bytes(b""), "empty or truncated"),
    "text": (
        lambda folder: (folder / "model.safetensors").write_bytes(b"not a model at all"),
        "not a safetensors file",
    ),
    "pickle": (disguise_pickle, "is a pickle"),
    "torch zip": (disguise_torch, "is a pickle"),
    "only pickled": (only_pickled, "only pickled weights (pytorch_model.bin)"),
    "forged header": (forge_header, "not a safetensors file"),
    "nested header": (nest_header, "not a safetensors file"),
    "shard outside": (escape_folder, "lacks ../outside.safetensors"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "no model.safetensors"),
    "no config": (lambda folder: (folder / "config.json").unlink(), "no config.json"),
    "config not JSON": (lambda folder: (folder / "config.json").write_text("{"), "config.json is damaged"),
    "config a list": (lambda folder: (folder / "config.json").write_text("[]"), "config.json is damaged"),
    "melody": (lambda folder: edit_config(folder, model_type="musicgen_melody"), "melody model"),
    "another type": (lambda folder: edit_config(folder, model_type="gpt2"), "type 'gpt2', not a MusicGen"),
    "another codec": (lambda folder: edit_config(folder, audio_encoder={"model_type": "dac"}), "audio codec 'dac'"),
    "other shapes": (other_shapes, "does not load as a MusicGen"),
    "layers missing": (more_layers, "of the model's tensors"),
    "text layers missing": (more_text_layers, "of the model's tensors (text_encoder"),
    "no T5": (another_text_encoder, "not a T5"),
    "text encoder a list": (lambda folder: edit_config(folder, text_encoder=[]), "config.json is damaged"),
    "codec mismatch": (mismatched_codec, "pairs a decoder of 4 × 64"),
    "nonsense": (nonsense_config, "config.json is damaged"),
    "huge": (many_layers, "GB are free"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer"),
    "other tokenizer": (many_words, "more words than the model"),
    "bad tokenizer": (lambda folder: (folder / "tokenizer.json").write_text("{}"), "tokenizer"),
}


@pytest.mark.parametrize("damage", BAD)
def test_bad_checkpoints_are_refused_in_one_line(damage: str, copy: Path) -> None:
    spoil, expected = BAD[damage]
    spoil(copy)
    assert expected in refused(copy)


@pytest.mark.parametrize("layout", ["tiny_musicgen", "tiny_spectral"])
@pytest.mark.parametrize("spoil", [narrower_codec, deeper_codec, endless_codec])
def test_codecs_that_are_not_what_they_say(
    layout: str, spoil: Callable[[Path], None], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = shutil.copytree(request.getfixturevalue(layout), tmp_path / "damaged")
    spoil(folder)
    assert "the codec" in refused(folder)


def test_a_codec_of_terabytes_is_refused_before_it_is_built(tiny_spectral: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_spectral, tmp_path / "boundless")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    sizes = config["audio_encoder"] | {"codebook_dim": 10**6, "hidden_size": 10**6, "expansion": 10**6}
    edit_config(folder, audio_encoder=sizes)
    assert "another shape" in refused(folder)


def test_another_model_in_the_same_layout_is_refused(copy: Path) -> None:
    T5EncoderModel(T5Config(d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2, vocab_size=8)).save_pretrained(copy)
    assert "not a MusicGen" in refused(copy)


def test_names_that_lead_nowhere(tmp_path: Path, tiny_musicgen: Path) -> None:
    assert "there is no model 'nonesuch'" in refused("nonesuch")
    assert "nobody's home" in refused("~nobody-of-that-name/x")
    assert "there is no model" in refused(str(tmp_path / "nowhere"))
    assert "is a file" in refused(tiny_musicgen / "config.json")
    assert "no config.json" in refused(tmp_path)


# -- Device, format, memory --------------------------------------------------------------------------------------------


def test_the_machine_decides_device_and_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device() == CPU, "Metal does not bear two threads"
    assert choose_precision(CPU) is Precision.INT8
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    assert choose_device() == torch.device("cuda", 1)
    assert choose_precision(torch.device("cuda")) is Precision.FP16


def test_formats_that_a_device_lacks_are_refused(tiny_musicgen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckpointError, match="use --dtype fp16"):
        load(str(tiny_musicgen), torch.device("cuda"), Precision.INT8)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation)
    with pytest.raises(CheckpointError, match="use --dtype fp16"):
        load(str(tiny_musicgen), torch.device("cuda"), Precision.BF16)


def test_memory_is_checked_before_loading(tiny_musicgen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "available_bytes", lambda device: 100)
    monkeypatch.setattr(checkpoint, "StoredTensors", lambda files: pytest.fail("loaded all the same"))
    assert "GB are free on the cpu" in refused(tiny_musicgen)


@pytest.mark.parametrize("part", ["decoder", "text_encoder", "audio_encoder"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers_are_refused(copy: Path, part: str, value: float) -> None:
    path = copy / "model.safetensors"
    tensors = load_file(path)
    name = next(name for name, x in tensors.items() if name.startswith(part) and x.dim() > 1 and x.is_floating_point())
    tensors[name].view(-1)[-1] = value
    save_file(tensors, path, {"format": "pt"})
    with pytest.raises(CheckpointError, match="not numbers: download the model again"):
        Instrument.load(str(copy), CPU, Precision.FP32)


def test_a_shape_without_end_is_no_shape(copy: Path) -> None:
    header = json.dumps({"x": {"dtype": "F32", "shape": [1e999], "data_offsets": [0, 0]}}).encode()
    (copy / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    assert "is not a safetensors file" in refused(copy)


@pytest.mark.parametrize("name", ["x" * 300, "~/" + "x" * 300, "/" + "x" * 300])
def test_a_name_that_is_too_long_leads_nowhere(name: str) -> None:
    assert "there is no model" in refused(name)
