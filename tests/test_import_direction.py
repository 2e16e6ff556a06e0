"""Who may import whom: ``main → gui → engine ← probes ← resources.recipe``; Qt in ``gui`` alone; sound without torch.

The rules are read off the source, so that an import inside a function counts as well.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]

MAY_IMPORT = {
    "main": {"gui", "engine", "probes"},
    "gui": {"gui", "engine"},
    "engine": {"engine"},
    "probes": {"probes", "engine"},
    "resources.recipe": {"resources.recipe", "probes", "engine"},
    "resources.launch": {"resources.launch"},
    "resources": set[str](),
}
QT = {"PySide6", "shiboken6", "pyqtgraph"}
TORCH = {"torch", "torchaudio", "transformers"}
WITHOUT_TORCH = ("engine.audio", "engine.takes")


class Import(NamedTuple):
    module: str
    at_run_time: bool


def part_of(module: str) -> str:
    """The part of the house that a module lives in; "" where it is not the project's."""
    return next((part for part in MAY_IMPORT if module == part or module.startswith(part + ".")), "")


def imports(source: str, module: str, is_package: bool) -> Iterator[Import]:
    tree = ast.parse(source)
    for_types_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        at_run_time = id(node) not in for_types_only
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, at_run_time) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield Import(origin, at_run_time)
            # What is imported may itself be a module: `from engine.audio import ring`.
            yield from (Import(f"{origin}.{alias.name}", at_run_time) for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith("import_module")
            and isinstance(node.args[0], ast.Constant)
        ):
            yield Import(str(node.args[0].value), at_run_time)


class House:
    """The project's modules and what each imports."""

    def __init__(self, sources: Mapping[str, str], packages: frozenset[str] = frozenset()) -> None:
        self.imports = {name: list(imports(text, name, name in packages)) for name, text in sources.items()}

    def wrong_directions(self) -> list[str]:
        return [
            f"{module} imports {target.module}"
            for module, targets in self.imports.items()
            for target in targets
            if part_of(target.module) and part_of(target.module) not in MAY_IMPORT[part_of(module)]
        ]

    def qt_outside_gui(self) -> list[str]:
        return [
            f"{module} imports {target.module}"
            for module, targets in self.imports.items()
            for target in targets
            if part_of(module) != "gui" and target.module.split(".")[0] in QT
        ]

    def reached_from(self, start: str) -> set[str]:
        """All that running ``start`` may load: through the project's modules, and their packages, to the libraries."""
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            module = waiting.pop()
            if module in seen:
                continue
            seen.add(module)
            parents = [module.rsplit(".", depth)[0] for depth in range(1, module.count(".") + 1)]
            waiting += [parent for parent in parents if parent in self.imports]
            waiting += [target.module for target in self.imports.get(module, []) if target.at_run_time]
        return seen

    def torch_where_none_belongs(self) -> list[str]:
        return [
            f"{module} reaches {target}"
            for module in self.imports
            if module.startswith(WITHOUT_TORCH)
            for target in self.reached_from(module)
            if target.split(".")[0] in TORCH or target == "safetensors.torch"
        ]


def the_house() -> House:
    sources, packages = {}, set()
    paths = [ROOT / "main.py"]
    for top in ("gui", "engine", "probes", "resources"):
        paths += sorted((ROOT / top).rglob("*.py"))
    for path in paths:
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if parts[-1] == "__init__":
            packages.add(name)
        sources[name] = path.read_text(encoding="utf-8")
    return House(sources, frozenset(packages))


def test_imports_point_one_way() -> None:
    assert the_house().wrong_directions() == []


def test_qt_lives_in_the_gui_alone() -> None:
    assert the_house().qt_outside_gui() == []


def test_sound_and_takes_never_reach_torch() -> None:
    assert the_house().torch_where_none_belongs() == []


@pytest.mark.parametrize("module", ["engine", "engine.errors", "engine.control", "gui.display", "gui.main_window"])
def test_what_must_start_quickly_loads_no_torch(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {sorted(TORCH)} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


# -- The rules themselves ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        ("engine.runner", "from gui import app", True),
        ("engine.runner", "def f():\n    import probes.fit", True),
        ("engine.audio.ring", "from ...gui import app", True),
        ("engine.runner", "from engine.audio import ring", False),
        ("gui.lab.page", "import probes.fit", True),
        ("gui.lab.page", "from engine.engine import Engine", False),
        ("probes.fit", "from resources.recipe import codec", True),
        ("probes.fit", "import engine.model.decoder", False),
        ("resources.recipe.measure", "import probes.corpus, engine.model", False),
        ("resources.recipe.measure", "import gui.app", True),
        ("resources.launch.launch", "import engine.errors", True),
        ("main", "from resources.recipe import codec", True),
        ("main", "import importlib\nimportlib.import_module('resources.recipe.codec')", True),
        ("engine.runner", "import main", True),
        ("engine.runner", "import torch, resources_of_others", False),
    ],
)
def test_a_wrong_direction_is_seen(module: str, source: str, wrong: bool) -> None:
    assert bool(House({module: source}).wrong_directions()) is wrong


def test_qt_elsewhere_is_seen() -> None:
    assert House({"engine.engine": "from PySide6.QtCore import QObject"}).qt_outside_gui()
    assert House({"probes.report": "def plot():\n    import pyqtgraph"}).qt_outside_gui()
    assert not House({"gui.app": "from PySide6.QtCore import QObject"}).qt_outside_gui()


def test_torch_is_seen_at_any_distance() -> None:
    ring = {"engine.audio.ring": "from engine.audio import gain"}
    gain = "from engine.model import codec"
    assert House({**ring, "engine.audio.gain": gain, "engine.model.codec": "import torch"}).torch_where_none_belongs()
    assert House({**ring, "engine.audio": "import torch.nn"}).torch_where_none_belongs()
    assert House({"engine.takes.take": "def replay():\n    import transformers"}).torch_where_none_belongs()
    typed = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch import Tensor"
    assert not House({**ring, "engine.audio.gain": typed}).torch_where_none_belongs()
