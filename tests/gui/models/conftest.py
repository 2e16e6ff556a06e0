"""A hub on this machine, with one small model, for the real client in a real child process."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

HUB_ID = "someone/tiny"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubServer(ThreadingHTTPServer):
    """Serves a folder as ``someone/tiny``. ``gate``: while it is closed, weights stop coming half-way."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        self.gate = threading.Event()
        self.gate.set()
        self.sent: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: HubServer

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == f"/api/models/{HUB_ID}":
            siblings = [{"rfilename": name, "size": len(data)} for name, data in self.server.files.items()]
            card = {"license": "cc-by-nc-4.0"}
            facts = {"id": HUB_ID, "sha": COMMIT, "siblings": siblings, "cardData": card}
            self._head("application/json", json.dumps(facts).encode())
            self.wfile.write(json.dumps(facts).encode())
        elif (name := self._file(path)) is not None:
            data = self.server.files[name]
            self._head("application/octet-stream", data)
            self.server.sent.append(name)
            half = len(data) // 2 if name.endswith(".safetensors") else len(data)
            self.wfile.write(data[:half])
            self.wfile.flush()
            while not self.server.gate.wait(0.05):
                if self.connection.fileno() < 0:
                    return
            self.wfile.write(data[half:])
        else:
            self.send_error(404)

    def do_HEAD(self) -> None:
        name = self._file(self.path)
        if name is None:
            self.send_error(404)
        else:
            self._head("application/octet-stream", self.server.files[name])

    def _file(self, path: str) -> str | None:
        name = path.rpartition("/")[2]
        return name if path == f"/{HUB_ID}/resolve/main/{name}" and name in self.server.files else None

    def _head(self, kind: str, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(tiny_spectral: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """The server, running; children of this process take it for the hub, and an empty folder for their cache."""
    server = HubServer(tiny_spectral)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub-cache"))
    for name in ("HF_HUB_OFFLINE", "HF_HUB_CACHE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server
    server.gate.set()
    server.shutdown()
    server.server_close()
    thread.join(2.0)


@pytest.fixture
def cache(hub: HubServer, tmp_path: Path) -> Path:
    """Where the children's cache keeps the model."""
    return tmp_path / "hub-cache" / "hub" / f"models--{HUB_ID.replace('/', '--')}"
