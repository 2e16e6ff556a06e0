"""What the language model has learnt: nats per token, text that is heeded, continuations that stay, endurance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from engine.instrument import Instrument
from engine.model.spectral import SpectralCodec
from probes.evaluate.preservation import same_tempo
from resources.recipe.classifier import GenreClassifier, features
from resources.recipe.faults import fault_rates, find_faults
from resources.recipe.generation import generate
from resources.recipe.held_out import Clip, decode
from resources.recipe.language_model import LanguageModel
from resources.recipe.spectra import Samples

# None of these is how the composer words its prompts.
HELD_OUT_PHRASINGS = (
    "{genre}",
    "play me some {genre}",
    "I would like to hear {genre}",
    "an instrumental {genre} recording",
    "typical {genre} from a record",
    "{genre} played by a band with {instrument}",
    "the {instrument} of a {genre} group",
    "something like {style}, {genre}",
)
BLOCK_S = 10.0
FADE_DB = 20.0


@dataclass(frozen=True)
class Player:
    """The instrument under measurement, its codec for whole codes, and the judge."""

    instrument: Instrument
    codec: SpectralCodec
    judge: GenreClassifier
    batch: int
    tell: Callable[[str], None]

    @property
    def rate_hz(self) -> int:
        """Samples per second."""
        return self.codec.config.sampling_rate

    def frames(self, seconds: float) -> int:
        """Frames in this time."""
        return round(seconds * self.codec.config.frame_rate)

    def play(
        self,
        seconds: float,
        seeds: Sequence[int],
        prompts: Sequence[str] | None = None,
        audio_prompts: Sequence[Tensor] | None = None,
    ) -> list[Samples]:
        """Sound of every seed: what follows the audio prompts, where there are any."""
        sounds: list[Samples] = []
        for first in range(0, len(seeds), self.batch):
            part = slice(first, first + self.batch)
            before = None if audio_prompts is None else torch.stack(list(audio_prompts[part]))
            texts = None if prompts is None else prompts[part]
            codes = generate(self.instrument, self.frames(seconds), seeds[part], texts, before)
            whole = codes if before is None else torch.cat([before, codes], dim=-1)
            skipped = (whole.shape[-1] - codes.shape[-1]) * self.codec.config.hop_length
            sounds += [decode(self.codec, row)[skipped:] for row in whole]
            self.tell(f"{len(sounds)}/{len(seeds)} generations of {seconds:.0f} s")
        return sounds


def nats(
    model: LanguageModel, tokenizer: PreTrainedTokenizerBase, clips: Sequence[Clip], window_frames: int, text: bool
) -> list[float]:
    """Cross-entropy per token of each codebook over the clips' first windows, with their first phrasing or none."""
    total = torch.zeros(len(clips[0].codes))
    for clip in clips:
        words = tokenizer([_phrasings(clip)[0]], return_tensors="pt")
        with torch.no_grad():
            total += model(
                clip.codes[None, :, :window_frames],
                words["input_ids"],
                words["attention_mask"].float(),
                torch.ones(1) * float(text),
            )
    return [float(value) for value in total / len(clips)]


def _phrasings(clip: Clip) -> list[str]:
    phrasings = clip.row["prompts"]
    assert isinstance(phrasings, list)
    return phrasings


def held_out_prompts(clips: Sequence[Clip], per_genre: int) -> dict[str, list[str]]:
    """New phrasings, filled from held-out songs of each genre."""
    prompts: dict[str, list[str]] = {}
    for genre in sorted({clip.genre for clip in clips}):
        songs = [clip for clip in clips if clip.genre == genre]
        for i in range(per_genre):
            song = songs[i % len(songs)]
            instruments = song.row["instruments"]
            assert isinstance(instruments, list)
            phrasing = HELD_OUT_PHRASINGS[i % len(HELD_OUT_PHRASINGS)]
            words = phrasing.format(genre=genre, style=song.row["style"], instrument=instruments[0])
            prompts.setdefault(genre, []).append(words)
    return prompts


