"""``segue takes`` on real takes of a tiny model: a replay gives the very tokens."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from engine.commands import takes
from engine.control import ControlState
from engine.errors import SegueError, TakeError
from engine.instrument import Instrument
from engine.model.precision import Precision
from engine.performance import Performance, perform
from engine.takes.history import History
from engine.takes.passage import Passage
from engine.takes.score import AudioPrompt, Origin
from engine.takes.take import Take, load_take, save_take
from engine.takes.writer import TakeWriter

LONG_NAME = "x" * 300  # more than any file system takes: it answers with an error, not with «no»
FRAMES, FIRST, LAST = 60, 20, 52


def run(*words: str | Path) -> Mapping[str, object]:
    parser = argparse.ArgumentParser()
    parser.set_defaults(json=False)
    takes.configure(parser)
    return takes.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture(scope="module")
def instrument(tiny_spectral: Path) -> Instrument:
    return Instrument.load(str(tiny_spectral), precision=Precision("fp32"))


def record(instrument: Instrument, model: Path, folder: Path, audio_prompt: AudioPrompt | None = None) -> Take:
    """A take of frames 20 to 52 of a performance whose controls move before and during it."""
    codec = instrument.codec
    origin = Origin(
        software="Segue",
        model=str(model),
        model_sha256=instrument.identity.digest,
        model_licence=instrument.licence,
        pack="",
        pack_sha256="",
        device="cpu",
        dtype="fp32",
        seed=3,
        sample_rate_hz=codec.sample_rate_hz,
        channels=codec.channels,
        codebooks=codec.codebooks,
        hop_samples=codec.hop_samples,
        audio_prompt=audio_prompt,
    )
    calm, wild = ControlState(temperature=0.7), ControlState(temperature=1.3, guidance=2.0, number=1)
    states = [wild if 8 <= frame < 30 or frame >= 41 else calm for frame in range(FRAMES)]
    history = History(origin, calm.to_json())
    for frame in range(1, FRAMES):
        if states[frame] is not states[frame - 1]:
            history.change(frame, states[frame].to_json())
    prompt = None
    if audio_prompt is not None:
        prompt = instrument.encode_clip(Path(audio_prompt.path), audio_prompt.start_s)
    performance = Performance(instrument)
    writer = TakeWriter(folder, "jam", history)
    try:
        for block in perform(performance, origin.seed, iter(states), prompt):
            if FIRST <= block.passage.frame < LAST:
                writer.offer(block.passage)
    finally:
        performance.close()
    writer.finish()
    take = writer.wait(30)
    assert take is not None
    return take


@pytest.fixture
def take(instrument: Instrument, tiny_spectral: Path, tmp_path: Path) -> Take:
    return record(instrument, tiny_spectral, tmp_path / "takes")


def test_replay_is_identical_and_sounds_the_same(take: Take, tmp_path: Path) -> None:
    result = run("replay", "jam-1", "--folder", take.path.parent, "-o", tmp_path / "again.wav")
    assert result["identical"] is True
    assert result["frames"] == LAST - FIRST
    again, first = (soundfile.read(path, dtype="int32")[0] for path in (tmp_path / "again.wav", take.path))
    np.testing.assert_array_equal(again, first)


def test_a_replay_with_a_file_is_a_take_that_replays_itself(take: Take, tmp_path: Path) -> None:
    run("replay", "jam-1", "--folder", take.path.parent, "-o", tmp_path / "again.wav")
    again = load_take(tmp_path / "again.segue.json")
    assert again.notes == "jam-1 again, identical"
    assert (again.measurement, again.score.codes_sha256) == (take.measurement, take.score.codes_sha256)
    assert run("replay", again.path)["identical"] is True
    with pytest.raises(TakeError, match="exists a take again"):
        run("replay", "jam-1", "--folder", take.path.parent, "-o", tmp_path / "again.flac")


def test_replay_looks_where_the_model_was_and_then_for_its_name(
    take: Take, tiny_spectral: Path, tiny_musicgen: Path, tmp_path: Path
) -> None:
    """A window that loaded a folder knows the model by the folder's name alone."""
    named = replace(take.score.origin, model=tiny_spectral.name)
    for folder, found in ((tiny_spectral, True), (tmp_path / "gone", False), (tiny_musicgen, False)):
        save_take(replace(take, score=replace(take.score, origin=replace(named, model_folder=str(folder)))))
        if found:
            assert run("replay", take.path)["identical"] is True
        else:
            with pytest.raises(TakeError, match="name its place with --model"):
                run("replay", take.path)
            assert run("replay", take.path, "--model", tiny_spectral)["identical"] is True
    moved = replace(take.score.origin, model_folder=str(tmp_path / "gone"))  # the name alone is enough
    save_take(replace(take, score=replace(take.score, origin=moved)))
    assert run("replay", take.path)["identical"] is True


