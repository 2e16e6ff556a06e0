"""Pocket's card: what it is, how it was made, what it was measured to do, and what it may be used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import SegueError
from engine.model.checkpoint_files import find
from engine.steering.pack import PACK_NAME, ProbePack
from resources.recipe.language_model import CODEBOOK_SIZE, CODEBOOKS, Sizes
from resources.recipe.targets import table

TEMPLATE = """---
license: cc0-1.0
library_name: transformers
tags: [musicgen, text-to-audio]
---
# Pocket

Pocket is the small MusicGen that Segue ships, so that it plays at once, on a CPU, with nothing downloaded. It knows four
genres (classical, electronic, jazz, rock) as a composing program writes them. It is a demonstration instrument: it shows
what steering does, and it is not a rival of models that learnt from recordings.

It loads with `MusicgenForConditionalGeneration` and `AutoProcessor` of transformers after `import engine.model.spectral`,
which registers its codec.

## What it is
- **Decoder**: MusicGen's (arXiv 2306.05284), {layers} layers × {hidden_size}, {heads} heads, {codebooks} codebooks × \
{codebook_size} at {frame_rate} frames/s, delay pattern, trained on windows of {window_s:.0f} s.
- **Text encoder**: T5, {text_layers} layers × {text_width}, trained with the decoder, over a tokenizer of {vocabulary} \
pieces of our own prompts. Words it never met are read in pieces, but they mean nothing to it.
- **Codec**: causal ConvNeXt blocks and an inverse-STFT head (after Vocos, arXiv 2306.00814), residual quantiser, mono, \
{rate_khz:g} kHz, {kbps:g} kbit/s.
- {parameters_m:.1f} million parameters, stored in half precision, run in single.

## How it was made
By `resources/recipe` of this repository, from music that `probes/corpus/composed` composed and rendered: {clips} training
clips, {hours:.1f} hours; no recording, no other model and no other data. The codec learnt for {codec_steps:,} steps from
losses on the magnitudes and phases of short spectra; the decoder and the text encoder learnt together for {decoder_steps:,}
steps. Text was dropped from a fifth of the examples, for guidance. Songs, and one whole sub-style of each genre, were kept
from training.
{figures}
{knobs}
## Limits
- It has heard only composed music: no voices, no recordings, no words but those of its prompts, English only.
- Its codec dulls the highest octaves, blurs dense cymbals and strings, and smears the sharpest attacks.
- Past {window_s:.0f} s it remembers only the last half of its window: themes do not return.
- Keys and exact tempi are followed loosely.

## Licence
The weights are ours and dedicated to the public domain (CC0 1.0): use them, and what they play, for anything.

The training music was played on the soundfont FluidR3Mono_GM, under the MIT licence, which covers the soundfont and not
music made with it: copyright © 2000–2002, 2008 Frank Wen; mono version © 2014–2017 Michael Cowgill; temple blocks © 2002
Ethan Winer; drumline percussion © 2016 Michael Schorsch. The soundfont itself is not part of this model.
"""

KNOBS = """## Knobs
`probes.safetensors` holds a direction for every genre and layer, and what they were found to do;
`probes.corpus.safetensors` a sample of the music that they were fitted to, for `segue probe add`; `probes.ear.safetensors` the
ear that judged them, which hears sound and never the model's residuals. All three are made by

    segue probe train composed -o resources/pocket/probes.safetensors --force

