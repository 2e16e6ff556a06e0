from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from resources.launch import launch
from resources.launch.console import LaunchError
from resources.launch.install import extras_of

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted((ROOT / "resources" / "launch").glob("*.py"))
posix = pytest.mark.skipif(os.name != "posix", reason="the sh wrapper")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_an_old_python_can_parse_it_and_it_needs_nothing_installed(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.module
            names = [node.module]
        for name in names:
            assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("resources.launch")


def test_the_checks_are_the_linter_the_formatter_the_types_and_the_tests() -> None:
    commands = launch.check_commands("PY", ["-k", "ring"])
    assert [command[2:] for command in commands] == [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["pytest", "-k", "ring"],
    ]
    assert {tuple(command[:2]) for command in commands} == {("PY", "-m")}


def test_the_first_failing_check_ends_them_with_its_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(name: str, status: int) -> list[str]:
        code = f"import os, sys; open('{name}', 'w').write(os.environ['QT_QPA_PLATFORM']); sys.exit({status})"
        return [sys.executable, "-c", code]

    checks = [check("first", 0), check("second", 3), check("third", 0)]
    monkeypatch.setattr(launch, "check_commands", lambda python, words: checks)
    assert launch.run_checks(tmp_path, []) == 3
    assert (tmp_path / "second").read_text() == "offscreen"
    assert not (tmp_path / "third").exists()
    checks.pop(1)
    assert launch.run_checks(tmp_path, []) == 0


def test_the_command_that_follows_gets_the_words_and_gives_its_status() -> None:
    code = "import sys; from resources.launch.launch import become; become([sys.executable, *sys.argv[1:]])"
    follows = "import sys; print(sys.argv[1]); sys.exit(7)"
    done = subprocess.run(
        [sys.executable, "-c", code, "-c", follows, "two words"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, "two words\n", "")


def test_words_go_on_to_main_with_the_base_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    class Became(Exception):
        pass

    def become(command: list[str]) -> None:
        raise Became(*command)

    installed: list[frozenset[str]] = []
    monkeypatch.setattr(launch, "ensure_installed", lambda root, extras: installed.append(extras))
    monkeypatch.setattr(launch, "become", become)
    with pytest.raises(Became) as became:
        launch.start(["render", "out.wav"])
    assert became.value.args[1:] == (str(ROOT / "main.py"), "render", "out.wav")
    assert "test" not in installed[0]

    monkeypatch.setattr(launch, "run_checks", lambda root, words: len(words))
    assert launch.start(["test", "-k", "ring"]) == 2
    assert "test" in installed[1]


def test_optional_packages_are_installed_by_their_groups_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed: list[frozenset[str]] = []
    monkeypatch.setattr(launch, "ensure_installed", lambda root, extras: installed.append(extras))
    assert launch.start(["install", "midi", "osc"]) == 0
    assert installed == [launch.BASE_EXTRAS | {"midi", "osc"}]
    assert capsys.readouterr().err == "segue: installed: midi, osc\n"


@pytest.mark.parametrize("words", [[], ["midi", "harp"]])
def test_what_cannot_be_installed_is_one_line_that_names_what_can(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launch, "ensure_installed", lambda root, extras: pytest.fail("installed"))
    assert launch.start(["install", *words]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "cluster, compose, hub, midi, osc" in said
    assert ("harp" in said) == bool(words)


@pytest.mark.parametrize(("error", "status"), [(LaunchError("no pip: install it"), 2), (KeyboardInterrupt(), 130)])
def test_what_stops_the_start_is_one_line(
    error: BaseException, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(root: Path, extras: frozenset[str]) -> None:
        raise error

    monkeypatch.setattr(launch, "ensure_installed", fail)
    assert launch.start([]) == status
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"segue: {str(error) or 'stopped'}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The wrapper beside a launcher that only tells how it was called."""
    root = tmp_path / "a checkout"
    folder = root / "resources" / "launch"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "segue", root / "segue")
    code = "import sys; print(sys.prefix); print(sys.argv[0]); print('|'.join(sys.argv[1:])); sys.exit(5)"
    (folder / "__main__.py").write_text(code, encoding="utf-8")
    return root


@posix
def test_the_wrapper_works_through_links_and_keeps_words_and_status(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "absolute").symlink_to(checkout / "segue")
    (tmp_path / "bin" / "relative").symlink_to("absolute")
    done = subprocess.run(
        [tmp_path / "bin" / "relative", "render", "my take.wav"], cwd="/", capture_output=True, text=True
    )
    assert done.returncode == 5, done.stderr
    assert done.stdout.splitlines()[1:] == [str(checkout / "resources" / "launch"), "render|my take.wav"]


@posix
def test_the_wrapper_prefers_the_venv(checkout: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    done = subprocess.run([checkout / "segue"], capture_output=True, text=True)
    assert done.stdout.splitlines()[0] == str(checkout / ".venv")


@posix
def test_a_venv_whose_python_does_not_run_is_passed_over(checkout: Path) -> None:
    """As after an upgrade of the system that removed it."""
    broken = checkout / ".venv" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/nowhere/python3.8\n", encoding="utf-8")
    broken.chmod(0o755)
    done = subprocess.run([checkout / "segue", "doctor"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (5, "")
    assert done.stdout.splitlines()[2] == "doctor"


@posix
def test_without_python_the_wrapper_says_what_to_do(checkout: Path, tmp_path: Path) -> None:
    for tool in ("dirname", "readlink"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    done = subprocess.run(["/bin/sh", checkout / "segue"], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("segue: needs Python 3.11 or newer")
    assert done.stderr.count("\n") == 1


def test_the_windows_wrapper_has_the_line_ends_that_cmd_needs() -> None:
    text = (ROOT / "segue.cmd").read_bytes()
    assert text.count(b"\r\n") == text.count(b"\n") > 5
    assert b"resources\\launch" in text


def test_every_group_that_the_program_names_exists() -> None:
    named = {
        name
        for folder in ("engine", "gui", "probes", "resources")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"how_to_install\([\"'](\w+)[\"']\)", path.read_text(encoding="utf-8"))
    }
    assert {"midi", "osc", "hub", "cluster", "compose"} <= named
    assert named <= extras_of((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
