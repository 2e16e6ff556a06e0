"""A graphics card that is there but that the installed torch cannot use: the commonest reason for slow music."""

from __future__ import annotations

import ctypes.util
import shutil
import subprocess
import sys

import torch

WHEELS = "https://download.pytorch.org/whl/cuNNN"
SELECTOR = "https://pytorch.org/get-started/locally"
ASK_TIMEOUT_S = 10.0


def nvidia_card() -> str | None:
    """The name of the first NVIDIA card that a driver speaks for; None where there is no driver or no card."""
    tool = shutil.which("nvidia-smi")
    if tool is not None:
        command = [tool, "--query-gpu=name", "--format=csv,noheader"]
        try:
            asked = subprocess.run(command, capture_output=True, text=True, timeout=ASK_TIMEOUT_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        names = asked.stdout.strip().splitlines()
        return names[0].strip() if asked.returncode == 0 and names else None
    library = ctypes.util.find_library("nvcuda" if sys.platform == "win32" else "cuda")
    return "an NVIDIA card" if library else None


def idle_card() -> str | None:
    """One line on a card that torch leaves idle, with the remedy; None where all is well or there is no card."""
    card = None if torch.cuda.is_available() else nvidia_card()
    if card is None:
        return None
    if torch.version.cuda is None:
        version = torch.__version__.partition("+")[0]
        return (
            f"{card} is idle, for the installed torch has no CUDA: run pip install --force-reinstall torch=={version} "
            f"--index-url {WHEELS}, with the cuNNN that {SELECTOR} shows for your driver"
        )
    return (
        f"{card} is idle, for torch's CUDA {torch.version.cuda} does not start on its driver: update the driver, or "
        f"install the torch for an older CUDA that {SELECTOR} shows"
    )
