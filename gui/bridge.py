"""The only seam between Qt and the engine. Everything here runs on the GUI thread and returns at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.audio.peaks import Waveform
from engine.audio.spectrogram import Spectrogram
from engine.automation import Automation
from engine.engine import Engine
from engine.messages import (
    AudioPrompt,
    Automate,
    ClearClip,
    Command,
    Configure,
    Failure,
    KeepLast,
    LoadFailed,
    LoadModel,
    LoadPack,
    ModelLoaded,
    Notice,
    PackLoaded,
    Play,
    PlayTake,
    Record,
    RefreshOutputs,
    SelectOutput,
    SetVolume,
    Stop,
    StopRecording,
    StopTake,
    TakeFinished,
    TakeRecovered,
)
from engine.status import State, Status
from gui.control_model import ControlModel

POLL_MS = 33


class EngineBridge(QObject):
    """Intents in, status and events out.

    A change of the controls is published in the same call, not at the next tick. Status is polled every :data:`POLL_MS`.
    """

    status_changed = Signal(object)  #: Status, at every tick
    model_loaded = Signal(object)  #: ModelLoaded: another model
    pack_loaded = Signal(object)  #: PackLoaded: the same model with another pack
    take_finished = Signal(object)  #: Take
    take_recovered = Signal(object)  #: Take
    noticed = Signal(str)
    failed = Signal(str)  #: whatever did not work, loading too
    load_failed = Signal()  #: the model that was asked for will not come

    def __init__(self, engine: Engine, controls: ControlModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._controls = engine, controls
        self.status = Status()
        self._wanted_output = ""
        self._volume_db = 0.0
        self._closed = False
        controls.changed.connect(engine.publish)
        engine.publish(controls.state)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.poll)
        self._timer.start(POLL_MS)

    def poll(self) -> None:
        """Read what the engine has published since the last time."""
        events = self._engine.events()
        self.status = self._engine.status  # after the events: it is of the model that they tell of
        for event in events:
            match event:
                case PackLoaded():
                    self._controls.adopt(event)
                    self.pack_loaded.emit(event)
                case ModelLoaded():
                    self._controls.adopt(event)
                    self._restore_output()
                    self.model_loaded.emit(event)
                case TakeFinished(take):
                    self.take_finished.emit(take)
                case TakeRecovered(take, text):
                    self.take_recovered.emit(take)
                    self.noticed.emit(text)
                case Notice(text):
                    self.noticed.emit(text)
                case Failure(text):
                    self.failed.emit(text)
                    if isinstance(event, LoadFailed):
                        self.load_failed.emit()
        self.status_changed.emit(self.status)

    @property
    def waveform(self) -> Waveform | None:
        """Outline of this performance."""
        return self._engine.waveform

    @property
    def spectrogram(self) -> Spectrogram | None:
        """Mel spectrogram of this performance."""
        return self._engine.spectrogram

    @property
    def playing(self) -> bool:
        return self.status.state is State.PLAYING

    # Commands

    def _send(self, *commands: Command) -> None:
        if not self._closed:
            for command in commands:
                self._engine.send(command)

    def load(self, name: str, pack: Path | None = None) -> None:
        """Load a model, and a pack that is not its own, in the background; the old one plays on."""
        self._send(LoadModel(name, pack=pack))

    def play(self, seed: int | None) -> None:
        """Start anew with a seed, or go on."""
        self._send(Play(seed))

    def stop(self) -> None:
        self._send(Stop())

    def record(self, name: str) -> None:
        self._send(Record(name))

    def stop_recording(self) -> None:
        self._send(StopRecording())

    def keep_last(self, name: str) -> None:
        self._send(KeepLast(name))

    def set_audio_prompt(self, path: Path | None, start_s: float = 0.0, seconds: float = 5.0) -> None:
        """Continue a stretch of a file at the next start."""
        self._send(AudioPrompt(path, start_s, seconds))

    def clear_clip(self) -> None:
        self._send(ClearClip())

    def play_take(self, path: Path, start_s: float = 0.0, gain_db: float = 0.0) -> None:
        """Hear a sound file through the same output; the music stands still meanwhile. Again: go to another place."""
        self._send(PlayTake(path, start_s, gain_db))

    def stop_take(self) -> None:
        """Hear it no more."""
        self._send(StopTake())

    def automate(self, automation: Automation | None, loop_s: float | None = None, goes_on: bool = False) -> None:
        """Let lanes move their controls from the next frame on; None gives them back. See :class:`Automate`."""
        self._send(Automate(automation, loop_s, goes_on))

    def use_pack(self, path: Path | None) -> None:
        """Steer with another pack; None for the model's own. What plays stands still."""
        self._send(LoadPack(path))

    def configure(self, takes_folder: Path | None, take_format: str, buffer_ms: float, retro_s: float) -> None:
        """How takes are made and how much is kept ready, from now on."""
        self._send(Configure(takes_folder, take_format, buffer_ms, retro_s))

    def select_output(self, device: str) -> None:
        """Play through a device; "" for the system's default."""
        self._wanted_output = device
        self._send(SelectOutput(device or None))

    def refresh_outputs(self) -> None:
        """Look for devices anew; the status tells what there is."""
        self._send(RefreshOutputs())

    def set_volume(self, gain_db: float) -> None:
        """Monitor volume, kept across models."""
        self._volume_db = gain_db
        self._send(SetVolume(gain_db))

    def prefer(self, device: str, volume_db: float) -> None:
        """What to play through, and how loud, as soon as there is a model."""
        self._wanted_output, self._volume_db = device, volume_db

    def _restore_output(self) -> None:
        # Every model opens an output of its own rate.
        if self._wanted_output:
            self._send(SelectOutput(self._wanted_output))
        self._send(SetVolume(self._volume_db))

    def close(self) -> None:
        """End takes whole, give the device back, end the engine. May be called twice; takes up to some seconds."""
        if self._closed:
            return
        self._closed = True
        self._timer.stop()
        self._controls.changed.disconnect(self._engine.publish)
        self._engine.close()
