"""What the codec keeps of held-out music: spectrum, waveform, harmony, onsets; and how it uses its codebooks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from resources.recipe.held_out import Clip
from resources.recipe.losses import si_sdr_db
from resources.recipe.spectra import Samples, log_mel_distance_db

ONSET_TOLERANCE_S = 0.05


def chroma_correlation(ours: Samples, theirs: Samples, rate_hz: int) -> float:
    """Pearson correlation of two constant-Q chromagrams."""
    import librosa

    a, b = (librosa.feature.chroma_cqt(y=samples, sr=rate_hz) for samples in (ours, theirs))
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def onsets_s(samples: Samples, rate_hz: int) -> NDArray[np.float64]:
    """Onset times in seconds."""
    import librosa

    return librosa.onset.onset_detect(y=samples, sr=rate_hz, hop_length=256, units="time")


def onset_f_measure(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    """Harmonic mean of precision and recall, each onset matched at most once within :data:`ONSET_TOLERANCE_S`."""
    if not len(found) or not len(wanted):
        return float(len(found) == len(wanted))
    matched = i = j = 0
    while i < len(found) and j < len(wanted):
        if abs(found[i] - wanted[j]) <= ONSET_TOLERANCE_S:
            matched, i, j = matched + 1, i + 1, j + 1
        elif found[i] < wanted[j]:
            i += 1
        else:
            j += 1
    return 2 * matched / (len(found) + len(wanted))


def codebook_use(clips: Sequence[Clip], size: int) -> list[dict[str, float]]:
    """For each codebook the share of its entries met in these clips, and the perplexity of their distribution."""
    codes = torch.cat([clip.codes for clip in clips], dim=1).numpy()
    use = []
    for level in codes:
        shares = np.bincount(level, minlength=size) / len(level)
        entropy = -float((shares[shares > 0] * np.log(shares[shares > 0])).sum())
        use.append({"used_share": float((shares > 0).mean()), "perplexity": float(np.exp(entropy))})
    return use


def codec_figures(clips: Sequence[Clip], rate_hz: int) -> dict[str, float]:
    """Means over clips; the median where a single clip may run to minus infinity."""
    pairs = [(clip.passthrough, clip.original) for clip in clips]
    ratios = [float(si_sdr_db(torch.from_numpy(a)[None], torch.from_numpy(b)[None])) for a, b in pairs]
    return {
        "clips": float(len(clips)),
        "log_mel_distance_db": float(np.mean([log_mel_distance_db(a, b, rate_hz) for a, b in pairs])),
        "si_sdr_db": float(np.median(ratios)),
        "chroma_correlation": float(np.mean([chroma_correlation(a, b, rate_hz) for a, b in pairs])),
        "onset_f_measure": float(
            np.mean([onset_f_measure(onsets_s(a, rate_hz), onsets_s(b, rate_hz)) for a, b in pairs])
        ),
    }