def test_replay_knows_another_seed_and_another_knob(take: Take) -> None:
    score = take.score
    other_seed = replace(score, origin=replace(score.origin, seed=4))
    other_knob = replace(score, changes=score.changes[:1])
    for changed in (other_seed, other_knob):
        save_take(replace(take, score=changed))
        result = run("replay", take.path, "--folder", take.path.parent)
        assert result["identical"] is False
        assert result["frames"] == LAST - FIRST


def test_replay_from_an_audio_prompt(instrument: Instrument, tiny_spectral: Path, tmp_path: Path) -> None:
    clip = tmp_path / "riff.wav"
    rate_hz = instrument.codec.sample_rate_hz
    soundfile.write(clip, 0.3 * np.sin(np.arange(rate_hz) * 0.05), rate_hz)
    prompt = AudioPrompt(str(clip), hashlib.sha256(clip.read_bytes()).hexdigest(), 0.25, None)
    take = record(instrument, tiny_spectral, tmp_path / "takes", prompt)
    assert run("replay", take.path, "--folder", take.path.parent)["identical"] is True
    clip.write_bytes(clip.read_bytes() + b"\0")
    with pytest.raises(TakeError, match="has been changed"):
        run("replay", take.path, "--folder", take.path.parent)
    clip.unlink()
    with pytest.raises(TakeError, match="put it back"):
        run("replay", take.path, "--folder", take.path.parent)


def test_replay_refuses_what_it_was_not_made_with(take: Take) -> None:
    origin = take.score.origin
    for changed, complaint in (
        (replace(origin, model_sha256="0" * 64), "--model"),
        (replace(origin, pack="other", pack_sha256="0" * 64), "--pack"),
        (replace(origin, dtype="fp7"), "fp7"),
    ):
        save_take(replace(take, score=replace(take.score, origin=changed)))
        with pytest.raises(TakeError, match=complaint):
            run("replay", take.path, "--folder", take.path.parent)


@pytest.fixture
def spoken(take: Take, tiny_spectral: Path, tmp_path: Path) -> tuple[Take, Path]:
    """A take that says what lies beside its model, with a model folder to be changed."""
    folder = shutil.copytree(tiny_spectral, tmp_path / "model")
    window = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))["max_length"]
    origin = replace(
        take.score.origin,
        model_folder=str(folder),
        window_frames=window,
        tokenizer_sha256=hashlib.sha256((folder / "tokenizer.json").read_bytes()).hexdigest(),
    )
    take = replace(take, score=replace(take.score, origin=origin))
    save_take(take)
    return take, folder


def test_replay_holds_the_window_against_the_takes(spoken: tuple[Take, Path]) -> None:
    """It decides the tokens from the first slide on, and is in no digest."""
    take, folder = spoken
    assert run("replay", take.path)["identical"] is True
    path = folder / "generation_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**settings, "max_length": settings["max_length"] // 2}), encoding="utf-8")
    with pytest.raises(TakeError, match=r"put its old generation_config.json back"):
        run("replay", take.path)


def test_replay_holds_the_tokenizer_against_that_of_a_take_with_words(spoken: tuple[Take, Path]) -> None:
    take, folder = spoken
    path = folder / "tokenizer.json"
    path.write_bytes(path.read_bytes() + b"\n")
    assert run("replay", take.path)["identical"] is True, "nothing was read by it"
    worded = replace(take.score, initial={**take.score.initial, "prompt": "slow jazz"})
    save_take(replace(take, score=worded))
    with pytest.raises(TakeError, match=r"tokenizer.json .* put the old one back"):
        run("replay", take.path)


