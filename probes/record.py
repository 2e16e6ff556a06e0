"""What a corpus looks like in the model: mean and last residual of every clip, moments of all tokens, layer by layer.

Clips are recorded in shards. A shard depends on its clips and on the model alone, so that shards may be made anywhere,
in any order, and an interrupted recording goes on with the shard that it was at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import AudioFileError
from engine.instrument import Instrument
from engine.model.decoder import Decoder
from probes.corpus.clip import Clip, Split
from probes.moments import Floats, Labels, Moments
from probes.residuals import ResidualReader

SHARD_CLIPS = 64
CPU_BATCH, GPU_BATCH = 8, 32
#: about a second: what the meter hears at a time. A clip's mean hides what a position adds; a piece's does not.
#: Divides STRETCH_FRAMES, so that no piece is torn
PIECE_FRAMES = 50
#: pieces of a held-out clip that are kept, to calibrate and to judge the readout
PIECES_PER_CLIP = 4


def batch_for(device: torch.device) -> int:
    """Clips in one pass: enough to keep the device busy, few enough to stay in a processor's cache."""
    return CPU_BATCH if device.type == "cpu" else GPU_BATCH


@dataclass(frozen=True)
class Shard:
    """The record of some clips.

    Attributes:
        places: index within the shard's clips of each clip that could be read, ``(m,)``.
        means, lasts: mean over the tokens, and the last token, ``(m, L, H)``.
        pieces: means over short pieces of held-out clips, ``(p, L, H)``.
        piece_places: index within the shard's clips of each piece's clip, ``(p,)``.
        tokens, seconds: moments of the tokens, and of the means of all pieces, of training clips.
        codes: of each recorded clip, ``(m, K, T)``; where one is shorter than the longest, -1 stands for no frame.
        skipped: why clips are missing, one line each.
    """

    places: Labels
    means: Floats
    lasts: Floats
    pieces: Floats
    piece_places: Labels
    tokens: Moments
    seconds: Moments
    codes: NDArray[np.int16]
    skipped: tuple[str, ...] = ()


@dataclass
class Batch:
    """Residuals of B clips of equal length, gathered window by window, layer by layer."""

    means: Tensor  # (B, L, H)
    lasts: Tensor
    pieces: Tensor  # (B, P, L, H)


class Tally:
    """Moments in the making, of tokens and of seconds, on the device that computes them."""

    def __init__(self, decoder: Decoder, classes: int) -> None:
        sizes = (len(decoder.layers), classes, decoder.hidden_size, decoder.device)
        self.tokens, self.seconds = _MomentSums(*sizes), _MomentSums(*sizes)


