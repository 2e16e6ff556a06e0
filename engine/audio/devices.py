"""The audio outputs of this machine, through PortAudio where it is installed.

PortAudio keeps one global device list and, on Windows, ties itself to the thread that initialised it; so while an
`Output` exists, only its supervisor thread calls `PortAudio`.
"""

import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import DeviceError

Render = Callable[[NDArray[np.float32]], None]
"""Fills one block `(samples, device channels)`."""

REQUESTED_LATENCY_S = 0.04
WASAPI = "Windows WASAPI"


@dataclass(frozen=True)
class OutputDevice:
    """An output as the system lists it; `rate_hz` is its native rate."""

    name: str
    index: int
    channels: int
    rate_hz: int
    default: bool


class Stream(Protocol):
    """A running output stream."""

    @property
    def active(self) -> bool: ...

    def close(self) -> None: ...


class Backend(Protocol):
    """What an `Output` needs of a sound system. Every method raises `DeviceError` with the reason."""

    def outputs(self) -> tuple[OutputDevice, ...]: ...

    def rescan(self) -> None:
        """Look for devices anew. Only while no stream is open."""

    def open(self, device: OutputDevice, channels: int, render: Render) -> Stream:
        """Open and start."""


class PortAudio:
    """PortAudio through sounddevice, imported at first use because the library may be missing.

    A failed import is remembered: looking for the library again starts subprocesses and cannot succeed.
    """

    def __init__(self) -> None:
        self._failure: DeviceError | None = None

    def outputs(self) -> tuple[OutputDevice, ...]:
        sounddevice = self._sounddevice()
        try:
            devices, apis = list(sounddevice.query_devices()), list(sounddevice.query_hostapis())
        except sounddevice.PortAudioError as error:
            raise DeviceError(f"the system's audio outputs cannot be listed: {_one_line(error)}") from error
        api = _preferred_api(apis)
        default = apis[api]["default_output_device"] if apis else -1
        return tuple(
            OutputDevice(
                name=device["name"],
                index=device["index"],
                channels=device["max_output_channels"],
                rate_hz=round(device["default_samplerate"]),
                default=device["index"] == default,
            )
            for device in devices
            if device["hostapi"] == api and device["max_output_channels"] > 0 and device["default_samplerate"] > 0
        )

    def rescan(self) -> None:
        sounddevice = self._sounddevice()
        try:
            # PortAudio lists devices only while initialising; sounddevice offers no public way to ask for it.
            with contextlib.suppress(sounddevice.PortAudioError):  # it may have failed to start the last time
                sounddevice._terminate()
            sounddevice._initialize()
        except sounddevice.PortAudioError as error:
            raise DeviceError(f"the sound system does not start: {_one_line(error)}") from error

    def open(self, device: OutputDevice, channels: int, render: Render) -> Stream:
        sounddevice = self._sounddevice()

        def callback(out: NDArray[np.float32], _count: int, _time: object, _status: object) -> None:
            render(out)

        try:
            stream = sounddevice.OutputStream(
                device=device.index,
                samplerate=device.rate_hz,
                channels=channels,
                dtype="float32",
                latency=REQUESTED_LATENCY_S,
                callback=callback,
                extra_settings=_shared(sounddevice),
            )
            try:
                stream.start()
            except sounddevice.PortAudioError:
                stream.close()
                raise
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(f"{device.name} cannot be opened: {_one_line(error)}") from error
        return _PortAudioStream(stream, sounddevice.PortAudioError)

    def _sounddevice(self) -> Any:
        if self._failure is not None:
            raise self._failure
        try:
            import sounddevice
        except OSError as error:
            remedy = "install libportaudio2" if sys.platform.startswith("linux") else "reinstall sounddevice"
            self._failure = DeviceError(f"PortAudio is missing, so no sound can come out; {remedy}")
            raise self._failure from error
        except Exception as error:  # importing initialises PortAudio, whose error type is inside the module
            self._failure = DeviceError(f"the sound system does not start: {_one_line(error)}")
            raise self._failure from error
        return sounddevice


class _PortAudioStream:
    def __init__(self, stream: Any, error: type[Exception]) -> None:
        self._stream = stream
        self._error = error

    @property
    def active(self) -> bool:
        try:
            return bool(self._stream.active)
        except self._error:
            return False

    def close(self) -> None:
        self._stream.close()


def list_outputs(backend: Backend | None = None) -> tuple[tuple[OutputDevice, ...], str]:
    """The outputs, and why there are none ("" when there are)."""
    try:
        outputs = (backend or PortAudio()).outputs()
    except DeviceError as error:
        return (), str(error)
    return outputs, "" if outputs else "the system lists no audio output; connect one"


def find_output(outputs: Sequence[OutputDevice], query: str | None) -> OutputDevice:
    """The output of that name (exact, else the only one that contains it); None: the default.

    Raises `DeviceError` that names what there is.
    """
    if not outputs:
        raise DeviceError("the system lists no audio output; connect one")
    if query is None:
        return next((device for device in outputs if device.default), outputs[0])
    found = [device for device in outputs if device.name == query]
    found = found or [device for device in outputs if query.casefold() in device.name.casefold()]
    if len(found) == 1 or (found and found[0].name == query):
        return found[0]
    names = ", ".join(device.name for device in found or outputs)
    problem = "several audio outputs match" if found else "no audio output matches"
    raise DeviceError(f"{problem} {query!r}; choose one of: {names}")


def _preferred_api(apis: Sequence[dict[str, Any]]) -> int:
    """Windows lists every device once per driver model; WASAPI's entries have whole names and low latency."""
    if sys.platform == "win32":
        for index, api in enumerate(apis):
            if api["name"] == WASAPI and api["devices"]:
                return index
    # As PortAudio itself: the first that has an output.
    return next((index for index, api in enumerate(apis) if api["default_output_device"] >= 0), 0)


def _shared(sounddevice: Any) -> Any:
    """WASAPI plays only what its mixer is set to, rate and channels alike, unless it is allowed to convert."""
    apis = sounddevice.query_hostapis()
    if sys.platform != "win32" or apis[_preferred_api(apis)]["name"] != WASAPI:
        return None
    return sounddevice.WasapiSettings(auto_convert=True)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
