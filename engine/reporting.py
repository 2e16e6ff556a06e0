"""What the engine says of the session that it plays: once who it is, and many times a second how it is."""

from __future__ import annotations

from dataclasses import replace

from engine.audio.supervisor import OutputChange, OutputEvent
from engine.automation import Lanes
from engine.messages import Failure, ModelLoaded, Notice, TakeFinished
from engine.session import Session
from engine.status import State, Status
from engine.takes.writer import TakeChange, TakeEvent


def introduction(session: Session, event: type[ModelLoaded] = ModelLoaded) -> ModelLoaded:
    """The model, and the pack that it is steered with; ``event`` says which of the two is new."""
    identity, codec, pack = session.instrument.identity, session.instrument.codec, session.pack
    loaded = event(
        identity.name,
        session.instrument.licence,
        identity.layers,
        codec.sample_rate_hz,
        codec.hop_samples,
        folder=session.instrument.folder,
    )
    if pack is None:
        return loaded
    return replace(
        loaded,
        genres=pack.genres,
        redlines=tuple(map(float, pack.redline)),
        accuracies=tuple(map(float, pack.accuracy)),
        default_layers=pack.defaults.layers,
        default_law=pack.defaults.law,
        pack=session.pack_file,
    )


def told_of_output(event: OutputEvent) -> Failure | Notice:
    """What became of the output."""
    failed = event.change in (OutputChange.REFUSED, OutputChange.LOST)
    return Failure(event.text) if failed else Notice(event.text)


def told_of_take(event: TakeEvent) -> Failure | TakeFinished | None:
    """What became of a take; None where nobody needs to hear of it."""
    if event.change is TakeChange.FAILED:
        return Failure(event.text)
    return None if event.take is None else TakeFinished(event.take)


def status(session: Session | None, playing: bool, loading: bool, lanes: Lanes | None, control_number: int) -> Status:
    """How it is now; what is heard stands beside what is made."""
    if session is None:
        return Status(state=State.LOADING if loading else State.EMPTY)
    output, codec = session.output, session.instrument.codec
    heard_samples = session.heard_samples
    loudness = session.loudness.at(heard_samples)
    writer, playback = session.recorder.recording, session.playback
    return Status(
        state=State.PLAYING if playing else State.LOADING if loading else State.IDLE,
        seed=session.seed,
        frame=session.frame,
        heard_frame=heard_samples // codec.hop_samples,
        realtime_factor=session.realtime_factor,
        buffered_ms=1000.0 * output.buffered_samples / codec.sample_rate_hz,
        underruns=session.underruns,
        heard=session.heard,
        peak_dbfs=max(output.peaks.levels_dbfs),
        held_dbfs=max(output.peaks.held_dbfs),
        clipped=output.peaks.clipped,
        momentary_lufs=loudness.momentary_lufs,
        short_term_lufs=loudness.short_term_lufs,
        integrated_lufs=loudness.integrated_lufs,
        recording=writer is not None,
        recorded_s=0.0 if writer is None else writer.samples / codec.sample_rate_hz,
        output=output.device,
        outputs=tuple(device.name for device in output.devices),
        control_number=control_number,
        control=session.control,
        automation_s=None if lanes is None else lanes.place_s(session.frame),
        take=None if playback is None else playback.path,
        take_s=0.0 if playback is None else playback.place_s(output),
    )