from music that it composes then and there, other songs than the model learnt from. It needs FluidSynth and its soundfont, as
composing does, and on two cores of a processor it takes about a quarter of an hour.
"""


@dataclass(frozen=True)
class Making:
    """What the card says of the model and how it came about.

    Attributes:
        window_frames: frames that the decoder was trained on at once.
        clips, hours: of training.
    """

    sizes: Sizes
    vocabulary: int
    parameters: int
    rate_hz: int
    frame_rate: int
    window_frames: int
    codec_steps: int
    decoder_steps: int
    clips: int
    hours: float


def write_card(folder: Path, making: Making, measures: Mapping[str, Any] | None, sheets: Sequence[str] = ()) -> None:
    """Write ``folder/CARD.md``, with the figures of the probe pack that lies in the folder, if it is this model's.

    Args:
        measures: what ``resources.recipe.measure`` wrote, or None where nothing was measured.
        sheets: names of the spectrogram sheets that lie beside the card.
    """
    figures = "\n## Figures\nNothing has been measured yet.\n" if measures is None else _figures(measures)
    if sheets:
        figures += "\n## Spectrograms\nOriginals, the same through the codec, and generations from text.\n\n"
        figures += "".join(f"![{name}]({name})\n" for name in sheets)
    sizes = making.sizes
    text = TEMPLATE.format(
        layers=sizes.layers,
        hidden_size=sizes.hidden_size,
        heads=sizes.heads,
        text_layers=sizes.text_layers,
        text_width=sizes.text_width,
        vocabulary=making.vocabulary,
        codebooks=CODEBOOKS,
        codebook_size=CODEBOOK_SIZE,
        frame_rate=making.frame_rate,
        window_s=making.window_frames / making.frame_rate,
        rate_khz=making.rate_hz / 1000,
        kbps=making.frame_rate * CODEBOOKS * (CODEBOOK_SIZE - 1).bit_length() / 1000,
        parameters_m=making.parameters / 1e6,
        knobs=KNOBS + pack_in_words(folder),
        clips=making.clips,
        hours=making.hours,
        codec_steps=making.codec_steps,
        decoder_steps=making.decoder_steps,
        figures=figures,
    )
    (folder / "CARD.md").write_text(text, encoding="utf-8")


def _figures(measures: Mapping[str, Any]) -> str:
    """The card's section of figures; groups that were not measured are left out."""
    clips = measures.get("clips", {})
    lines = [
        "",
        "## Figures",
        f"Measured on {clips.get('songs', 0)} held-out songs and {clips.get('styles', 0)} songs of held-out sub-styles.",
        "",
        *_table(("figure", "measured", "target", ""), table(measures)),
    ]
    codec, decoder = measures.get("codec"), measures.get("decoder")
    if codec:
        lines += [
            "",
            "**Codec.** On held-out songs, on held-out sub-styles (where there are any), and by codebook:",
            "",
        ]
        names = ("log_mel_distance_db", "si_sdr_db", "chroma_correlation", "onset_f_measure")
        sides = [
            (side, *(f"{codec[side][name]:.3g}" for name in names)) for side in ("songs", "styles") if side in codec
        ]
        lines += _table(("held out", "log-mel distance, dB", "SI-SDR, dB", "chroma correlation", "onset F"), sides)
        use = [
            (str(k + 1), f"{u['used_share']:.0%}", f"{u['perplexity']:.0f}") for k, u in enumerate(codec["codebooks"])
        ]
        lines += ["", *_table(("codebook", "entries used", "perplexity"), use)]
        if "scales" in codec:
            scales = ", ".join(f"{name} {share:.0%}" for name, share in codec["scales"].items() if name != "all")
            lines += ["", f"Notes of single-instrument scales still heard in tune after the codec: {scales}."]
    for side, figures in measures.get("genre", {}).items():
        lines += [
            "",
            f"An independent classifier's accuracy on held-out {side}: {figures['originals']:.1%} before the codec, "
            f"{figures['passthrough']:.1%} after it.",
        ]
    if decoder:
        lines += ["", "**Decoder.** Nats per token of held-out songs:", ""]
        names = ("nats", "nats_without_text", "bigram", "unigram")
        rows = [(name.replace("_", " "), *(f"{value:.3f}" for value in decoder[name])) for name in names]
        lines += _table(("", *(f"codebook {k + 1}" for k in range(CODEBOOKS))), rows)
    if text := measures.get("text"):
        genres = list(text["asked_then_judged"])
        rows = [(asked, *(str(text["asked_then_judged"][asked][judged]) for judged in genres)) for asked in genres]
        lines += ["", "**Generations** from phrasings it never met, guidance 3: asked (rows) and judged (columns).", ""]
        lines += [*_table(("", *genres), rows), "", _fault_line("Faults", text["faults"])]
    if continuation := measures.get("continuation"):
        ours, own = continuation["continued"], continuation["songs_own"]
        lines += [
            "",
            f"**Continuations** of 5 s without text keep the genre in {ours['genre_kept']:.0%} (the songs' own next 5 s: "
            f"{own['genre_kept']:.0%}) and the tempo in {ours['tempo_kept']:.0%} ({own['tempo_kept']:.0%}). "
            + _fault_line("Faults", continuation["faults"]),
        ]
    if endurance := measures.get("endurance"):
        lines += [
            "",
            f"**Endurance.** Of {endurance['runs']} plays of {endurance['seconds']:.0f} s, "
            f"{endurance['survived_share']:.0%} were sound to the end; the level wandered by at most "
            f"{endurance['worst_drift_db']:.1f} dB.",
        ]
    return "\n".join([*lines, ""])


def pack_in_words(folder: Path) -> str:
    """What the pack of the model in ``folder`` says of itself; nothing without one, or with one of other weights."""
    try:
        pack = ProbePack.load(folder / PACK_NAME)
        fits = pack.model.digest == find(str(folder)).digest
    except SegueError:
        return ""
    facts, defaults = pack.provenance, pack.defaults
    if not fits or "effect" not in facts:
        return ""
    effect, ear = facts["effect"], facts["ear"]["held_out_accuracy"]
    told = [f"{facts['held_out_accuracy']:.1%} of clips of held-out songs"]
    heard = [f"{ear['passthrough']:.1%}"]
    if "held_out_style_accuracy" in facts:  # only our own music has sub-styles
        told.append(f"{facts['held_out_style_accuracy']:.1%} of clips of held-out sub-styles")
        heard.append(f"{ear['styles_passthrough']:.1%}")
    lines = [
        "",
        f"Fitted to {facts['clips']['train']} clips of 10 s. The probe of the best layer tells {' and '.join(told)}; "
        f"the ear, through the codec, {' and '.join(heard)}.",
        "",
        f"Steering enters at {defaults.where} by the law «{defaults.law}», "
        f"directions «{pack.method}»; a knob at 1 is α = {defaults.knob_scale:.3g}. "
        f"On music of other genres that raises its genre's probability by {effect['delta']:+.2f}, "
        f"to {effect['target_share']:.2f}, at {effect['frechet_ratio']:.2f} × the "
        "Fréchet distance of unsteered music. How straight the knobs are, by a line through what is heard up to the redline, "
        "on the music that their maps were made from (`segue evaluate` hears them on other music):",
        "",
        *_table(
            ("knob", "redline", "R² without its map", "R² with it"),
            [
                (genre, f"{redline:.2f}", *(f"{facts['straightness'][genre][key]:.3f}" for key in ("before", "after")))
                for genre, redline in zip(pack.genres, pack.redline, strict=True)
            ],
        ),
    ]
    return "\n".join([*lines, ""])


def _fault_line(title: str, rates: Mapping[str, float]) -> str:
    return f"{title}: " + ", ".join(f"{name} {rate:.1%}" for name, rate in rates.items() if name != "any") + "."


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(header)} |", "|" + "---|" * len(header), *(f"| {' | '.join(row)} |" for row in rows)]
