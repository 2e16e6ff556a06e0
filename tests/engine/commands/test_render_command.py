"""``segue render`` as the shell sees it: files, JSON, exit status, one line for whatever is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import main
from engine.instrument import PACK_NAME
from engine.performance import Performance
from engine.steering.pack import ProbePack
from engine.takes.passage import CodesHash
from engine.takes.pcm import measure_file
from engine.takes.score import Origin, Score
from engine.takes.take import Take, save_take

KEYS = {
    "path",
    "seconds",
    "sample_rate",
    "seed",
    "model",
    "codes_sha256",
    "realtime_factor",
    "peak_dbfs",
    "lufs_integrated",
    "heard",
}
RATE_HZ = 24_000

pytestmark = pytest.mark.usefixtures("own_log", "on_the_cpu")


@pytest.fixture(scope="module")
def model(tiny_spectral: Path, tiny_pack: ProbePack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint with a pack beside it."""
    folder = tmp_path_factory.mktemp("model") / "tiny"
    shutil.copytree(tiny_spectral, folder)
    tiny_pack.save(folder / PACK_NAME)
    return folder


@pytest.fixture
def render(model: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Render half a second with more words; returns what ``--json`` prints."""

    def run(out: Path, *words: object) -> Any:
        status = main.main(render_words(model, out, *words, "--json"))
        said = capsys.readouterr()
        assert status == 0, said.err
        return json.loads(said.out)

    return run


def render_words(model: Path, out: object, *words: object) -> list[str]:
    return ["render", str(out), "--model", str(model), "--seconds", "0.5", *map(str, words)]


def test_what_json_says_is_so(render: Callable[..., Any], model: Path, tmp_path: Path) -> None:
    out, codes_file = tmp_path / "out.wav", tmp_path / "codes.npy"
    said = render(out, "--blend", "jazz=0.6,rock=-0.2", "--seed", 5, "--codes", codes_file)
    assert said.keys() >= KEYS
    sound = soundfile.SoundFile(out)
    samples = sound.read()
    assert (sound.subtype, sound.channels, sound.samplerate) == ("PCM_24", 1, RATE_HZ)
    assert (said["path"], said["sample_rate"], said["seed"], said["model"]) == (str(out), RATE_HZ, 5, "tiny")
    assert said["seconds"] == len(samples) / RATE_HZ == 0.5
    assert said["peak_dbfs"] == pytest.approx(20 * np.log10(np.abs(samples).max()), abs=0.01)
    assert -60 < said["lufs_integrated"] < 0
    assert said["realtime_factor"] > 0
    assert list(said["heard"]) == ["classical", "electronic", "jazz", "rock"]
    assert sum(said["heard"].values()) == pytest.approx(1.0, abs=1e-5)
    assert json.loads(sound.comment) == {"seed": 5, "model": "tiny"}
    codes = np.load(codes_file)
    assert codes.shape == (4, 25)
    digest = CodesHash()
    digest.update(codes)
    assert said["codes_sha256"] == digest.hexdigest()


def test_the_same_command_gives_the_same_bytes(render: Callable[..., Any], tmp_path: Path) -> None:
    words = ("--blend", "jazz=0.6", "--prompt", "slow jazz", "--seed", 1)
    digests: dict[str, set[str]] = {".wav": set(), ".flac": set()}
    for suffix, found in digests.items():
        for name in "ab":
            render(tmp_path / (name + suffix), *words)
            found.add(hashlib.sha256((tmp_path / (name + suffix)).read_bytes()).hexdigest())
    assert {suffix: len(found) for suffix, found in digests.items()} == {".wav": 1, ".flac": 1}
    wav, flac = (soundfile.read(tmp_path / name, dtype="int32")[0] for name in ("a.wav", "a.flac"))
    np.testing.assert_array_equal(wav, flac)


def test_every_word_is_connected(render: Callable[..., Any], tmp_path: Path) -> None:
    moves = tmp_path / "moves.json"
    moves.write_text(json.dumps({"lanes": {"rock": [[0, 0], [0.2, 1]], "guidance": [[0, 3], [0.4, 1]]}}), "utf-8")
    words: list[tuple[object, ...]] = [
        (),
        ("--blend", "jazz=-0.6"),
        ("--layer", "0,2"),
        ("--orthogonal",),
        ("--law", "relative"),
        ("--seed", 2),
        ("--guidance", 1),
        ("--temperature", 0),
        ("--top-k", 3),
        ("--prompt", "jazz"),
        ("--automation", moves),
        ("--dtype", "bf16"),
    ]
    said = [
        render(tmp_path / f"{number}.wav", "--blend", "jazz=0.6", *more)["codes_sha256"]
        for number, more in enumerate(words)
    ]
    assert len(set(said)) == len(words)


def test_the_packs_own_layers_are_the_packs_own_push(
    render: Callable[..., Any], tmp_path: Path, tiny_pack: ProbePack
) -> None:
    own = ",".join(str(layer) for layer, _ in tiny_pack.defaults.layers)
    said = [
        render(tmp_path / f"{number}.wav", "--blend", "jazz=0.6", *more)["codes_sha256"]
        for number, more in enumerate([(), ("--layer", own), ("--layer", "0,2")])
    ]
    assert said[0] == said[1] != said[2]


def test_people_read_a_line(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(render_words(model, tmp_path / "out.wav")) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"{tmp_path / 'out.wav'}: 0.5 s, heard classical ")
    assert "100%" in said.err, "a progress bar"


def test_an_existing_file_is_replaced_when_that_is_asked(render: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    out.write_text("precious", encoding="utf-8")
    render(out, "--force")
    assert soundfile.info(out).frames == RATE_HZ // 2


def write_clip(path: Path, channels: int, rate_hz: int, seconds: float) -> Path:
    samples = 0.3 * np.sin(np.arange(round(rate_hz * seconds)) * 0.03)
    soundfile.write(path, np.repeat(samples[:, None], channels, axis=1), rate_hz, subtype="PCM_16")
    return path


@pytest.mark.parametrize(("channels", "rate_hz"), [(1, 24_000), (2, 44_100), (8, 48_000), (1, 384_000), (1, 8_000)])
def test_any_sound_file_can_be_continued(
    channels: int, rate_hz: int, render: Callable[..., Any], tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "clip.wav", channels, rate_hz, 0.6)
    plain = render(tmp_path / "plain.wav")
    said = render(tmp_path / "out.wav", "--audio-prompt", clip)
    assert soundfile.info(tmp_path / "out.wav").frames == RATE_HZ // 2
    assert said["codes_sha256"] != plain["codes_sha256"]


LONG_NAME = "x" * 300  # more than any file system takes: it answers with an error, not with «no»
BAD_WORDS: dict[str, tuple[tuple[str, ...], str]] = {
    "genre": (("--blend", "polka=0.5"), "'polka'"),
    "nan": (("--blend", "jazz=nan"), "knob of jazz"),
    "1e9": (("--blend", "jazz=1e9"), "knob of jazz"),
    "blend": (("--blend", "jazz"), "jazz=0.6"),
    "layer": (("--layer", "7"), "layer 7 does not exist"),
    "layer beside a blend": (("--layer", "3", "--blend", "jazz=0.5"), "layers 0 to 2"),
    "negative layer": (("--layer=-1",), "layer"),
    "no layer": (("--layer", "middle"), "names no layers"),
    "law": (("--law", "gentle"), "gentle"),
    "seconds": (("--seconds", "0"), "--seconds"),
    "negative seconds": (("--seconds=-3",), "--seconds"),
    "nan seconds": (("--seconds", "nan"), "--seconds"),
    "endless": (("--seconds", "inf"), "--seconds"),
    "guidance": (("--guidance", "nan"), "guidance"),
    "temperature": (("--temperature", "-1"), "temperature"),
    "top-k": (("--top-k", "0"), "top-k"),
    "prompt": (("--prompt", "x" * 501), "prompt"),
    "model": (("--model", "nowhere/at-all"), "nowhere/at-all"),
    "long model": (("--model", LONG_NAME), "there is no model"),
    "long hub id": (("--model", f"a/{LONG_NAME}"), "segue download"),
    "pack": (("--pack", "nowhere.safetensors"), "nowhere.safetensors"),
    "long pack": (("--pack", LONG_NAME), "no probe pack at"),
    "automation": (("--automation", "nowhere.json"), "give a file of lanes"),
    "long automation": (("--automation", LONG_NAME), "give a file of lanes"),
    "audio prompt": (("--audio-prompt", "nowhere.wav"), "does not exist"),
    "long audio prompt": (("--audio-prompt", f"{LONG_NAME}.wav"), "does not exist"),
    "long codes": (("--codes", LONG_NAME), "cannot be written"),
    "format": (("--dtype", "fp7"), "fp7"),
}


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line with which a command exits 2, whatever progress was told before it."""
    try:
        status = main.main(words)
    except SystemExit as ended:  # argparse's way
        status = ended.code  # type: ignore[assignment]
    said = capsys.readouterr()
    assert status == 2, said.err
    assert said.out == ""
    words_told = [line for line in said.err.splitlines(keepends=True) if not line.startswith('{"stage"')]
    assert len(words_told) == 1, said.err
    assert "Traceback" not in said.err
    return words_told[0]


@pytest.mark.parametrize("case", BAD_WORDS)
def test_bad_input_is_one_line_and_makes_no_file(
    case: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, complaint = BAD_WORDS[case]
    out = tmp_path / "out.wav"
    assert complaint in refused(render_words(model, out, *words, "--json"), capsys)
    assert not out.exists()


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def a_text(path: Path) -> Path:
    path.write_text("la la la " * 1000, encoding="utf-8")
    return path


def not_numbers(path: Path) -> Path:
    soundfile.write(path, np.full(RATE_HZ, np.nan, np.float32), RATE_HZ, subtype="FLOAT")
    return path


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (empty, "not a sound file"),
        (a_text, "not a sound file"),
        (not_numbers, "not numbers"),
        (lambda path: write_clip(path, 1, RATE_HZ, 0), "less than 0.1 s"),
        (lambda path: write_clip(path, 1, RATE_HZ, 1 / RATE_HZ), "less than 0.1 s"),
    ],
    ids=["empty", "text", "nan", "no samples", "1 sample"],
)
def test_a_bad_audio_prompt_is_one_line(
    make: Callable[[Path], Path],
    complaint: str,
    model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clip, out = make(tmp_path / "clip.wav"), tmp_path / "out.wav"
    assert complaint in refused(render_words(model, out, "--audio-prompt", clip), capsys)
    assert not out.exists()


@pytest.mark.parametrize(
    ("lanes", "complaint"),
    [({"polka": [[0, 0.5]]}, "'polka'"), ({"jazz": [[0, 0], [0.2, 1e9]]}, "knob of jazz"), (3, "must look like")],
    ids=["genre", "range", "form"],
)
def test_bad_automation_is_refused_before_it_plays(
    lanes: object, complaint: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moves, out = tmp_path / "moves.json", tmp_path / "out.wav"
    moves.write_text(json.dumps({"lanes": lanes}), encoding="utf-8")
    assert complaint in refused(render_words(model, out, "--automation", moves), capsys)
    assert not out.exists()


@pytest.mark.parametrize("words", [("--blend", "jazz=0.5"), ("--layer", "1")], ids=str)
def test_without_a_pack_nothing_can_be_steered(
    words: tuple[str, ...], tiny_spectral: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no probe pack" in refused(render_words(tiny_spectral, tmp_path / "out.wav", *words), capsys)
    assert main.main(render_words(tiny_spectral, tmp_path / "out.wav", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["heard"] == {}


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("there.wav", "exists"),
        (".", "must end in"),
        ("folder.wav", "exists"),
        ("gone/out.wav", "there is no folder"),
        ("there.wav/out.wav", "there is no folder"),
        ("out.mp3", "must end in"),
        ("x" * 300 + ".wav", "cannot be written"),
    ],
)
def test_an_output_that_cannot_be_is_refused_and_nothing_is_lost(
    name: str, complaint: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "there.wav").write_text("precious", encoding="utf-8")
    assert complaint in refused(render_words(model, tmp_path / name), capsys)
    assert (tmp_path / "there.wav").read_text(encoding="utf-8") == "precious"
    codes = ("--codes", tmp_path / "there.wav")
    assert "exists" in refused(render_words(model, tmp_path / "new.wav", *codes), capsys)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that may not be written")
def test_a_locked_folder_is_refused(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert "cannot be written" in refused(render_words(model, locked / "out.wav"), capsys)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on a file's size to set")
def test_a_full_disk_is_one_line(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The limit stands in for the disk: libsndfile's write comes up short."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        line = refused(render_words(model, tmp_path / "out.wav", "--json"), capsys)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "out.wav cannot be written" in line
    assert "room" in line


def test_codes_that_cannot_be_written_leave_the_sound(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    words = render_words(model, tmp_path / "out.wav", "--codes", tmp_path / "codes.npy", "--json")
    assert "codes.npy cannot be written" in refused(words, capsys)
    assert soundfile.info(tmp_path / "out.wav").frames == RATE_HZ // 2
    assert names_in(tmp_path) == {"out.wav"}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name != "logs"}


@pytest.mark.parametrize("force", [False, True])
def test_a_render_that_fails_leaves_what_was_there(
    force: bool, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.wav"
    if force:
        out.write_text("precious", encoding="utf-8")
    before = names_in(tmp_path)

    def failing(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Performance, "finish", failing)
    assert main.main([*render_words(model, out), *(["--force"] if force else [])]) == 1
    capsys.readouterr()
    assert names_in(tmp_path) == before
    assert not force or out.read_text(encoding="utf-8") == "precious"


def test_while_it_renders_the_old_file_is_whole(
    render: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, finish = tmp_path / "out.wav", Performance.finish
    out.write_text("precious", encoding="utf-8")
    seen: list[str] = []

    def watched(performance: Performance) -> Any:
        seen.append(out.read_text(encoding="utf-8"))
        return finish(performance)

    monkeypatch.setattr(Performance, "finish", watched)
    render(out, "--force")
    assert seen == ["precious"]
    assert soundfile.info(out).frames == RATE_HZ // 2
    assert names_in(tmp_path) == {"out.wav"}


@pytest.mark.parametrize("codes", ["out.wav", "./out.wav", "sub/../out.wav"])
def test_codes_do_not_take_the_sounds_place(
    codes: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    assert "give --codes another name" in refused(render_words(model, "out.wav", "--codes", codes), capsys)
    assert names_in(tmp_path) == {"sub"}


def test_a_take_is_not_replaced_even_by_force(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound, journal = tmp_path / "jam-1.wav", tmp_path / "jam-2.segue.journal"
    soundfile.write(sound, np.zeros(RATE_HZ), RATE_HZ, subtype="PCM_24")
    origin = Origin("Segue", "m", "a" * 64, "", "", "", "cpu", "fp32", 1, RATE_HZ, 1, 4, 960)
    score = Score(origin, {}, (), (), 0, 25, 0, "0" * 64)
    save_take(Take(sound, "jam-1", "2026-01-01T12:00:00", RATE_HZ, 1, measure_file(sound)[0], score=score))
    journal.touch()
    before = sound.read_bytes()
    assert "is a take of its own" in refused(render_words(model, sound, "--force"), capsys)
    assert "is being recorded" in refused(render_words(model, tmp_path / "jam-2.wav", "--force"), capsys)
    assert sound.read_bytes() == before


@pytest.mark.parametrize("frames", [0, 12])
def test_stopped_in_the_middle_it_leaves_a_valid_file(
    frames: int, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    advance, made = Performance.advance, 0

    def stop(*rest: Any) -> Any:
        nonlocal made
        if made == frames:
            raise KeyboardInterrupt
        made += 1
        return advance(*rest)

    monkeypatch.setattr(Performance, "advance", stop)
    out, codes = tmp_path / "out.wav", tmp_path / "codes.npy"
    assert main.main(render_words(model, out, "--codes", codes, "--json")) == main.STOPPED
    said = json.loads(capsys.readouterr().out)
    assert said["interrupted"] is True
    samples, rate_hz = soundfile.read(out)
    assert said["seconds"] == len(samples) / rate_hz
    assert np.load(codes).shape[1] <= frames


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for a child alone")
def test_ctrl_c_leaves_a_valid_file(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.flac"
    words = render_words(model, out, "--seconds", 3600, "--json")
    child = subprocess.Popen(
        [sys.executable, main.__file__, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run that was started in the background ignores Ctrl-C, and its children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not any(draft.stat().st_size > 50_000 for draft in tmp_path.glob(".*.out.flac")):
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    said, complaints = child.communicate(timeout=60)
    assert child.returncode == main.STOPPED, complaints
    assert "Traceback" not in complaints
    result = json.loads(said)
    samples, rate_hz = soundfile.read(out)
    assert result["interrupted"] is True
    assert 0 < result["seconds"] == len(samples) / rate_hz < 3600
    assert names_in(tmp_path) == {"out.flac"}
    assert np.isfinite(samples).all()
