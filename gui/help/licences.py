"""Under which licences what Segue is made of may be used. A test holds this list against the project's dependencies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """Something that Segue contains or stands on. ``package`` is its name on the package index, "" where it has none."""

    name: str
    what: str
    licence: str
    package: str = ""


OURS = (
    Part("Segue", "this program", "Apache-2.0"),
    Part("Pocket", "the built-in model and its music", "CC0-1.0: free for any use"),
    Part("Inter", "the typeface", "SIL Open Font License 1.1"),
)
LIBRARIES = (
    Part("Qt and PySide", "the window", "LGPL-3.0", "pyside6-essentials"),
    Part("PyQtGraph", "plots", "MIT", "pyqtgraph"),
    Part("PyTorch", "the model's arithmetic", "BSD-3-Clause, and parts under other free licences", "torch"),
    Part("Transformers", "EnCodec", "Apache-2.0", "transformers"),
    Part("Tokenizers", "prompts", "Apache-2.0", "tokenizers"),
    Part("Safetensors", "weights and packs", "Apache-2.0", "safetensors"),
    Part("Hugging Face Hub", "downloads", "Apache-2.0", "huggingface-hub"),
    Part("NumPy", "arrays", "BSD-3-Clause", "numpy"),
    Part("SciPy", "signal processing", "BSD-3-Clause", "scipy"),
    Part("scikit-learn", "probes", "BSD-3-Clause", "scikit-learn"),
    Part("sounddevice and PortAudio", "sound output", "MIT", "sounddevice"),
    Part("soundfile and libsndfile", "sound files", "BSD-3-Clause and LGPL-2.1", "soundfile"),
    Part("soxr", "resampling", "LGPL-2.1", "soxr"),
    Part("platformdirs", "places for files", "MIT", "platformdirs"),
    Part("tqdm", "progress in a terminal", "MPL-2.0 and MIT", "tqdm"),
    Part("Mido", "MIDI, if installed", "MIT", "mido"),
    Part("python-rtmidi", "MIDI, if installed", "MIT", "python-rtmidi"),
    Part("python-osc", "OSC, if installed", "Unlicense", "python-osc"),
    Part("Datasets", "the hub's music, if installed", "Apache-2.0", "datasets"),
    Part("Ray", "recording on several machines, if installed", "Apache-2.0", "ray"),
    Part("pyFluidSynth and FluidSynth", "composing, if installed", "LGPL-2.1", "pyfluidsynth"),
    Part("Matplotlib", "the recipe's plots, if installed", "PSF-based", "matplotlib"),
    Part("librosa", "the recipe's measurements, if installed", "ISC", "librosa"),
)
