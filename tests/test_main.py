from __future__ import annotations

import importlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

import main
from engine.errors import CheckpointError
from engine.stopping import LEASH, stop_signals

ROOT = Path(main.__file__).parent
HEAVY = ("torch", "transformers", "PySide6", "sklearn", "scipy")

Run = Callable[..., Mapping[str, object]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Run], None]:
    """Make ``stage`` (with a nested ``stage train``) and ``render`` the only commands, both doing what is given."""

    def install(run: Run) -> None:
        for name in ("stage", "render"):
            module = types.ModuleType(f"fakes.{name}")
            module.__dict__.update(NAME=name, HELP=f"{name} something", run=run)
            module.__dict__["configure"] = configure_nested if name == "stage" else configure_flat
            monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(main, "COMMANDS", ("fakes.stage", "fakes.render"))

    return install


def configure_nested(parser: main.Parser) -> None:
    train = parser.add_subparsers(dest="action", required=True).add_parser("train")
    train.add_argument("corpus")


def configure_flat(parser: main.Parser) -> None:
    parser.add_argument("out")
    for name in ("--seconds", "--blend", "--seed"):
        parser.add_argument(name)


@pytest.fixture(autouse=True)
def own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test writes the user's log, or leaves the signals changed."""
    monkeypatch.setattr(main.platformdirs, "user_log_dir", lambda *_, **__: str(tmp_path / "logs"))
    before = {number: signal.getsignal(number) for number in stop_signals()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


# -- The commands that exist -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", main.COMMANDS)
def test_a_command_is_named_as_its_module_and_explains_itself(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module(path)
    assert path.split(".")[-1] == module.NAME
    assert module.HELP
    with pytest.raises(SystemExit) as stopped:
        main.main([module.NAME, "--help"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: segue {module.NAME}")


def test_every_command_module_of_the_tree_is_listed() -> None:
    there = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in ("engine", "probes", "gui")
        for path in (ROOT / package / "commands").glob("*.py")
        if path.stem != "__init__"
    }
    assert set(main.COMMANDS) == there


def test_help_is_complete_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, main\ntry: main.main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    for path in main.COMMANDS:
        assert path.split(".")[-1] in done.stdout.split()
    assert done.stderr.strip() == "[]"


# -- Output and exit status --------------------------------------------------------------------------------------------


def test_json_is_one_object_alone_on_standard_output(
    command: Callable[[Run], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: main.argparse.Namespace) -> Mapping[str, object]:
        print("a library talks")
        return {
            "path": Path("out.wav"),
            "lufs": float("-inf"),
            "p95": np.float32(0.5),
            "shape": np.array([4, 2]),
            "layers": ({"accuracy": float("nan")},),
            "asked": options.corpus,
        }

    command(run)
    assert main.main(["stage", "train", "composed", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "path": "out.wav",
        "lufs": None,
        "p95": 0.5,
        "shape": [4, 2],
        "layers": [{"accuracy": None}],
        "asked": "composed",
    }
    assert said.err == "a library talks\n"


def test_without_json_the_command_alone_speaks(
    command: Callable[[Run], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: main.argparse.Namespace) -> Mapping[str, object]:
        assert options.json is False
        print("done")
        return {"path": "out.wav"}

    command(run)
    assert main.main(["stage", "train", "composed"]) == 0
    assert capsys.readouterr().out == "done\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["rendre"], "invalid choice: 'rendre'"),
        (["render"], "required: out"),
        (["render", "out.wav", "--secs", "3"], "unrecognized arguments: --secs"),
        (["render", "out.wav", "--second", "3"], "unrecognized arguments: --second"),
        (["--nonsense"], "nonsense"),
        (["stage"], "required: action"),
        (["stage", "train"], "required: corpus"),
    ],
)
def test_wrong_words_end_in_one_line_and_status_2(
    words: list[str], says: str, command: Callable[[Run], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command(lambda options: {})
    with pytest.raises(SystemExit) as stopped:
        main.main(words)
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert says in said.err
    assert "--help" in said.err


def test_what_the_user_can_mend_is_one_line_and_status_2(
    command: Callable[[Run], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: main.argparse.Namespace) -> Mapping[str, object]:
        raise CheckpointError("no model at pocket: run segue doctor")

    command(run)
    assert main.main(["render", "out.wav", "--json"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "segue: no model at pocket: run segue doctor\n")


def test_a_log_folder_that_cannot_be_made_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(main.platformdirs, "user_log_dir", lambda *_, **__: str(tmp_path / "file" / "logs"))
    monkeypatch.setattr(main.tempfile, "gettempdir", lambda: str(tmp_path))
    assert main.start_log() == tmp_path / "segue.log"


def test_ctrl_c_is_status_130_and_one_line(command: Callable[[Run], None], capsys: pytest.CaptureFixture[str]) -> None:
    def run(options: main.argparse.Namespace) -> Mapping[str, object]:
        raise KeyboardInterrupt

    command(run)
    assert main.main(["render", "out.wav"]) == 130
    assert capsys.readouterr().err == "segue: stopped\n"


def test_a_stopped_command_may_still_tell_what_it_has(
    command: Callable[[Run], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command(lambda options: {"seconds": 3, "interrupted": True})
    assert main.main(["render", "out.wav", "--json"]) == 130
    assert json.loads(capsys.readouterr().out)["seconds"] == 3


STAGE = """
import signal, sys, time, types
# A test run that was started in the background ignores Ctrl-C, and its children would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
import main

def run(options):
    {body}

module = types.ModuleType("fakes.stage")
module.__dict__.update(NAME="stage", HELP="stage", configure=lambda parser: None, run=run)
sys.modules["fakes.stage"] = module
main.COMMANDS = ("fakes.stage",)
main.platformdirs.user_log_dir = lambda *_, **__: {folder!r}
sys.exit(main.main(["stage"]))
"""


def start_stage(body: list[str], folder: Path) -> subprocess.Popen[str]:
    code = STAGE.format(body="\n    ".join(body), folder=str(folder))
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_hang_ups if os.name == "posix" else None,
    )


def _heed_hang_ups() -> None:
    """Tests that are run under nohup hand it on to their children."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_a_failure_of_ours_is_one_line_with_the_log_that_tells_more(tmp_path: Path) -> None:
    stage = start_stage(["raise ZeroDivisionError('two\\nlines')"], tmp_path)
    out, err = stage.communicate(timeout=20)
    log = tmp_path / "segue.log"
    assert (stage.returncode, out) == (1, "")
    assert err == f"segue: a failure of ours (ZeroDivisionError: two lines); the details are in {log}\n"
    told = log.read_text(encoding="utf-8")
    assert "ERROR segue [MainThread] segue stage\nTraceback" in told
    assert "ZeroDivisionError" in told


def test_a_log_that_has_grown_is_put_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    log = tmp_path / "segue.log"
    for number in range(main.LOG_FILES + 2):
        log.write_bytes(bytes([ord("0") + number]) * (main.LOG_BYTES + 1))
        stage = start_stage(["raise ZeroDivisionError"], tmp_path)
        assert stage.wait(timeout=20) == 1
        assert b"ZeroDivisionError" in log.read_bytes()
    names = [f"segue.log.{number}" for number in range(1, main.LOG_FILES + 1)]
    assert {path.name for path in tmp_path.iterdir()} == {"segue.log", *names}
    assert [(tmp_path / name).read_bytes()[:1] for name in names] == [b"4", b"3", b"2"]


def test_a_log_that_cannot_be_put_aside_grows_on_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On Windows none can that is open in another process, and the window has it open."""

    def held(*_: object) -> None:
        raise PermissionError(13, "being used by another process")

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(main.platformdirs, "user_log_dir", lambda *_, **__: str(tmp_path))
    log = tmp_path / "segue.log"
    log.write_bytes(b"x" * (main.LOG_BYTES + 1))
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    root.handlers.clear()
    try:
        main.start_log()
        logging.getLogger("segue").warning("on and on")
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = before
    assert capsys.readouterr().err == ""
    assert log.read_bytes().endswith(b"on and on\n")


@pytest.mark.parametrize(("held", "coding"), [("1", "utf-8"), ("", "cp1252")])
def test_to_the_window_words_are_utf_8_whatever_the_code_page(tmp_path: Path, held: str, coding: str) -> None:
    body = ["print('fünf'); raise main.SegueError('kein Flügel')"]
    code = STAGE.format(body="\n    ".join(body), folder=str(tmp_path))
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0", LEASH: held}
    stage = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = stage.stdout.read(), stage.stderr.read()  # type: ignore[union-attr]
    stage.communicate(timeout=20)
    assert (out.decode(coding).strip(), err.decode(coding).strip()) == ("fünf", "segue: kein Flügel")


def test_what_the_user_can_mend_leaves_no_log(tmp_path: Path) -> None:
    stage = start_stage(["raise main.SegueError('no such pack: give --pack')"], tmp_path)
    assert stage.communicate(timeout=20) == ("", "segue: no such pack: give --pack\n")
    assert stage.returncode == 2
    assert not (tmp_path / "segue.log").exists()


POSIX_STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP] if os.name == "posix" else []


@pytest.mark.skipif(os.name != "posix", reason="signals between processes")
def test_a_hang_up_that_nohup_has_ignored_stays_ignored(tmp_path: Path) -> None:
    body = ["signal.raise_signal(signal.SIGHUP); return {}"]
    code = STAGE.format(body="\n    ".join(body), folder=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    assert done.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="signals between processes")
@pytest.mark.parametrize("number", POSIX_STOPS)
def test_a_stopped_command_cleans_up_first(tmp_path: Path, number: int) -> None:
    started, cleaned = tmp_path / "started", tmp_path / "cleaned"
    stage = start_stage(
        [
            "try:",
            f"    Path({str(started)!r}).touch(); time.sleep(60)",
            "finally:",
            f"    Path({str(cleaned)!r}).touch()",
        ],
        tmp_path,
    )
    while not started.exists():
        assert stage.poll() is None
        time.sleep(0.01)
    stage.send_signal(number)
    out, err = stage.communicate(timeout=20)
    assert (stage.returncode, out, err) == (130, "", "segue: stopped\n")
    assert cleaned.exists()


@pytest.mark.skipif(os.name != "posix", reason="pipes that break")
def test_a_reader_that_has_had_enough_is_no_failure(tmp_path: Path) -> None:
    stage = start_stage(["time.sleep(0.2); print('line'); return {}"], tmp_path)
    assert stage.stdout is not None
    assert stage.stderr is not None
    stage.stdout.close()
    assert stage.stderr.read() == ""
    stage.stderr.close()
    assert stage.wait(timeout=20) == 1


# -- No command: the window, or a demo ---------------------------------------------------------------------------------


@pytest.fixture
def rendered(command: Callable[[Run], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folder is empty and ``render`` only notes where it was asked to write."""
    names: list[str] = []

    def run(options: main.argparse.Namespace) -> Mapping[str, object]:
        assert options.blend
        names.append(options.out)
        Path(options.out).touch()
        return {}

    command(run)
    monkeypatch.chdir(tmp_path)
    return names


def test_without_display_it_says_so_and_renders_never_overwriting(
    rendered: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gui.display.obstacle", lambda: "no display")
    assert main.main([]) == 0
    said = "segue: no display: rendering a steered demo take to segue-demo-1.wav instead\n"
    assert capsys.readouterr().err == said
    assert main.main([]) == 0
    assert rendered == ["segue-demo-1.wav", "segue-demo-2.wav"]


def test_a_window_that_cannot_be_loaded_is_replaced_by_a_take(
    rendered: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gui.display.obstacle", lambda: None)
    monkeypatch.setitem(sys.modules, "gui.app", None)
    assert main.main([]) == 0
    assert rendered == ["segue-demo-1.wav"]
    assert capsys.readouterr().err.startswith("segue: the window cannot start (")


def test_with_a_display_the_window_opens_and_threads_switch_quickly(
    rendered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []
    app = types.ModuleType("gui.app")
    app.__dict__["run"] = lambda: seen.append(sys.getswitchinterval()) or 7
    monkeypatch.setattr("gui.display.obstacle", lambda: None)
    monkeypatch.setitem(sys.modules, "gui.app", app)
    before = sys.getswitchinterval()
    try:
        assert main.main([]) == 7
    finally:
        sys.setswitchinterval(before)
    assert seen == [pytest.approx(main.SWITCH_INTERVAL_S)]
    assert rendered == []
