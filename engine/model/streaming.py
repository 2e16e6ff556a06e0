"""Layers of EnCodec's decoder that carry state from chunk to chunk, equal to the whole sequence at once.

Each stage takes ``(B, n, C)`` and returns the outputs that no later input can change, holding back the rest; ``last``
says that the sequence ends here, and everything comes out. Convolutions are sums of matrix products over shifted rows,
which on a CPU beats convolution kernels at a few frames a call. State stays at fixed addresses once the stream is under
way.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers.models.encodec.modeling_encodec import (
    EncodecConv1d,
    EncodecConvTranspose1d,
    EncodecLSTM,
    EncodecResnetBlock,
)

from engine.errors import CheckpointError

STREAMABLE_PADDING = ("reflect", "constant", "replicate")


class Stage(Protocol):
    """One layer. ``stride`` outputs per input; ``lag`` is how many outputs it holds back in mid-stream."""

    stride: int
    lag: int

    def __call__(self, x: Tensor, last: bool) -> Tensor: ...

    def reset(self) -> None: ...


def convolve(rows: Tensor, taps: Tensor, bias: Tensor, dilation: int = 1) -> Tensor:
    """Unpadded, by taps ``(k, C, O)``, one product each: ``(B, N, C)`` → ``(B, N - (k - 1) * dilation, O)``."""
    batch, length, _ = rows.shape
    span = (len(taps) - 1) * dilation
    count = length - span
    if count <= 0:
        return rows.new_empty(batch, 0, taps.shape[2])
    # All sequences end to end: the few outputs that straddle two of them are computed and skipped over.
    flat = rows.flatten(0, 1)
    total = flat.shape[0] - span
    out = torch.addmm(bias, flat[:total], taps[0])
    for index in range(1, len(taps)):
        out.addmm_(flat[index * dilation : index * dilation + total], taps[index])
    return out.as_strided((batch, count, out.shape[1]), (length * out.shape[1], out.shape[1], 1))


def pad_rows(x: Tensor, left: int, right: int, mode: str) -> Tensor:
    """Pad ``(B, n, C)`` along n as EnCodec does: a reflection of too short a sequence reaches into zeros behind it."""
    extra = max(0, max(left, right) - x.shape[1] + 1) if mode == "reflect" else 0
    columns = F.pad(x.transpose(1, 2), (0, extra))
    padded = F.pad(columns, (left, right), mode=mode)
    return padded[..., : padded.shape[-1] - extra].transpose(1, 2)


def carried(old: Tensor | None, new: Tensor) -> Tensor:
    """A copy of ``new`` to keep; in place of ``old`` where the shapes agree."""
    return new.clone() if old is None or old.shape != new.shape else old.copy_(new)


class StreamingConv:
    """A convolution of stride 1, causal or centred."""

    stride = 1

    def __init__(self, source: EncodecConv1d) -> None:
        weight = source.conv.weight.detach()
        self.taps = weight.permute(2, 1, 0).contiguous()  # (k, C, O)
        bias: Any = source.conv.bias
        self.bias = bias.detach().clone()
        self.dilation, self.mode = source.conv.dilation[0], source.pad_mode
        self.span = (len(self.taps) - 1) * self.dilation
        self.right = 0 if source.causal else self.span // 2
        self.left = self.span - self.right
        self.lag = self.right
        if self.mode not in STREAMABLE_PADDING:
            raise CheckpointError(f"the codec's padding «{self.mode}» cannot be streamed: use another checkpoint")
        self.reset()

    def reset(self) -> None:
        self._history: Tensor | None = None  # the rows that the next output still sees
        self._waiting: Tensor | None = None  # too few rows to reflect yet

    def __call__(self, x: Tensor, last: bool) -> Tensor:
        if self.span == 0:
            return convolve(x, self.taps, self.bias)
        right = self.right if last else 0
        if self._history is None:
            if self._waiting is not None:
                x = torch.cat([self._waiting, x], dim=1)
            if not last and x.shape[1] <= (self.left if self.mode == "reflect" else 0):
                self._waiting = x.clone()
                return x.new_empty(x.shape[0], 0, self.taps.shape[2])
            rows = pad_rows(x, self.left, right, self.mode)
        else:
            rows = torch.cat([self._history, x], dim=1)
            if last:
                rows = pad_rows(rows, 0, right, self.mode)
        self._history = carried(self._history, rows[:, -self.span :])
        return convolve(rows, self.taps, self.bias, self.dilation)


class StreamingUpsample:
    """A transposed convolution whose kernel is two strides long: each input row meets the one before it."""

    def __init__(self, source: EncodecConvTranspose1d, batch: int) -> None:
        weight = source.conv.weight.detach()  # (C, O, 2 * stride)
        self.stride = source.conv.stride[0]
        assert weight.shape[2] == 2 * self.stride, "EnCodec's kernels are two strides long"
        halves = weight.permute(2, 0, 1).unflatten(0, (2, self.stride))  # (2, stride, C, O)
        self.taps = halves.permute(0, 2, 1, 3).flatten(2).flip(0).contiguous()  # earlier row first: (2, C, stride * O)
        bias: Any = source.conv.bias
        self.bias = bias.detach().repeat(self.stride)
        overlap = self.stride
        trimmed_right = math.ceil(overlap * source.trim_right_ratio) if source.causal else overlap // 2
        self.left = self.lag = overlap - trimmed_right
        self._before = weight.new_zeros(batch, 1, weight.shape[0])
        self.reset()

    def reset(self) -> None:
        self._before.zero_()
        self._started = False

    def __call__(self, x: Tensor, last: bool) -> Tensor:
        rows = torch.cat([self._before, x], dim=1)
        if last:
            rows = F.pad(rows, (0, 0, 0, 1))
        self._before.copy_(rows[:, -1:])
        y = convolve(rows, self.taps, self.bias)
        y = y.view(y.shape[0], -1, y.shape[2] // self.stride)
        if not self._started and y.shape[1]:
            self._started = True
            y = y[:, self.left :]
        return y[:, : y.shape[1] - (self.stride - self.left)] if last else y


def sigmoid_gates_first(gates: Tensor) -> Tensor:
    """Rows (input, forget, cell, output), torch's order → (input, forget, output, cell): one sigmoid does for three."""
    inner, forget, cell, out = gates.chunk(4)
    return torch.cat([inner, forget, out, cell])


