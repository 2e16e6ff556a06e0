"""``segue download`` against a hub that is played by the test."""

from __future__ import annotations

import argparse
import io
import json
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
LOADED = ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "README.md"]


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
        self.fetched: list[str] = []

    def model_info(self, hub_id: str, files_metadata: bool) -> SimpleNamespace:
        assert files_metadata
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @property
    def snapshot(self) -> Path:
        return self.cache / "models--someone--tiny" / "snapshots" / ("0" * 40)

    def hf_hub_download(self, hub_id: str, name: str, tqdm_class: Any) -> str:
        self.fetched.append(name)
        if self.failure is not None and name == "model.safetensors":
            raise self.failure
        if tqdm_class is not None:
            self.tell(tqdm_class, FILES[name])
        if (self.folder / name).exists():
            self.snapshot.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.folder / name, self.snapshot / name)
        return str(self.snapshot / name)

    def tell(self, bar_class: Any, size: int) -> None:
        """As the client does: what arrives is less than what is written, and a broken connection begins again."""
        with bar_class(total=size, unit="B") as arrived, bar_class(total=size, unit="B", initial=size // 4) as written:
            arrived.update(size // 2)
            written.update(size // 2)
            written.update(-size // 4)
            written.update(size)
            written.set_postfix_str("1 MB/s", refresh=False)

    def snapshot_download(self, hub_id: str, local_files_only: bool) -> str:
        assert local_files_only
        return str(self.snapshot)


@pytest.fixture
def hub(tiny_musicgen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    hub = Hub(tiny_musicgen, tmp_path / "cache")
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hub.hf_hub_download)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", hub.snapshot_download)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hub.cache))
    return hub


def order(hub_id: str = "someone/tiny", yes: bool = True, dry_run: bool = False, as_json: bool = False) -> Any:
    return download.run(argparse.Namespace(id=hub_id, yes=yes, dry_run=dry_run, json=as_json))


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
    assert hub.fetched == LOADED


def test_a_judge_is_fetched_as_well(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """CLAP cannot be played, and is not taken for a MusicGen."""
    hub.answer = model_info(config={"model_type": "clap"})
    done = order()
    assert (done["downloaded"], done["folder"]) == (True, str(hub.snapshot))
    assert "segue evaluate --judge clap:someone/tiny" in capsys.readouterr().out


def test_a_dry_run_fetches_nothing(hub: Hub) -> None:
    looked = order(yes=False, dry_run=True)
    assert (looked["licence"], looked["size_bytes"], looked["downloaded"]) == ("cc-by-nc-4.0", 2_360_007_500, False)
    assert not hub.fetched


def test_a_parent_process_is_told_how_many_bytes_have_come(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    order(as_json=True)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert {line["stage"] for line in told} == {"downloading"}
    assert {line["total"] for line in told} == {2_360_007_500}
    done = [line["done"] for line in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 2_360_007_500)


def test_only_files_that_are_loaded_are_fetched() -> None:
    assert [name for name in FILES if download.is_wanted(name)] == LOADED
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


def test_what_is_there_already_needs_no_room(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a download that broke off."""
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=5_499))
    for name in LOADED[:3]:
        hub.hf_hub_download("someone/tiny", name, None)
    (hub.snapshot.parents[1] / "refs").mkdir()
    (hub.snapshot.parents[1] / "refs" / "main").write_text("0" * 40)
    assert order()["downloaded"] is True
    (hub.snapshot / "model.safetensors").unlink()
    assert "takes 2.4 GB more" in refused()


def test_a_broken_connection(hub: Hub) -> None:
    hub.failure = ConnectionError("reset by peer")
    assert "run it again" in refused()


def test_offline_the_hub_is_not_asked() -> None:
    assert "check the connection" in refused("facebook/musicgen-small")
