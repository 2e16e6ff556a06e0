"""WAV and FLAC files that are valid at every checkpoint; libsndfile is the judge."""

import errno
import shutil
import signal
import struct
from contextlib import suppress
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import TakeError
from engine.stopping import stop_signals
from engine.takes import flac, wav
from engine.takes.sound import create_sound, repair_sound

TAGS = {
    "title": "jam-1 – fünf",
    "software": "Segue 0.1.0",
    "date": "2026-01-02T03:04:05+00:00",
    "copyright": "CC-BY-NC 4.0",
    "comment": "seed 7; model pocket",
}
KINDS = pytest.mark.parametrize("suffix", [".wav", ".flac"])
CHANNELS = pytest.mark.parametrize("channels", [1, 2])


def noise(samples: int, channels: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.integers(-(1 << 20), 1 << 20, (samples, channels)).astype(np.int32)


def read(path: Path) -> np.ndarray:
    with soundfile.SoundFile(path) as file:
        assert file.subtype == "PCM_24"
        return file.read(dtype="int32", always_2d=True) >> 8


@KINDS
@CHANNELS
@pytest.mark.parametrize("samples", [1, 4096, 9999])
def test_what_is_written_is_read_with_its_tags(tmp_path: Path, suffix: str, channels: int, samples: int) -> None:
    path, pcm = tmp_path / f"take{suffix}", noise(samples, channels)
    writer = create_sound(path, 32000, channels, TAGS)
    for start in range(0, samples, 640):
        writer.write(pcm[start : start + 640])
    writer.close()
    np.testing.assert_array_equal(read(path), pcm)
    with soundfile.SoundFile(path) as file:
        assert (file.samplerate, file.channels) == (32000, channels)
        assert file.title == TAGS["title"]
        assert file.software.startswith(TAGS["software"])
        assert file.comment == TAGS["comment"]
        assert file.copyright == TAGS["copyright"]
        assert file.date == TAGS["date"]


@KINDS
def test_valid_at_every_checkpoint_and_short_by_less_than_a_block(tmp_path: Path, suffix: str) -> None:
    path, pcm, copy = tmp_path / f"take{suffix}", noise(32000, 2), tmp_path / f"copy{suffix}"
    writer = create_sound(path, 32000, 2, TAGS)
    for start in range(0, 32000, 640):
        writer.write(pcm[start : start + 640])
        if start >= 9600:
            writer.checkpoint()
            shutil.copy(path, copy)
            held = read(copy)
            assert start + 640 - len(held) <= (0 if suffix == ".wav" else 4097)
            np.testing.assert_array_equal(held, pcm[: len(held)])
    writer.close()


@KINDS
@CHANNELS
@pytest.mark.parametrize("torn_bytes", [0, 1, 5, 1000])
def test_repair_of_a_torn_file_keeps_all_but_the_last_block(
    tmp_path: Path, suffix: str, channels: int, torn_bytes: int
) -> None:
    path, pcm, torn = tmp_path / f"take{suffix}", noise(20001, channels), tmp_path / f"torn{suffix}"
    writer = create_sound(path, 32000, channels, TAGS)
    for start in range(0, 20001, 640):
        writer.write(pcm[start : start + 640])
    data = path.read_bytes()
    if suffix == ".flac" and torn_bytes:
        data += b"\xff\xf8" + data[-torn_bytes:]  # a block whose length has not been stated yet
    torn.write_bytes(data if suffix == ".flac" else data[: len(data) - torn_bytes])
    writer.close()
    assert repair_sound(torn)
    held = read(torn)
    lost = 4097 if suffix == ".flac" else -(-torn_bytes // (3 * channels))
    assert 20001 - lost <= len(held) <= 20001
    np.testing.assert_array_equal(held, pcm[: len(held)])
    with soundfile.SoundFile(torn) as file:
        assert file.comment == TAGS["comment"]
    if suffix == ".wav":
        size = torn.stat().st_size
        assert struct.unpack_from("<I", torn.read_bytes(), 4)[0] == size - 8, "the whole file is accounted for"
        assert size % 2 == 0


@KINDS
def test_repair_of_a_whole_file_changes_nothing_that_is_heard(tmp_path: Path, suffix: str) -> None:
    path, pcm = tmp_path / f"take{suffix}", noise(5001, 1)
    writer = create_sound(path, 32000, 1, TAGS)
    writer.write(pcm)
    writer.close()
    assert repair_sound(path)
    np.testing.assert_array_equal(read(path), pcm)
    assert list(tmp_path.iterdir()) == [path]


@KINDS
def test_a_file_without_sound_is_known(tmp_path: Path, suffix: str) -> None:
    path, torn = tmp_path / f"take{suffix}", tmp_path / f"torn{suffix}"
    writer = create_sound(path, 32000, 2, TAGS)
    writer.write(noise(4000 if suffix == ".flac" else 0, 2))
    shutil.copy(path, torn)
    writer.close()
    assert not repair_sound(torn)


@KINDS
def test_what_cannot_be_repaired_is_said(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"take{suffix}"
    for content in (b"", b"text", b"RIFF" + bytes(200), b"fLaC" + bytes(200)):
        path.write_bytes(content)
        with pytest.raises(TakeError):
            repair_sound(path)
        assert path.read_bytes() == content


@KINDS
def test_an_existing_file_is_never_touched(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"take{suffix}"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        create_sound(path, 32000, 2, TAGS)
    assert path.read_bytes() == b"precious"


@KINDS
def test_a_write_that_breaks_off_leaves_a_clean_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    module = wav if suffix == ".wav" else flac
    path, pcm, real = tmp_path / f"take{suffix}", noise(32000, 2), module.write_all
    writer = create_sound(path, 32000, 2, TAGS)
    writer.write(pcm[:20000])

    def torn(file: FileIO, data: bytes) -> None:
        real(file, data[: len(data) // 2 + 1])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_all", torn)
        with pytest.raises(OSError, match="No space left"):
            writer.write(pcm[20000:])
    with suppress(OSError):  # there may be room again by now, and what comes then must not be believed
        writer.close()
    held = read(path)
    assert len(held) == (20000 if suffix == ".wav" else 4 * 4096)
    np.testing.assert_array_equal(held, pcm[: len(held)])
    whole = create_sound(tmp_path / f"whole{suffix}", 32000, 2, TAGS)
    whole.write(held)
    whole.close()
    assert path.stat().st_size == (tmp_path / f"whole{suffix}").stat().st_size, "nothing torn trails behind"


def test_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(TakeError, match=r"neither \.wav nor \.flac"):
        create_sound(tmp_path / "take.mp3", 32000, 2, TAGS)


@pytest.mark.parametrize("channels", [1, 2])
def test_wav_outgrows_4_gib_as_rf64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, channels: int) -> None:
    monkeypatch.setattr(wav, "LARGEST_RIFF_BYTES", 20000)
    path, pcm = tmp_path / "take.wav", noise(9999, channels)
    writer = create_sound(path, 32000, channels, TAGS)
    for start in range(0, 9999, 640):
        writer.write(pcm[start : start + 640])
    writer.checkpoint()
    torn = tmp_path / "torn.wav"
    shutil.copy(path, torn)
    writer.close()
    wav.repair(torn)
    for file in (path, torn):
        assert file.read_bytes().startswith(b"RF64")
        np.testing.assert_array_equal(read(file), pcm)


def test_a_wav_of_5_gib_has_its_real_length(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    writer = wav.WavWriter(path, 32000, 2, TAGS)
    writer._samples = 5 * 1024**3 // 6
    writer._write_head()
    with open(path, "r+b") as sparse:
        sparse.truncate(path.stat().st_size + writer._samples * 6)
    assert soundfile.info(path).frames == writer._samples
    writer._file.close()


def test_flac_states_blocks_only_when_they_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "take.flac"
    writer = flac.FlacWriter(path, 32000, 1, {})
    writer.write(noise(4096, 1))
    assert soundfile.info(path).frames > 1 << 36, "none stated, which libsndfile reads as endless"
    writer.write(noise(1, 1))
    assert soundfile.info(path).frames == 4096
    writer.close()
    assert soundfile.info(path).frames == 4097


@KINDS
def test_a_file_that_cannot_be_begun_is_not_left_empty(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(wav, "write_all", full)
    monkeypatch.setattr(soundfile, "SoundFile", full)
    with pytest.raises(OSError, match="no space"):
        create_sound(tmp_path / f"take{suffix}", 32000, 1, TAGS)
    assert list(tmp_path.iterdir()) == []


@KINDS
def test_a_file_that_is_there_stays_when_it_is_to_be_created(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"take{suffix}"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(FileExistsError):
        create_sound(path, 32000, 1, TAGS)
    assert path.read_text(encoding="utf-8") == "precious"


def test_a_ctrl_c_while_libflac_writes_waits_until_the_block_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception in a callback would be printed and lost, and so would the block."""
    path, pcm, interrupts, write = tmp_path / "take.flac", noise(20_000, 1), 0, flac._Sink.write

    def interrupted(sink: flac._Sink, data: bytes) -> int:
        signal.raise_signal(signal.SIGINT)
        return write(sink, data)

    writer = create_sound(path, 32000, 1, TAGS)
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, *stop_signals())}
    try:
        monkeypatch.setattr(flac._Sink, "write", interrupted)
        for start in range(0, 20_000, 4000):
            try:
                writer.write(pcm[start : start + 4000])
            except KeyboardInterrupt:
                interrupts += 1
        monkeypatch.setattr(flac._Sink, "write", write)
        writer.close()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert interrupts > 0
    np.testing.assert_array_equal(read(path), pcm)