@dataclass
class Recorder:
    """Records clips with one instrument.

    Args:
        instrument: a float32 model.
        labels: classes of the moments.
        batch: clips in one pass.
    """

    instrument: Instrument
    labels: Sequence[str]
    batch: int = 8
    _reader: ResidualReader = field(init=False)

    def __post_init__(self) -> None:
        self._reader = ResidualReader(self.instrument.decoder, self.instrument.window_frames)

    def encode(self, clip: Clip) -> Tensor:
        """The clip's codes ``(K, T)``, cut to whole windows if longer than one.

        Raises:
            AudioFileError: it cannot be used.
        """
        codec = self.instrument.codec
        codes = codec.encode(torch.from_numpy(clip.read(codec.sample_rate_hz, codec.channels)))
        longest = self._reader.max_frames
        return codes if codes.shape[1] <= longest else codes[:, : codes.shape[1] // longest * longest]

    def record(self, clips: Sequence[Clip], advance: Callable[[int], None] = lambda _: None) -> Shard:
        """Encode and read clips; ``advance`` hears how many more are done."""
        decoder = self.instrument.decoder
        layers, width = len(decoder.layers), decoder.hidden_size
        tally = Tally(decoder, len(self.labels))
        waiting: dict[int, list[tuple[int, Tensor]]] = {}
        rows: dict[int, tuple[Floats, Floats]] = {}
        pieces: dict[int, Floats] = {}
        encoded: dict[int, Tensor] = {}
        skipped = []

        def run(group: list[tuple[int, Tensor]]) -> None:
            places = [place for place, _ in group]
            batch = torch.stack([codes for _, codes in group])
            read = self.read(batch, [clips[place] for place in places], tally)
            for place, mean, last, short in zip(
                places, read.means.cpu(), read.lasts.cpu(), read.pieces.cpu(), strict=True
            ):
                rows[place] = (mean.numpy(), last.numpy())
                if clips[place].split is not Split.TRAIN:
                    pieces[place] = short.numpy()
            advance(len(group))

        for place, clip in enumerate(clips):
            try:
                codes = self.encode(clip)
            except AudioFileError as error:
                skipped.append(str(error))
                advance(1)
                continue
            encoded[place] = codes
            group = waiting.setdefault(codes.shape[1], [])
            group.append((place, codes))
            if len(group) == self.batch:
                run(waiting.pop(codes.shape[1]))
        for group in waiting.values():
            run(group)
        return Shard(
            places=np.array(sorted(rows), np.int64),
            means=_stacked([rows[p][0] for p in sorted(rows)], layers, width),
            lasts=_stacked([rows[p][1] for p in sorted(rows)], layers, width),
            pieces=np.concatenate([pieces[p] for p in sorted(pieces)] or [np.empty((0, layers, width), np.float32)]),
            piece_places=np.array([p for p in sorted(pieces) for _ in pieces[p]], np.int64),
            tokens=tally.tokens.total(),
            seconds=tally.seconds.total(),
            codes=_padded([encoded[p] for p in sorted(rows)], decoder.codebooks),
            skipped=tuple(skipped),
        )

    def read(self, codes: Tensor, clips: Sequence[Clip], tally: Tally) -> Batch:
        """Pass codes ``(B, K, T)`` of B clips through the model; training clips are added to the tally."""
        batch, _, total = codes.shape
        decoder = self.instrument.decoder
        layers, width = len(decoder.layers), decoder.hidden_size
        frames = min(total, self._reader.max_frames)
        piece = min(PIECE_FRAMES, frames)
        windows, each = total // frames, frames // piece
        means, lasts = torch.zeros(2, batch, layers, width, device=decoder.device)
        pieces = torch.zeros(windows, layers, batch, each, width, device=decoder.device)
        # Numbers, not a mask: picking rows by a mask would make the host wait at every layer.
        fitted = [row for row, clip in enumerate(clips) if clip.split is Split.TRAIN]
        rows = torch.tensor(fitted, dtype=torch.long, device=decoder.device)
        targets = torch.tensor([self.labels.index(clips[row].label) for row in fitted], dtype=torch.long)
        targets = targets.to(decoder.device)

        def of_training(values: Tensor) -> Tensor:
            return values if len(fitted) == batch else values[rows]

        for window in range(windows):

            def visit(layer: int, first: int, hidden: Tensor, window: int = window) -> None:
                whole = hidden.shape[1] // piece * piece
                found = hidden[:, :whole].unflatten(1, (-1, piece)).mean(2)
                pieces[window, layer, :, first // piece : (first + whole) // piece] = found
                means[:, layer] += (found.sum(1) * piece + hidden[:, whole:].sum(1)) / total
                lasts[:, layer] = hidden[:, -1]
                if fitted:
                    tally.tokens.add(layer, of_training(hidden), targets)

            self._reader.read(codes[:, :, window * frames : (window + 1) * frames], visit)
            if fitted:
                for layer in range(layers):
                    tally.seconds.add(layer, of_training(pieces[window, layer]), targets)
        tally.tokens.count(targets, total)
        tally.seconds.count(targets, windows * each)
        spread = np.linspace(0, windows * each - 1, PIECES_PER_CLIP).round().astype(int).tolist()
        return Batch(means, lasts, pieces.permute(2, 0, 3, 1, 4).flatten(1, 2)[:, spread])


class _MomentSums:
    """Sums in float64, on the device.

    Products are taken in float32 of residuals relative to a point among them, since residuals lie far from zero and close
    together; :meth:`total` moves the point back to zero in float64.
    """

    def __init__(self, layers: int, classes: int, width: int, device: torch.device) -> None:
        self._device = device
        double = torch.float64
        self._counts = torch.zeros(classes, dtype=double, device=self._device)
        self._sums = torch.zeros(layers, classes, width, dtype=double, device=self._device)
        self._gram = torch.zeros(layers, width, width, dtype=double, device=self._device)
        self._points: list[Tensor | None] = [None] * layers

    def add(self, layer: int, hidden: Tensor, targets: Tensor) -> None:
        """Rows ``(B, T, H)`` of B clips."""
        point = self._points[layer]
        if point is None:
            point = self._points[layer] = hidden.mean((0, 1))
        near = hidden - point
        self._sums[layer].index_add_(0, targets, near.sum(1).double())
        flat = near.flatten(0, 1)
        self._gram[layer] += flat.t() @ flat

    def count(self, targets: Tensor, each: int) -> None:
        counts = torch.full((len(targets),), float(each), dtype=torch.float64, device=self._device)
        self._counts.index_add_(0, targets, counts)

    def total(self) -> Moments:
        sums, gram = self._sums.clone(), self._gram.clone()
        for layer, near in enumerate(self._points):
            if near is None:
                continue
            point, moved = near.double(), sums[layer].sum(0)
            gram[layer] += torch.outer(point, moved) + torch.outer(moved, point)
            gram[layer] += self._counts.sum() * torch.outer(point, point)
            sums[layer] += self._counts[:, None] * point
        return Moments(self._counts.cpu().numpy(), sums.cpu().numpy(), gram.cpu().numpy())


def _stacked(rows: list[Floats], layers: int, width: int) -> Floats:
    return np.stack(rows) if rows else np.empty((0, layers, width), np.float32)


def _padded(codes: list[Tensor], books: int) -> NDArray[np.int16]:
    longest = max((x.shape[1] for x in codes), default=0)
    out = np.full((len(codes), books, longest), -1, np.int16)
    for row, x in zip(out, codes, strict=True):
        row[:, : x.shape[1]] = x.cpu().numpy()
    return out
