"""``segue download`` against a hub that is played by the test."""

from __future__ import annotations

import argparse
import io
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

from engine.commands import download
from engine.errors import CheckpointError

FILES = {
    "config.json": 2_000,
    "generation_config.json": 200,
    "model.safetensors": 2_360_000_000,
    "pytorch_model.bin": 2_360_000_000,
    "state_dict.bin": 1,
    "tokenizer.json": 5_000,
    "README.md": 300,
    ".gitattributes": 10,
    "run.py": 10,
}


def model_info(**changes: Any) -> SimpleNamespace:
    facts: dict[str, Any] = {
        "siblings": [SimpleNamespace(rfilename=name, size=size) for name, size in FILES.items()],
        "card_data": SimpleNamespace(license="cc-by-nc-4.0"),
        "config": {"model_type": "musicgen"},
    }
    return SimpleNamespace(**facts | changes)


class Hub:
    """Answers in the hub's place, and counts what was fetched."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder, self.cache = folder, cache
        self.answer: SimpleNamespace | Exception = model_info()
        self.failure: Exception | None = None
        self.fetched: list[tuple[str, list[str]]] = []

    def model_info(self, hub_id: str, files_metadata: bool) -> SimpleNamespace:
        assert files_metadata
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def snapshot_download(self, hub_id: str, **options: Any) -> str:
        snapshot = self.cache / f"models--{hub_id.replace('/', '--')}" / "snapshots" / ("0" * 40)
        if options.get("local_files_only"):
            return str(snapshot)
        self.fetched.append((hub_id, options["allow_patterns"]))
        if self.failure is not None:
            raise self.failure
        shutil.copytree(self.folder, snapshot)
        return str(snapshot)


@pytest.fixture
def hub(tiny_musicgen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    hub = Hub(tiny_musicgen, tmp_path / "cache")
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", hub.snapshot_download)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hub.cache))
    return hub


def order(hub_id: str = "someone/tiny", yes: bool = True) -> Any:
    return download.run(argparse.Namespace(id=hub_id, yes=yes, json=False))


def refused(hub_id: str = "someone/tiny", yes: bool = True) -> str:
    with pytest.raises(CheckpointError) as caught:
        order(hub_id, yes)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_size_and_licence_come_first_then_the_files(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    done = order()
    assert (done["licence"], done["size_bytes"], done["downloaded"]) == ("cc-by-nc-4.0", 2_360_007_500, True)
    assert Path(done["folder"]).is_relative_to(hub.cache)
    assert "2.36 GB, licence cc-by-nc-4.0" in capsys.readouterr().err
    assert [hub_id for hub_id, _ in hub.fetched] == ["someone/tiny"]


def test_only_files_that_are_loaded_are_fetched(hub: Hub) -> None:
    order()
    (_, patterns) = hub.fetched[0]
    assert tuple(patterns) == download.PATTERNS
    assert {name for name in FILES if download.is_wanted(name)} == {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "README.md",
    }
    assert download.is_wanted("model-00001-of-00002.safetensors")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "expected"), [("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_it_asks_first(answer: str, expected: bool, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert order(yes=False)["downloaded"] is expected
    assert bool(hub.fetched) is expected


def test_without_a_terminal_it_wants_yes(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert "add --yes" in refused(yes=False)
    assert not hub.fetched


def response(status: int) -> Any:
    return SimpleNamespace(headers={}, status_code=status, request=None)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (RepositoryNotFoundError("404", response=response(404)), "the hub has no model someone/tiny"),
        (GatedRepoError("403", response=response(403)), "accept its terms first"),
        (ConnectionError("Name or service not known\nmore"), "(Name or service not known): check the connection"),
        (model_info(config={"model_type": "musicgen_melody"}), "'musicgen_melody', which cannot be played"),
        (model_info(siblings=[SimpleNamespace(rfilename="pytorch_model.bin", size=1)]), "no safetensors weights"),
        (model_info(siblings=None), "no safetensors weights"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_the_hub_cannot_give(answer: SimpleNamespace | Exception, expected: str, hub: Hub) -> None:
    hub.answer = answer
    assert expected in refused()
    assert not hub.fetched


def test_a_card_without_a_licence(hub: Hub) -> None:
    hub.answer = model_info(card_data=None, config=None)
    assert order()["licence"].startswith("not stated")


def test_ids_that_are_none(hub: Hub) -> None:
    for hub_id in ("musicgen-small", "../../etc", "a/b/c", ""):
        assert "is no hub id" in refused(hub_id)


def test_a_full_disk_is_seen_before(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=1_000_000_000))
    assert "takes 2.4 GB, and 1.0 GB are free" in refused()
    assert not hub.fetched


def test_a_broken_connection(hub: Hub) -> None:
    hub.failure = ConnectionError("reset by peer")
    assert "run it again" in refused()


def test_offline_the_hub_is_not_asked() -> None:
    assert "check the connection" in refused("facebook/musicgen-small")
