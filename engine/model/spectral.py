"""Pocket's codec as one of transformers' models.

Importing this module registers it with transformers' ``AutoConfig`` and ``AutoModel``; after that a plain
``MusicgenForConditionalGeneration.from_pretrained`` composes it like any other audio encoder.
"""

from __future__ import annotations

from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel
from transformers import initialization as init
from transformers.models.encodec.modeling_encodec import EncodecDecoderOutput, EncodecEncoderOutput

from engine.model.spectral_layers import ResidualQuantizer, SpectralDecoder, SpectralEncoder, decode, encode
from engine.model.spectral_sizes import SpectralSizes


class SpectralCodecConfig(PreTrainedConfig, SpectralSizes):
    """The sizes as a configuration that transformers reads and writes."""

    model_type = SpectralSizes.model_type


class SpectralCodec(PreTrainedModel):
    """The codec with :class:`~transformers.EncodecModel`'s signatures of ``encode`` and ``decode``."""

    config_class = SpectralCodecConfig
    base_model_prefix = "spectral"
    main_input_name = "input_values"
    config: SpectralCodecConfig

    def __init__(self, config: SpectralCodecConfig) -> None:
        super().__init__(config)
        self.encoder = SpectralEncoder(config)
        self.quantizer = ResidualQuantizer(config)
        self.decoder = SpectralDecoder(config)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        # from_pretrained builds on the meta device and restores only what is stored: the windows must be made again.
        if isinstance(module, SpectralEncoder | SpectralDecoder):
            init.copy_(module.window, module.make_window())

    def encode(
        self, input_values: Tensor, padding_mask: Tensor | None = None, return_dict: bool = True, **_: object
    ) -> EncodecEncoderOutput | tuple[Tensor, list[None]]:
        """Samples ``(B, 1, S)`` → ``audio_codes`` ``(1, B, K, T)`` (one chunk), with no scales.

        Raises:
            ValueError: the audio is not mono.
        """
        if input_values.shape[1] != 1:
            raise ValueError(f"the spectral codec is mono, but the audio has {input_values.shape[1]} channels")
        if padding_mask is not None:
            input_values = input_values * padding_mask.view(padding_mask.shape[0], -1, padding_mask.shape[-1])
        codes = encode(self, input_values[:, 0])[None]
        if not return_dict:
            return codes, [None]
        return EncodecEncoderOutput(codes, [None])  # type: ignore[arg-type]  # EnCodec itself gives a list of scales

    def decode(
        self,
        audio_codes: Tensor,
        audio_scales: object = None,
        padding_mask: Tensor | None = None,
        return_dict: bool = True,
    ) -> EncodecDecoderOutput | tuple[Tensor]:
        """Codes ``(1, B, K, T)`` → ``audio_values`` ``(B, 1, T * hop)``; the last 30 ms fade with the last windows."""
        values = decode(self, audio_codes[0])[:, None]
        if padding_mask is not None and padding_mask.shape[-1] < values.shape[-1]:
            values = values[..., : padding_mask.shape[-1]]
        return EncodecDecoderOutput(values) if return_dict else (values,)

    def forward(self, input_values: Tensor, padding_mask: Tensor | None = None) -> EncodecDecoderOutput:
        """Encode and decode: what passes through the codec."""
        encoded = self.encode(input_values, padding_mask)
        assert isinstance(encoded, EncodecEncoderOutput)
        assert encoded.audio_codes is not None
        decoded = self.decode(encoded.audio_codes, encoded.audio_scales, padding_mask)
        assert isinstance(decoded, EncodecDecoderOutput)
        return decoded


AutoConfig.register(SpectralCodecConfig.model_type, SpectralCodecConfig)
AutoModel.register(SpectralCodecConfig, SpectralCodec)