class StreamingLstm:
    """EnCodec's LSTM layers with a residual around them."""

    stride, lag = 1, 0

    def __init__(self, source: EncodecLSTM, batch: int) -> None:
        lstm: Any = source.lstm
        self.layers: list[tuple[Tensor, Tensor, Tensor]] = []
        for index in range(lstm.num_layers):
            read, recur, bias_read, bias_recur = (
                getattr(lstm, f"{name}_l{index}").detach() for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            read, recur, bias = (sigmoid_gates_first(x) for x in (read, recur, bias_read + bias_recur))
            self.layers.append((read.t().contiguous(), recur.t().contiguous(), bias))
        self._state = self.layers[0][0].new_zeros(2, lstm.num_layers, batch, lstm.hidden_size)

    def reset(self) -> None:
        self._state.zero_()

    def __call__(self, x: Tensor, last: bool) -> Tensor:
        if x.shape[1] == 0:
            return x
        y = x.transpose(0, 1)  # (n, B, C): a step's rows side by side
        width = x.shape[2]
        for index, (read, recur, bias) in enumerate(self.layers):
            gates = torch.addmm(bias, y.flatten(0, 1), read).unflatten(0, y.shape[:2])
            hidden, cell = self._state[0, index], self._state[1, index]
            outputs = []
            for gate in gates:
                gate = torch.addmm(gate, hidden, recur)
                opened = torch.sigmoid(gate[:, : 3 * width])
                inner, forget, out = opened.chunk(3, dim=1)
                cell = forget * cell + inner * torch.tanh(gate[:, 3 * width :])
                hidden = out * torch.tanh(cell)
                outputs.append(hidden)
            self._state[0, index], self._state[1, index] = hidden, cell
            y = torch.stack(outputs)
        return y.transpose(0, 1) + x


class StreamingElu:
    """The activation between stages; works in place, on rows that nobody else holds."""

    stride, lag = 1, 0

    def reset(self) -> None:
        pass

    def __call__(self, x: Tensor, last: bool) -> Tensor:
        return F.elu(x, inplace=True)


class StreamingResidual:
    """A residual block: what enters waits until the convolutions beside it have caught up."""

    stride = 1

    def __init__(self, source: EncodecResnetBlock) -> None:
        self.convs = [StreamingConv(x) for x in source.block if isinstance(x, EncodecConv1d)]
        self.shortcut = StreamingConv(source.shortcut) if isinstance(source.shortcut, EncodecConv1d) else None
        self.lag = sum(conv.lag for conv in self.convs)
        self.reset()

    def reset(self) -> None:
        self._held: Tensor | None = None
        for conv in self.convs:
            conv.reset()

    def __call__(self, x: Tensor, last: bool) -> Tensor:
        y = x
        for index, conv in enumerate(self.convs):
            y = conv(F.elu(y, inplace=index > 0), last)
        held = x if self._held is None else torch.cat([self._held, x], dim=1)
        self._held = carried(self._held, held[:, y.shape[1] :])
        due = held[:, : y.shape[1]]
        return y.add_(due if self.shortcut is None else self.shortcut(due, last))


def stages_of(decoder: nn.Module, batch: int) -> list[Stage]:
    """The streaming counterparts of an EnCodec decoder's layers, for ``batch`` sequences in lockstep."""
    stages: list[Stage] = []
    for layer in decoder.layers:  # type: ignore[union-attr]
        if isinstance(layer, EncodecConv1d):
            stages.append(StreamingConv(layer))
        elif isinstance(layer, EncodecConvTranspose1d):
            stages.append(StreamingUpsample(layer, batch))
        elif isinstance(layer, EncodecLSTM):
            stages.append(StreamingLstm(layer, batch))
        elif isinstance(layer, EncodecResnetBlock):
            stages.append(StreamingResidual(layer))
        elif isinstance(layer, nn.ELU):
            stages.append(StreamingElu())
        else:
            raise CheckpointError(f"the codec has a layer «{type(layer).__name__}» that cannot be streamed")
    return stages
