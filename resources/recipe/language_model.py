"""Pocket's language model: MusicGen's decoder and a small T5, as the very submodules of
``MusicgenForConditionalGeneration``.

The names of the weights are those of the assembled model, so that assembling is a matter of copying them. The training
pass lays tokens out as generation does: a column of BOS, then every codebook delayed by its own index, the corners
filled with BOS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import MusicgenConfig, MusicgenDecoderConfig, MusicgenForCausalLM, T5Config, T5EncoderModel

CODEBOOKS = 4
CODEBOOK_SIZE = 1024
# MusicGen spells beginning, padding and the corners of the delay pattern with one id past the vocabulary.
BOS = CODEBOOK_SIZE
MAX_POSITIONS = 2048
HEAD_STD = 0.02
OWN_SHARE = 0.3


@dataclass(frozen=True)
class Sizes:
    """What may be chosen; the rest follows from the codec and from MusicGen."""

    hidden_size: int = 256
    layers: int = 8
    heads: int = 4
    ffn_dim: int = 1024
    text_width: int = 128
    text_layers: int = 2

    @classmethod
    def of(cls, config: MusicgenConfig) -> Sizes:
        """Sizes of an assembled model."""
        decoder, text = config.decoder, config.text_encoder
        assert isinstance(decoder, MusicgenDecoderConfig)
        assert isinstance(text, T5Config)
        return cls(
            decoder.hidden_size,
            decoder.num_hidden_layers,
            decoder.num_attention_heads,
            decoder.ffn_dim,
            text.d_model,
            text.num_layers,
        )

    def decoder_config(self) -> MusicgenDecoderConfig:
        """The decoder's configuration, ready to be generated from."""
        return MusicgenDecoderConfig(
            vocab_size=CODEBOOK_SIZE,
            num_codebooks=CODEBOOKS,
            max_position_embeddings=MAX_POSITIONS,
            num_hidden_layers=self.layers,
            hidden_size=self.hidden_size,
            num_attention_heads=self.heads,
            ffn_dim=self.ffn_dim,
            dropout=0.0,
            pad_token_id=BOS,
            bos_token_id=BOS,
            eos_token_id=None,
            is_decoder=True,
            add_cross_attention=True,
        )

    def text_config(self, vocabulary: int) -> T5Config:
        """The text encoder's configuration for a tokenizer of ``vocabulary`` entries."""
        return T5Config(
            vocab_size=vocabulary,
            d_model=self.text_width,
            d_kv=self.text_width // 4,
            d_ff=2 * self.text_width,
            num_layers=self.text_layers,
            num_heads=4,
            feed_forward_proj="gated-gelu",
            dropout_rate=0.0,
            pad_token_id=0,
            eos_token_id=1,
        )


def delayed(codes: Tensor) -> Tensor:
    """``(B, K, T)`` → ``(B, K, T + K)``: codebook k begins at column k + 1, every other place holds :data:`BOS`."""
    batch, levels, frames = codes.shape
    columns = codes.new_full((batch, levels, frames + levels), BOS)
    for level in range(levels):
        columns[:, level, level + 1 : level + 1 + frames] = codes[:, level]
    return columns


class LanguageModel(nn.Module):
    """Text and earlier tokens in, nats of the next ones out."""

    def __init__(self, sizes: Sizes, vocabulary: int) -> None:
        super().__init__()
        self.text_encoder = T5EncoderModel(sizes.text_config(vocabulary))
        self.enc_to_dec_proj = nn.Linear(sizes.text_width, sizes.hidden_size)
        self.decoder = MusicgenForCausalLM(sizes.decoder_config())
        # The library's 0.02 would leave tokens inaudible beside positions of unit amplitude.
        for table in self.decoder.model.decoder.embed_tokens:
            nn.init.normal_(table.weight, std=CODEBOOKS**-0.5)

    @torch.no_grad()
    def begin_from(self, codebooks: Tensor, seed: int = 0) -> None:
        """Let tokens that sound alike begin alike.

        Embeddings and heads start as random projections of the codec's entries ``(K, V, D)``, with a little of their own:
        what is learned of one token then speaks for its neighbours, which small corpora need.
        """
        generator = torch.Generator().manual_seed(seed)
        stack: Any = self.decoder.model.decoder
        heads: Any = self.decoder.lm_heads
        for entries, table, head in zip(codebooks, stack.embed_tokens, heads, strict=True):
            unit = (entries - entries.mean(0)) / entries.std(0).mean()
            for weight, std in ((table.weight, CODEBOOKS**-0.5), (head.weight, HEAD_STD)):
                projection = torch.randn(entries.shape[1], weight.shape[1], generator=generator)
                spread = unit @ projection / entries.shape[1] ** 0.5
                own = torch.randn(spread.shape, generator=generator) * OWN_SHARE
                weight[: len(entries)].copy_((spread + own) * std)

    def describe(self, text_ids: Tensor, text_mask: Tensor) -> Tensor:
        """Prompts ``(B, S)`` → what the decoder attends to, ``(B, S, hidden)``; a mask of zeros means "no text"."""
        states = self.text_encoder(input_ids=text_ids, attention_mask=text_mask).last_hidden_state
        return self.enc_to_dec_proj(states) * text_mask[..., None]

    def logits(self, codes: Tensor, states: Tensor, text_mask: Tensor) -> list[Tensor]:
        """For each codebook the ``(B, T, V)`` logits of ``codes`` ``(B, K, T)``, each frame given the earlier columns
        only.

        ``states`` are :meth:`describe`'s; multiplied by zero they are MusicGen's null text, which its guidance
        contrasts with.
        """
        batch, levels, frames = codes.shape
        columns = delayed(codes)[..., :-1]
        hidden = self.decoder.model(
            input_ids=columns.reshape(batch * levels, -1),
            encoder_hidden_states=states,
            encoder_attention_mask=text_mask,
            use_cache=False,
        ).last_hidden_state
        # Column k + t predicts frame t of codebook k, and no other column is asked for anything: the corners cost no
        # loss.
        return [head(hidden[:, level : level + frames]) for level, head in enumerate(self.decoder.lm_heads)]

    def forward(self, codes: Tensor, text_ids: Tensor, text_mask: Tensor, keep: Tensor) -> Tensor:
        """Mean cross-entropy of each codebook in nats, ``(K,)``; rows where ``keep`` ``(B,)`` is 0 get no text."""
        states = self.describe(text_ids, text_mask) * keep[:, None, None]
        logits = self.logits(codes, states, text_mask)
        return torch.stack(
            [F.cross_entropy(row.flatten(0, 1).float(), codes[:, k].flatten()) for k, row in enumerate(logits)]
        )