def test_what_was_made_on_the_cpu_is_made_there_again(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although a card has come since, which may not even know the take's number format."""

    def another() -> torch.device:
        raise AssertionError("the take's own device was not asked for")

    monkeypatch.setattr("engine.instrument.choose_device", another)
    result = run("replay", take.path)
    assert (result["identical"], result["device"]) == (True, "cpu")


def test_a_replay_takes_the_threads_of_live_playing(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    """How a sum is shared out among threads decides how it is rounded."""
    advance, seen, before = Performance.advance, set(), torch.get_num_threads()

    def watched(*words: Any) -> Any:
        seen.add(torch.get_num_threads())
        return advance(*words)

    monkeypatch.setattr(Performance, "advance", watched)
    torch.set_num_threads(6)
    try:
        run("replay", take.path)
        assert torch.get_num_threads() == 6
    finally:
        torch.set_num_threads(before)
    assert seen == {3}


@pytest.mark.parametrize(
    "words",
    [
        ("verify", LONG_NAME),
        ("replay", LONG_NAME),
        ("export", LONG_NAME, "out.wav"),
        ("export", "jam-1", f"{LONG_NAME}.wav"),
        ("replay", "jam-1", "-o", f"{LONG_NAME}.wav"),
        ("replay", "jam-1", "--model", LONG_NAME),
        ("replay", "jam-1", "--automation", LONG_NAME, "-o", "new.wav"),
    ],
    ids=" ".join,
)
def test_names_that_are_too_long_are_refused_in_words(
    words: tuple[str, ...], take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SegueError):
        run(*words, "--folder", take.path.parent)
    assert [path.name for path in tmp_path.iterdir()] == ["takes"]


@pytest.mark.parametrize("action", ["list", "verify", "recover"])
def test_a_folder_whose_name_is_too_long_is_empty(action: str) -> None:
    assert run(action, "--folder", LONG_NAME)["folder"] == Path(LONG_NAME)


def test_list_names_takes_and_problems(take: Take, capsys: pytest.CaptureFixture[str]) -> None:
    (take.path.parent / "jam-9.segue.json").write_text("{", encoding="utf-8")
    result = run("list", "--folder", take.path.parent)
    listed = result["takes"]
    assert isinstance(listed, list)
    assert [each["name"] for each in listed] == ["jam-1"]
    assert len(list(result["problems"])) == 1  # type: ignore[call-overload]
    out = capsys.readouterr().out
    assert "jam-1.wav" in out
    assert "jam-9" in out
    json.dumps(listed, allow_nan=False)


def test_an_empty_folder_is_no_error(tmp_path: Path) -> None:
    assert run("list", "--folder", tmp_path / "none")["takes"] == []
    assert run("recover", "--folder", tmp_path / "none")["recovered"] == []
    assert run("verify", "--folder", tmp_path / "none")["verified"] == []


def test_verify_passes_whole_takes_and_names_damaged_ones(take: Take) -> None:
    assert run("verify", "--folder", take.path.parent)["verified"] == ["jam-1"]
    data = bytearray(take.path.read_bytes())
    data[-9] ^= 1
    take.path.write_bytes(data)
    with pytest.raises(TakeError, match=r"1 damaged.*jam-1\.wav: the sound has been changed"):
        run("verify", "jam-1", "--folder", take.path.parent)
    (take.path.parent / "jam-2.segue.json").write_text("{", encoding="utf-8")
    with pytest.raises(TakeError, match="2 damaged"):
        run("verify", "--folder", take.path.parent)


def test_export_reaches_the_loudness_or_says_what_stood_in_its_way(
    take: Take, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rate_hz = take.sample_rate_hz
    tone = 0.1 * np.sin(np.arange(3 * rate_hz) * 0.2)
    soundfile.write(take.path, tone, rate_hz, subtype="PCM_24")
    out = tmp_path / "song.wav"
    result = run("export", take.path, out, "--lufs", "-16", "--bits", "16")
    assert result["lufs_integrated"] == pytest.approx(-16.0)
    assert (result["limited_by_peak"], soundfile.info(out).subtype) == (False, "PCM_16")
    with pytest.raises(TakeError, match="exists"):
        run("export", take.path, out)
    loud = run("export", take.path, out, "--lufs", "-1", "--overwrite")
    assert loud["limited_by_peak"] is True
    assert loud["true_peak_dbtp"] == pytest.approx(-1.0)
    assert "the peak allows no more" in capsys.readouterr().out
    plain = run("export", take.path, tmp_path / "song.flac")
    assert plain["gain_db"] == 0.0
    np.testing.assert_array_equal(*(soundfile.read(path, dtype="int32")[0] for path in (take.path, plain["path"])))


def test_unknown_take(take: Take) -> None:
    for action in ("verify", "replay"):
        with pytest.raises(TakeError, match="there is no take 'nothing' in "):
            run(action, "nothing", "--folder", take.path.parent)


def test_recover_completes_a_cut_off_take(
    instrument: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec = instrument.codec
    origin = Origin("Segue", "m", "a" * 64, "", "", "", "cpu", "fp32", 0, codec.sample_rate_hz, 1, 4, 320)
    writer = TakeWriter(tmp_path, "jam", History(origin, ControlState().to_json()))
    writer.offer(Passage(0, np.zeros((4, 1), np.int16), 0, np.full((320, 1), 0.5, np.float32)))
    with monkeypatch.context() as patch:
        patch.setattr("engine.takes.writer.save_take", lambda take: (_ for _ in ()).throw(TakeError("cut off")))
        writer.finish()
        assert writer.wait(30) is None
    result = run("recover", "--folder", tmp_path)
    assert [each["name"] for each in result["recovered"]] == ["jam-1"]  # type: ignore[attr-defined]
    assert load_take(tmp_path / "jam-1.segue.json").samples == 320