def text_figures(
    player: Player, prompts: dict[str, list[str]], seconds: float
) -> tuple[dict[str, object], dict[str, list[Samples]]]:
    """How generations from text are judged, what is wrong with them; and the generations, by genre."""
    asked = [genre for genre, texts in prompts.items() for _ in texts]
    texts = [text for group in prompts.values() for text in group]
    sounds = player.play(seconds, range(len(texts)), texts)
    judged = player.judge.judge([features(sound, player.rate_hz) for sound in sounds])
    confusion = {
        ours: {theirs: sum(a == ours and j == theirs for a, j in zip(asked, judged, strict=True)) for theirs in prompts}
        for ours in prompts
    }
    figures: dict[str, object] = {
        "generations": len(sounds),
        "judged_as_asked": float(np.mean([a == j for a, j in zip(asked, judged, strict=True)])),
        "asked_then_judged": confusion,
        "faults": fault_rates([find_faults(sound, player.rate_hz) for sound in sounds]),
    }
    by_genre: dict[str, list[Samples]] = {genre: [] for genre in prompts}
    for genre, sound in zip(asked, sounds, strict=True):
        by_genre[genre].append(sound)
    return figures, by_genre


def keeps_tempo(samples: Samples, rate_hz: int, bpm: float) -> bool:
    """Whether librosa's estimate is ``bpm``, its half or its double."""
    import librosa

    estimate = np.atleast_1d(librosa.feature.tempo(y=samples, sr=rate_hz))[:1]
    return bool(same_tempo(estimate, np.array([bpm])).all())


def continuation_figures(player: Player, clips: Sequence[Clip], prompt_s: float, seconds: float) -> dict[str, object]:
    """Songs continued without text, judged by what follows; beside it the song's own course through the codec."""
    prompt_frames, start = player.frames(prompt_s), round(prompt_s * player.rate_hz)
    continued = player.play(seconds, range(len(clips)), None, [clip.codes[:, :prompt_frames] for clip in clips])
    own = [clip.passthrough[start : start + round(seconds * player.rate_hz)] for clip in clips]
    genres = [clip.genre for clip in clips]
    figures: dict[str, object] = {
        "continuations": len(clips),
        "faults": fault_rates([find_faults(sound, player.rate_hz) for sound in continued]),
    }
    for name, sounds in (("continued", continued), ("songs_own", own)):
        heard = [features(sound, player.rate_hz) for sound in sounds]
        kept = [keeps_tempo(sound, player.rate_hz, clip.bpm) for sound, clip in zip(sounds, clips, strict=True)]
        figures[name] = {"genre_kept": player.judge.accuracy(heard, genres), "tempo_kept": float(np.mean(kept))}
    return figures


def endurance_figures(player: Player, prompts: dict[str, list[str]], runs: int, seconds: float) -> dict[str, object]:
    """Long plays, each with a text: how many still sound at their end, and how their level wanders."""
    # One of each genre in turn
    in_turn = [text for group in zip(*prompts.values(), strict=True) for text in group]
    texts = list(islice(cycle(in_turn), runs))
    sounds = player.play(seconds, range(1000, 1000 + runs), texts)
    block = round(BLOCK_S * player.rate_hz)
    levels = np.array([[_level_db(s[i : i + block]) for i in range(0, len(s) - block + 1, block)] for s in sounds])
    drift_db = levels - levels[:, :1]
    last = [find_faults(sound[-block:], player.rate_hz) for sound in sounds]
    alive = [
        bool(np.isfinite(sound).all() and not fault.any and (np.abs(drift) <= FADE_DB).all())
        for sound, fault, drift in zip(sounds, last, drift_db, strict=True)
    ]
    return {
        "runs": runs,
        "seconds": seconds,
        "survived_share": float(np.mean(alive)),
        "faults_in_last_block": fault_rates(last),
        "mean_drift_db": [float(value) for value in drift_db.mean(0)],
        "worst_drift_db": float(np.abs(drift_db).max()),
    }


def _level_db(samples: Samples) -> float:
    return float(10 * np.log10(np.square(samples, dtype=np.float64).mean() + 1e-12))
