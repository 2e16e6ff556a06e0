"""``python resources/launch WORDS``: what the wrappers ``segue`` and ``segue.cmd`` run."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from resources.launch.launch import start

    sys.exit(start(sys.argv[1:]))
