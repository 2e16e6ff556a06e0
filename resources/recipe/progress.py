"""What the recipe's trainings share: learning rate by step, checkpoints to resume from, a log that plots itself."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

WARMUP_STEPS = 100
DECAY_SHARE = 0.2


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Warm-up, a plateau, and a linear decay over the last fifth.

    The plateau does not depend on ``steps``: a run that is resumed with more steps goes on as if they had been asked
    for at once, save for a decay already begun.
    """
    decay_from = steps * (1 - DECAY_SHARE)
    decay = 1.0 if step < decay_from else max(0.02, (steps - step) / (steps - decay_from))
    return peak * min(1.0, (step + 1) / WARMUP_STEPS) * decay


def save_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    step: int,
    extra: dict[str, Tensor],
    facts: dict[str, object],
) -> None:
    """Write weights, Adam's moments and the step as one safetensors file; the old one is replaced when it is whole."""
    names = {id(p): name for name, p in model.named_parameters()}
    tensors = {f"model.{k}": v.detach().contiguous().clone() for k, v in model.state_dict().items()}
    for parameter, state in optimizer.state.items():
        for key in ("exp_avg", "exp_avg_sq"):
            tensors[f"adam.{key}.{names[id(parameter)]}"] = state[key]
    tensors.update({f"extra.{k}": v.contiguous() for k, v in extra.items()})
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata={"step": str(step), "facts": json.dumps(facts)})
    os.replace(part, path)


def load_checkpoint(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer | None = None
) -> tuple[int, dict[str, Tensor], dict[str, object]]:
    """Restore what :func:`save_checkpoint` wrote; returns the step, the extra tensors and the facts."""
    with safe_open(path, "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a mapping
        meta = file.metadata()
    model.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("model.")})
    step = int(meta["step"])
    if optimizer is not None:
        for name, parameter in model.named_parameters():
            if f"adam.exp_avg.{name}" in tensors:
                optimizer.state[parameter] = {
                    "step": torch.tensor(float(step)),
                    "exp_avg": tensors[f"adam.exp_avg.{name}"].to(parameter.device),
                    "exp_avg_sq": tensors[f"adam.exp_avg_sq.{name}"].to(parameter.device),
                }
    extra = {k[6:]: v for k, v in tensors.items() if k.startswith("extra.")}
    return step, extra, json.loads(meta["facts"])


def checkpoint_facts(path: Path) -> dict[str, object]:
    """The facts of a checkpoint, without its tensors."""
    with safe_open(path, "pt") as file:
        return json.loads(file.metadata()["facts"])


def checkpoint_step(path: Path) -> int:
    """How many steps a checkpoint has been trained for."""
    with safe_open(path, "pt") as file:
        return int(file.metadata()["step"])


class Log:
    """A CSV of figures by step, appended to across resumes, drawn as one PNG."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, step: int, figures: dict[str, float]) -> None:
        """Append one row and print it."""
        new = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", *figures])
            writer.writerow([step, *(f"{v:.5g}" for v in figures.values())])
        print(f"step {step}: " + ", ".join(f"{k} {v:.4g}" for k, v in figures.items()), flush=True)

    def plot(self) -> None:
        """Draw every figure against the step, beside the CSV."""
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        with self.path.open(newline="", encoding="utf-8") as file:
            header, *rows = list(csv.reader(file))
        columns = list(zip(*rows, strict=True))
        shown = header[1:]
        figure, axes = pyplot.subplots(1, len(shown), figsize=(3.2 * len(shown), 3), layout="constrained")
        for axis, name, values in zip(axes, shown, columns[1:], strict=True):
            axis.plot([int(s) for s in columns[0]], [float(v) for v in values])
            axis.set(title=name, xlabel="step")
        figure.savefig(self.path.with_suffix(".png"), dpi=110)
        pyplot.close(figure)
