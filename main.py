"""Segue's composition root: the command line becomes the window, or a headless command.

Exit status: 0 done; 2 bad arguments or input, with one line that names the remedy; 1 a failure of ours, with the log's
path; 130 stopped by Ctrl-C or a termination signal. With ``--json`` standard output carries one JSON object alone.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import itertools
import json
import logging
import math
import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast

import platformdirs

from engine.errors import SegueError
from engine.extras import LAUNCHER
from engine.stopping import LEASH, follow_parent, stop_signals

# The last part of each module's name is the word that the user types.
COMMANDS = (
    "engine.commands.render",
    "probes.commands.bench",
    "engine.commands.takes",
    "engine.commands.doctor",
    "engine.commands.download",
    "probes.commands.corpus",
    "probes.commands.probe",
    "probes.commands.study",
    "probes.commands.evaluate",
    "gui.commands.screenshots",
)
DEMO_WORDS = ("--seconds", "20", "--blend", "electronic=0.6", "--seed", "1")
LOG_BYTES, LOG_FILES = 1_000_000, 3
# Python's default of 5 ms lets one busy thread hold up the audio and engine threads for as long.
SWITCH_INTERVAL_S = 0.0005
STOPPED = 130


class Command(Protocol):
    """What a module of COMMANDS offers; its heavy imports happen inside ``run``.

    ``run`` returns the object that ``--json`` prints. One that was stopped and still has something to tell says
    ``interrupted: True`` in it.
    """

    NAME: str
    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace) -> Mapping[str, object]: ...


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that keeps a mistake to one line, and whose options are never abbreviated."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parsers that end a command: ``segue bench``, ``segue probe train``."""
    choices = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not choices:
        yield parser
    for nested in itertools.chain.from_iterable(each.values() for each in choices):
        yield from leaves(nested)


def build_parser(modules: Iterable[str]) -> Parser:
    parser = Parser(
        prog="segue",
        description="A desktop instrument: genre knobs that bend a MusicGen while it plays.",
        epilog=f"Without a command: the window. {LAUNCHER} install GROUP: optional packages (midi, osc, hub, cluster). "
        f"{LAUNCHER} test: the project's own tests.",
    )
    parser.set_defaults(run_command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for path in modules:
        command = cast(Command, importlib.import_module(path))
        words = commands.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        command.configure(words)
        words.set_defaults(run_command=command.run, json=False)
        for leaf in leaves(words):
            leaf.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    return parser


def json_value(value: object) -> object:
    """``value`` in JSON's own types: NaN and infinities become null, paths strings, arrays lists."""
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # numpy's and torch's
        return json_value(value.tolist())
    return value


def run_command(words: Sequence[str]) -> int:
    # One command's module is enough to parse its own words; all are needed only for help and for mistakes.
    asked = [path for path in COMMANDS if words and path.endswith(f".{words[0]}")]
    parser = build_parser(asked or COMMANDS)
    options = parser.parse_args(words)
    if options.run_command is None:
        parser.error("which command?")
    with contextlib.redirect_stdout(sys.stderr) if options.json else contextlib.nullcontext():
        result = options.run_command(options)
    if options.json:
        print(json.dumps(json_value(result), allow_nan=False))
    sys.stdout.flush()
    return STOPPED if result.get("interrupted") else 0


def find_window() -> Callable[[], int] | str:
    """What opens the window; or, in a few words, what stands in its way."""
    try:
        obstacle: str | None = importlib.import_module("gui.display").obstacle()
        return obstacle or cast("Callable[[], int]", importlib.import_module("gui.app").run)
    except ImportError as error:
        logging.getLogger("segue").warning("no window", exc_info=True)
        return f"the window cannot start ({error})"


def open_window() -> int:
    """The window; where it cannot open, a steered demo take in the current folder."""
    window = find_window()
    if not isinstance(window, str):
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        return window()
    names = (f"segue-demo-{number}.wav" for number in itertools.count(1))
    out = next(name for name in names if not Path(name).exists())
    print(f"segue: {window}: rendering a steered demo take to {out} instead", file=sys.stderr)
    return run_command(["render", out, *DEMO_WORDS])


def start_log() -> Path:
    """Send log records to a file, which is put aside first when it has grown large; returns its path."""
    folder = Path(platformdirs.user_log_dir("segue", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir())
    path = folder / "segue.log"
    # Windows renames no file that is open, in the window say: then it grows on. Tried while records are written, that
    # would be complained of on standard error, where a parent looks for our last words.
    with contextlib.suppress(OSError):
        if path.stat().st_size > LOG_BYTES:
            put_aside(path)
    handler = logging.FileHandler(path, "a", encoding="utf-8", delay=True)
    logging.basicConfig(
        level=logging.INFO, handlers=[handler], format="%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"
    )
    return path


def put_aside(log: Path) -> None:
    """``segue.log`` becomes ``segue.log.1``, that becomes ``segue.log.2``, and the oldest goes. Raises ``OSError``."""
    names = [log, *(log.with_name(f"{log.name}.{number}") for number in range(1, LOG_FILES + 1))]
    for older, newer in itertools.pairwise(reversed(names)):
        if newer.exists():
            os.replace(newer, older)


def complain(message: object) -> None:
    print("segue:", " ".join(str(message).splitlines()), file=sys.stderr)


def main(words: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if words is None else words
    for number in stop_signals():  # as a Ctrl-C: files are closed whole
        signal.signal(number, signal.default_int_handler)
    leashed = bool(os.environ.pop(LEASH, ""))
    if leashed:
        follow_parent()
    for stream in (sys.stdout, sys.stderr):  # Windows pipes speak code pages that lack our letters
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8" if leashed else None, errors="replace")
    log = start_log()
    try:
        return run_command(words) if words else open_window()
    except SegueError as error:
        complain(error)
        return 2
    except KeyboardInterrupt:
        complain("stopped")
        return STOPPED
    except BrokenPipeError:  # the reader, `head` say, has had enough; nothing must be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        logging.getLogger("segue").exception("segue %s", shlex.join(words))
        complain(f"a failure of ours ({type(error).__name__}: {error}); the details are in {log}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
