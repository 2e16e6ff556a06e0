"""What the engine says of the session that it plays: once who it is, and many times a second how it is."""

from __future__ import annotations

from dataclasses import replace

from engine.automation import Lanes
from engine.messages import ModelLoaded
from engine.session import Session
from engine.status import State, Status


def introduction(session: Session) -> ModelLoaded:
    """The model, and the pack that it is steered with."""
    identity, codec, pack = session.instrument.identity, session.instrument.codec, session.pack
    loaded = ModelLoaded(
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
