"""A graphics card that is there but that the installed torch cannot use: the commonest reason for slow music."""

from __future__ import annotations

import ctypes.util
import shutil
import subprocess
import sys
from importlib.util import find_spec

import torch

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
    version = torch.__version__.partition("+")[0]
    remedy = (
        f"{pip_command()} install --force-reinstall torch=={version} --index-url ADDRESS, with the ADDRESS of the command "
        f"that {SELECTOR} shows"
    )
    if torch.version.cuda is None:
        return f"{card} is idle, for the installed torch has no CUDA: run {remedy} for your driver"
    return (
        f"{card} is idle, for torch's CUDA {torch.version.cuda} does not start on its driver: update the driver, or run "
        f"{remedy} for an older CUDA"
    )


def pip_command() -> str:
    """How to call a pip that installs into the Python that runs this; it may have none of its own."""
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return f"{python} -m pip" if find_spec("pip") else f"python3 -m pip --python {python}"
