"""The FluidSynth library: pyfluidsynth, and the functions of the library that it does not wrap."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import CorpusError
from engine.extras import how_to_install

CHANNELS = 16
_POLYPHONY = 256
_LIBRARY_REMEDY = (
    "Debian/Ubuntu: apt install libfluidsynth3; macOS: brew install fluid-synth; Windows: choco install fluidsynth"
)
_LOG_LEVELS = 5


class Fluid:
    """Loads a soundfont once, and makes synthesisers that play it."""

    def __init__(self, soundfont: Path, sample_rate_hz: int) -> None:
        """Load the library and the soundfont (some seconds).

        Raises:
            CorpusError: pyfluidsynth or the library is missing, or the file is not a soundfont.
        """
        try:
            import fluidsynth
        except ModuleNotFoundError as error:
            raise CorpusError(f"composing needs pyfluidsynth: {how_to_install('compose')}") from error
        except (ImportError, OSError) as error:
            raise CorpusError(f"the FluidSynth library is missing. {_LIBRARY_REMEDY}") from error
        self._module: Any = fluidsynth
        self._sample_rate_hz = sample_rate_hz
        library = ctypes.CDLL(fluidsynth.lib)
        pointer, number = ctypes.c_void_p, ctypes.c_int
        self._add = _declared(library.fluid_synth_add_sfont, number, pointer, pointer)
        self._remove = _declared(library.fluid_synth_remove_sfont, number, pointer, pointer)
        self._write_float = _declared(
            library.fluid_synth_write_float, number, pointer, number, pointer, number, number, pointer, number, number
        )
        set_log = _declared(library.fluid_set_log_function, pointer, number, pointer, pointer)
        for level in range(_LOG_LEVELS):
            set_log(level, None, None)  # what matters raises here; the rest is noise on the user's terminal
        keeper = self._new()
        if not soundfont.is_file() or keeper.sfload(str(soundfont)) < 0:
            keeper.delete()
            raise CorpusError(f"{soundfont} cannot be read as a soundfont")
        self._soundfont = _declared(library.fluid_synth_get_sfont, pointer, pointer, ctypes.c_uint)(keeper.synth, 0)
        self._keeper = keeper

    def close(self) -> None:
        """Free the soundfont."""
        self._keeper.delete()

    def _new(self) -> Any:
        settings = {"synth.cpu-cores": 1, "synth.reverb.active": 0, "synth.chorus.active": 0}
        settings["synth.polyphony"] = _POLYPHONY
        return self._module.Synth(gain=1.0, samplerate=float(self._sample_rate_hz), channels=CHANNELS, **settings)

    def take(self) -> tuple[Any, int]:
        """A new synthesiser that holds the soundfont, and the soundfont's id in it; give it back before the next."""
        self._remove(self._keeper.synth, self._soundfont)
        synth = self._new()
        return synth, self._add(synth.synth, self._soundfont)

    def give_back(self, synth: Any) -> None:
        """Free a synthesiser, but not the soundfont."""
        self._remove(synth.synth, self._soundfont)
        synth.delete()
        self._add(self._keeper.synth, self._soundfont)

    def write(self, synth: Any, block: npt.NDArray[np.float32]) -> None:
        """Fill a contiguous ``(samples, 2)`` with the synthesiser's next samples.

        pyfluidsynth has 16-bit output only, dithered by a table whose position depends on everything rendered before.
        """
        if len(block):
            self._write_float(synth.synth, len(block), block.ctypes.data, 0, 2, block.ctypes.data, 1, 2)


def _declared(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    function.restype = result
    function.argtypes = arguments
    return function
