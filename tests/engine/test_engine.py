"""The facade, in a process of its own: what it does to the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import gc, sys, time
from engine.engine import Engine
engine = Engine(sys.argv[1])
while gc.get_freeze_count() == 0:
    time.sleep(0.01)
print(gc.get_freeze_count())
engine.close()
"""


def test_a_sweep_for_cycles_does_not_go_over_all_of_torch(tmp_path: Path) -> None:
    words = [sys.executable, "-c", CODE, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    assert int(done.stdout) > 100_000
