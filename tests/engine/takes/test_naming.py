"""Names that no file system refuses and no file is lost to."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.takes.naming import SIDECAR_SUFFIX, clean_name, default_folder, is_free, reserve, reserve_next

RESERVE_MANY = """
import sys
from pathlib import Path
from engine.takes.naming import reserve_next
for _ in range(40):
    stem, journal = reserve_next(Path(sys.argv[1]), "jam")
    (Path(sys.argv[1]) / (stem + ".wav")).touch(exist_ok=False)
    journal.discard()
    print(stem)
"""


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("jam", "jam"),
        ("  late / night:jam?  ", "late night jam"),
        ("..", "take"),
        ("", "take"),
        ("CON", "CON-"),
        ("lpt1.x", "lpt1-.x"),
        ("aux .x", "aux-.x"),
        ("Größe 5", "Größe 5"),
        ("../../etc/passwd", "etc passwd"),
        ("x" * 300, "x" * 100),
        ("日" * 100, "日" * 66),
        ("\ud800bad", "bad"),
        ("a\nb\x00", "a b"),
    ],
)
def test_names_are_cleaned(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


def test_numbers_go_up_from_the_highest(tmp_path: Path) -> None:
    for taken in ("jam-2.wav", "JAM-7.flac", "jam-30x.wav", "jam-x.wav", "other-50.wav", "jam-9" + SIDECAR_SUFFIX):
        (tmp_path / taken).touch()
    assert reserve_next(tmp_path, "jam")[0] == "jam-10"
    assert reserve_next(tmp_path, "jam")[0] == "jam-11", "reserved while the first is open"
    assert reserve_next(tmp_path, "new")[0] == "new-1"


@pytest.mark.parametrize("suffix", [".wav", ".flac", SIDECAR_SUFFIX])
def test_a_name_in_use_is_not_reserved(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"jam{suffix}").touch()
    assert reserve(tmp_path, "jam") is None
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"jam{suffix}"]


def test_two_processes_never_get_the_same_name(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RESERVE_MANY, str(tmp_path)]
    rivals = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    names = [name for rival in rivals for name in rival.communicate(timeout=60)[0].split()]
    assert all(rival.returncode == 0 for rival in rivals)
    assert len(names) == len(set(names)) == 80
    assert len(list(tmp_path.iterdir())) == 80


def test_default_folder_is_the_users_music() -> None:
    assert default_folder().name == "Segue"


def test_where_every_lock_is_refused_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As some network file systems do; a lock that another process holds looks the same."""
    monkeypatch.setattr("engine.takes.journal._lock", lambda _file: False)
    with pytest.raises(OSError, match="cannot be locked"):
        reserve_next(tmp_path, "jam")


def test_a_name_that_is_too_long_is_free() -> None:
    assert is_free(Path(), "x" * 300), "what the system refuses is told when it is created"
