"""Spectrograms side by side: what was composed, what the codec leaves of it, what the model makes of the same words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from resources.recipe.spectra import FLOOR_DB, HOP_SAMPLES, Samples, log_mel_db

TITLES = ("original", "through the codec", "generated")


def draw_sheet(path: Path, genre: str, columns: Sequence[tuple[Samples, Samples, Samples]], rate_hz: int) -> None:
    """One PNG for a genre; each column is an original, its passthrough and a generation, ``(S,)`` each."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    size = (4.2 * len(columns), 2.1 * len(TITLES))
    figure, axes = pyplot.subplots(len(TITLES), len(columns), figsize=size, squeeze=False, layout="constrained")
    for column, sounds in enumerate(columns):
        for axis, title, samples in zip(axes[:, column], TITLES, sounds, strict=True):
            spectrum = log_mel_db(samples, rate_hz).T
            extent = (0, spectrum.shape[1] * HOP_SAMPLES / rate_hz, 0, len(spectrum))
            axis.imshow(spectrum, origin="lower", aspect="auto", vmin=FLOOR_DB, vmax=-20, extent=extent, cmap="magma")
            axis.set(title=f"{genre}: {title}", xlabel="s", ylabel="mel band")
            axis.label_outer()
    figure.savefig(path, dpi=80)
    pyplot.close(figure)
