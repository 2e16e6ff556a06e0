"""The engine thread: commands in, frames out, status published; see :class:`engine.status.State` for its states.

Ownership: this thread alone touches the model, its device memory and the session. Loading a checkpoint takes seconds, so a
helper thread does it and hands the finished instrument over; until then the old one plays on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from engine.acceptance import Acceptance, check
from engine.automation import Lanes
from engine.control import ControlState
from engine.errand import Errand
from engine.errors import SegueError
from engine.loader import Loader, Ready
from engine.mailbox import Mailbox
from engine.messages import (
    AudioPrompt,
    Automate,
    ClearClip,
    Command,
    Configure,
    Event,
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
    Shutdown,
    Stop,
    StopRecording,
    StopTake,
)
from engine.pace import live_threads
from engine.recorder import TakeSettings
from engine.recoverer import Recoverer
from engine.reporting import introduction, status, told_of_output, told_of_take
from engine.session import Session

IDLE_WAIT_S = 0.01
FULL_WAIT_S = 0.002
STATUS_EVERY_S = 0.02
#: what goes on is not told again and again
TROUBLE_EVERY_S = 10.0

log = logging.getLogger(__name__)


class Runner:
    """The state machine. Constructed and run on the engine thread.

    Args:
        mailbox: shared with the host.
        settings: to begin with.
    """

    def __init__(self, mailbox: Mailbox, settings: Configure) -> None:
        self._mailbox = mailbox
        self._settings = settings
        self._session: Session | None = None
        self._loader = Loader()
        self._lanes: Lanes | None = None
        self._playing = self._ended = False
        self._errand = Errand(mailbox.commands)
        self._acceptance = Acceptance()
        self._recoverer = Recoverer(self._tell)
        self._published_at = 0.0
        self._troubled_at = -TROUBLE_EVERY_S

    def run(self) -> None:
        """Until :class:`Shutdown`. Leaves every file whole, whatever happens."""
        if not torch.cuda.is_available():
            torch.set_num_threads(live_threads(torch.get_num_threads()))
        self._recoverer.start(TakeSettings.of(self._settings).folder)
        try:
            while not self._ended:
                self._drain_commands()
                self._take_over_loaded()
                worked = self._play() or self._play_take()
                self._publish()
                if not worked:
                    time.sleep(FULL_WAIT_S if self._playing else IDLE_WAIT_S)
        except Exception:
            log.exception("the engine thread ended")
            self._fail("the engine stopped because of a failure of ours: restart Segue; the log has the details")
        finally:
            self._end_session()
            self._recoverer.close()
            self._publish(now=True)

    # Events

    def _tell(self, event: Event | None) -> None:
        if event is not None:
            self._mailbox.events.put(event)

    def _fail(self, text: str) -> None:
        self._tell(Failure(text))

    # Commands

    def _drain_commands(self) -> None:
        while not self._ended and (command := self._errand.next()) is not None:
            self._attempt(self._carry_out, command)

    def _attempt(self, action: Callable[[Any], None], command: Command) -> None:
        try:
            action(command)
        except SegueError as error:
            self._fail(str(error))
        except Exception:
            log.exception("%s failed", command)
            self._fail("that did not work because of a failure of ours; the log has the details")

    def _carry_out(self, command: Command) -> None:
        session = self._session
        match command:
            case Shutdown():
                self._ended = True
            case LoadModel(name, precision, pack):
                self._loader.start(name, precision, pack)
            case Configure():
                self._configure(command)
            case Automate() if session is not None:
                self._automate(session, command)
            case PlayTake(path, start_s, gain_db) if session is not None:
                session.play_take(path, start_s, gain_db)
                self._playing = False
            case StopTake() if session is not None:
                session.stop_take()
            case SelectOutput(device) if session is not None:
                session.output.select(device)
            case RefreshOutputs() if session is not None:
                session.output.refresh()
            case SetVolume(gain_db) if session is not None:
                session.output.set_gain_db(gain_db)
            case ClearClip() if session is not None:
                session.output.peaks.reset_clip()
            case LoadPack(path) if session is not None:
                session.use_pack(session.instrument.pack(path), path)
                self._introduce(session, PackLoaded)
            case AudioPrompt() if session is not None:
                self._errand.start(partial(self._attempt, session.set_prompt, command))
            case Play(seed) if session is not None:
                self._start(session, seed)
            case Stop() if session is not None:
                session.pause()
                self._playing = False
            case Record(name) if session is not None:
                session.record(name)
            case StopRecording() if session is not None:
                session.end_take()
            case KeepLast(name) if session is not None:
                session.keep_last(name)
            case _:
                self._fail("no model is loaded yet: wait for it, or choose one")

    def _start(self, session: Session, seed: int | None) -> None:
        if seed is None and session.started:
            session.resume()
        else:
            asked = self._mailbox.control
            lanes = None if self._lanes is None else self._lanes.restarted()
            session.start(session.seed if seed is None else seed, self._control(asked, lanes, 0))
            # Until here it could be refused, and what was playing would go on as it was.
            self._lanes = lanes
            self._acceptance.accept(asked)
        self._playing = True

    def _configure(self, settings: Configure) -> None:
        before, after = TakeSettings.of(self._settings), TakeSettings.of(settings)
        self._settings = settings
        if self._session is not None:
            self._session.recorder.configure(after)
            self._session.output.set_buffer_ms(settings.buffer_ms)
        if after.folder != before.folder:
            self._recoverer.start(after.folder)

    def _automate(self, session: Session, asked: Automate) -> None:
        if asked.automation is None:
            self._lanes = None
            return
        first = self._lanes.first_frame if asked.goes_on and self._lanes is not None else session.frame
        lanes = Lanes(asked.automation, asked.loop_s, first, session.instrument.frame_rate_hz)
        check(self._control(self._mailbox.control, lanes, session.frame), session.pack)
        self._lanes = lanes

    # Loading

    def _take_over_loaded(self) -> None:
        try:
            ready = self._loader.take()
            if ready is not None:
                self._change_session(ready)
        except SegueError as error:
            self._tell(LoadFailed(str(error)))
        except Exception:
            log.exception("loading failed")
            self._tell(LoadFailed("the model was not loaded because of a failure of ours; the log has the details"))

    def _change_session(self, ready: Ready) -> None:
        session = Session(
            ready.instrument,
            ready.pack,
            TakeSettings.of(self._settings),
            self._settings.buffer_ms,
            on_output=lambda event: self._tell(told_of_output(event)),
            on_take=lambda event: self._tell(told_of_take(event)),
            pack_file=ready.pack_path,
        )
        # What can fail has not: now the old one may end.
        self._end_session()
        self._session = session
        session.open()
        self._mailbox.waveform, self._mailbox.spectrogram = session.waveform, session.spectrogram
        self._introduce(session)
        if ready.trouble:
            self._fail(ready.trouble)

    def _end_session(self) -> None:
        self._playing = False
        if self._session is not None:
            try:
                self._session.close()
            except Exception:
                log.exception("closing the model failed")
            self._session = None
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()  # or the other programs, and the next model, would not get it

    def _introduce(self, session: Session, event: type[ModelLoaded] = ModelLoaded) -> None:
        """It stands still, and nothing holds of what was asked of another one."""
        self._playing, self._lanes, self._acceptance = False, None, Acceptance()
        # Whoever is told finds it in the status already, and not what was heard of the other one.
        self._publish(now=True)
        self._tell(introduction(session, event))

    # Music

    def _control(self, asked: ControlState, lanes: Lanes | None, frame: int) -> ControlState:
        """What holds at a frame: what the player asks, or the last of it that could be played; and the lanes over it."""
        held = self._acceptance.held(asked)
        return held if lanes is None else lanes.at(held, frame)

    def _play_take(self) -> bool:
        return self._session is not None and self._session.turn_take()

    def _play(self) -> bool:
        session = self._session
        if session is None or not self._playing:
            return False
        asked, frame = self._mailbox.control, session.frame
        control = self._control(asked, self._lanes, frame)
        try:
            worked = session.turn(control)
            # The first frame is made under the state of the start, whatever is asked by then.
            if session.frame > frame and session.control is control:
                self._acceptance.accept(asked)
        except SegueError as error:
            # What cannot be played is said once; the music goes on with the last state that could.
            if self._acceptance.refuse(asked, str(error)):
                self._fail(str(error))
            return True
        except Exception:
            log.exception("a frame failed")
            self._playing = False
            session.give_up()
            self._fail("the music stopped because of a failure of ours: press play; the log has the details")
            return True
        if session.trouble:
            session.trouble = False
            if time.monotonic() - self._troubled_at >= TROUBLE_EVERY_S:
                self._troubled_at = time.monotonic()
                self._tell(Notice("steering rests for some seconds: it drove the model out of its numbers"))
        return worked

    def _publish(self, now: bool = False) -> None:
        clock = time.monotonic()
        if not now and clock - self._published_at < STATUS_EVERY_S:
            return
        self._published_at = clock
        self._mailbox.status = status(
            self._session, self._playing, self._loader.loading, self._lanes, self._mailbox.control.number
        )
