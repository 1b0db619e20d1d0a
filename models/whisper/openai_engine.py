"""Whisper through openai-whisper's own network: the reference, and the engine for GPUs.

The stock loop runs the encoder again for every fallback and once more for word times, one window at a time, and casts
float32 weights at every call. Here a batch of windows is encoded once, the weights are cast once, and the attention
that tells the word times is kept while decoding. In float32 the tokens and times are those of the stock code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from models.lean_imports import without_numba
from models.parallel import side_by_side, undivided
from models.whisper.alignment import token_starts
from models.whisper.decoding.beams import search
from models.whisper.decoding.cached import CachedDecoder, heads_of
from models.whisper.decoding.greedy import GreedyDecoding, Reading, read_through
from models.whisper.decoding.tokens import TextTokens
from models.whisper.layout import WhisperWeights, read_weights
from models.whisper.network import MOST_TOKENS, TOKEN_S, Aligned, Decoded, DecodingOptions, find_whisper
from models.whisper.transcription import no_times, tokenizer_for, transcribe_speech
from pipeline.ports import Progress, silent
from pipeline.timeline import Span, Transcript, Waveform

with without_numba():
    import whisper
    from whisper.model import AudioEncoder, Conv1d, Linear, ModelDimensions, TextDecoder, Whisper

BATCH = {"cpu": 12, "cuda": 32}
"""Windows decoded at once. A step reads all weights whatever their number: decoding took 0.80 CPU s a window in batches
of 7, 0.60 of 11 and 0.54 of 22, which hold 200 MiB more on each core."""
SEARCHED = 4
"""Windows searched at once with some beams each: their keys and values of the sound are 18 MB a window."""
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class OpenaiWhisperTranscriber:
    """Transcriber port on openai-whisper. ``model``: a Whisper size, or a path; ``device``: cpu or cuda.

    ``precision``: float32, bfloat16 or float16 (see ``choice.py``).
    """

    def __init__(self, model: str = "base", device: str = "cpu", *, precision: str = "float32", batch: int = 0) -> None:
        self.model, self.device, self.precision, self.batch = model, device, precision, batch
        self._network: TorchNetwork | None = None

    def transcribe(
        self, wave: Waveform, speech: Sequence[Span], *, language: str | None = None, progress: Progress = silent
    ) -> Transcript:
        network = self.load()
        batch = self.batch or BATCH[network.device.type]
        return transcribe_speech(
            network, wave, speech, language=language, model=self.model, batch=batch, progress=progress
        )

    def load(self) -> TorchNetwork:
        """The network, loaded the first time. Raises WeightsError."""
        if self._network is None:
            with undivided():
                self._network = TorchNetwork(find_whisper(self.model), self.device, precision=self.precision)
        return self._network


class TorchNetwork:
    """openai-whisper's modules, decoded in batches with a cache of fixed size instead of hooks."""

    def __init__(self, path: Path, device: str = "cpu", *, precision: str = "float32") -> None:
        self.device = torch.device(device)
        self.dtype = DTYPES[precision]
        weights = read_weights(path)
        self.network = build_network(weights, self.dtype).to(self.device)
        self.n_mels, self.n_vocab = weights.dims["n_mels"], weights.dims["n_vocab"]

    @torch.inference_mode()
    def encode(self, mels: np.ndarray) -> EncodedBatch:
        sound = torch.from_numpy(mels).to(self.device, self.dtype)
        by_window = self.device.type == "cpu"
        return EncodedBatch(_encode(self.network.encoder, sound) if by_window else self.network.encoder(sound))

    @torch.inference_mode()
    def languages(self, encoded: EncodedBatch) -> list[Mapping[str, float]]:
        _, rows = whisper.detect_language(self.network, encoded.features, tokenizer_for(self.n_vocab, "en"))
        return list(rows)

    @torch.inference_mode()
    def decode(self, encoded: EncodedBatch, prompt: Sequence[int], options: DecodingOptions) -> list[Decoded]:
        tokens = TextTokens(self.n_vocab, self.device)
        if options.beams > 1 and not options.no_repeat:
            parts = (encoded.features[first : first + SEARCHED] for first in range(0, len(encoded), SEARCHED))
            return [
                decoded
                for part in parts
                for decoded in search(self._reader(part, prompt), prompt, tokens, beams=options.beams)
            ]
        in_bytes = self.device.type == "cpu" and self.dtype == torch.bfloat16
        decoder = self._reader(encoded.features, prompt, in_bytes=in_bytes)
        decoding = GreedyDecoding(decoder, prompt, tokens, no_repeat=options.no_repeat)
        decoded = decoding.run()
        encoded.kept = dict(enumerate(decoding.readings()))
        return decoded

    def _reader(self, features: torch.Tensor, prompt: Sequence[int], *, in_bytes: bool = False) -> CachedDecoder:
        return CachedDecoder(self.network, features, len(prompt) + MOST_TOKENS + 1, in_bytes=in_bytes)

    @torch.inference_mode()
    def align(
        self, encoded: EncodedBatch, prompt: Sequence[int], tokens: Sequence[Sequence[int]], frames: Sequence[int]
    ) -> list[Aligned]:
        """Times from the attention kept by ``decode``; a window decoded in another way is read through once more."""
        aligned = []
        for row, text in enumerate(tokens):
            kept = encoded.kept.get(row)
            if kept is None or kept.tokens != tuple(text):
                kept = self._read_through(encoded, row, prompt, text)
            aligned.append(_align_row(kept, len(prompt), frames[row]))
        return aligned

    def _read_through(self, encoded: EncodedBatch, row: int, prompt: Sequence[int], text: Sequence[int]) -> Reading:
        prompt = [*prompt, tokenizer_for(self.n_vocab, "en").no_timestamps]
        decoder = self._reader(encoded.features[row : row + 1], prompt)
        return read_through(decoder, prompt, text, TextTokens(self.n_vocab, self.device))


def _encode(encoder: AudioEncoder, sound: torch.Tensor) -> torch.Tensor:
    """The encoder, one window at a time: a batch's intermediate values lie beyond the cache, which costs a tenth more
    time, and take more memory. The windows of an only batch have a core each."""
    return torch.cat(list(side_by_side(partial(_encode_window, encoder), sound[:, None])))


@torch.inference_mode()
def _encode_window(encoder: AudioEncoder, sound: torch.Tensor) -> torch.Tensor:
    """The encoder for one window. Moments are rows from the beginning: what torch's convolutions leave is transposed,
    and every sum and norm after them would read across it, which costs a seventh of the whole."""
    x = _convolved(encoder.conv2, _convolved(encoder.conv1, sound[0].T))[None]
    x = (x + encoder.positional_embedding).to(x.dtype)
    for block in encoder.blocks:
        attention, y = block.attn, block.attn_ln(x)
        query, key, value = (
            heads_of(part(y), attention.n_head) for part in (attention.query, attention.key, attention.value)
        )
        mixed = F.scaled_dot_product_attention(query, key, value)
        x = x + attention.out(mixed.transpose(1, 2).flatten(2))
        x = x + block.mlp(block.mlp_ln(x))
    encoded: torch.Tensor = encoder.ln_post(x)
    return encoded


def _convolved(layer: Conv1d, frames: torch.Tensor) -> torch.Tensor:
    """A convolution and its rectifier on (frames, channels), as one product with overlapping rows: for one window both
    of the encoder's take 8 ms so, 20 ms by torch."""
    (taps,), (stride,), (around,) = layer.kernel_size, layer.stride, layer.padding
    padded = F.pad(frames, (0, 0, around, around)).contiguous()
    count, width = (len(padded) - taps) // stride + 1, frames.shape[1]
    rows = padded.as_strided((count, taps * width), (stride * width, 1))
    return F.gelu(F.linear(rows, layer.weight.permute(0, 2, 1).flatten(1), layer.bias))


def _align_row(reading: Reading, first: int, frames: int) -> Aligned:
    count = len(reading.tokens)
    if not count:
        return no_times(0)
    steps = token_starts(reading.attention[:, :, : frames // 2], first, count)
    return Aligned(steps * TOKEN_S, np.array(reading.probabilities))


def build_network(weights: WhisperWeights, dtype: torch.dtype) -> Whisper:
    """openai-whisper's model with these weights. Products are in ``dtype``; norms and positions stay float32."""
    dims = ModelDimensions(**weights.dims)
    network = _without_values(dims)
    multiplied = {
        f"{name}.{kind}"
        for name, module in network.named_modules()
        if isinstance(module, (Linear, Conv1d, torch.nn.Embedding))
        for kind in ("weight", "bias")
    }
    state = {
        name: torch.from_numpy(array).to(dtype if name in multiplied else torch.float32, copy=True)
        for name, array in weights.state.items()
    }
    network.load_state_dict(state, assign=True)
    mask = torch.full((dims.n_text_ctx, dims.n_text_ctx), -torch.inf).triu_(1)
    network.decoder.register_buffer("mask", mask, persistent=False)
    heads = torch.zeros(dims.n_text_layer, dims.n_text_head, dtype=torch.bool)
    if weights.alignment_heads:
        for layer, head in weights.alignment_heads:
            heads[layer, head] = True
    else:  # openai-whisper's own choice
        heads[dims.n_text_layer // 2 :] = True
    network.register_buffer("alignment_heads", heads.to_sparse(), persistent=False)
    return network.eval()


class _AsTheyCome(TorchFunctionMode):
    """Leaves a network's parameters as the memory has them: drawing random ones, which the weights replace, takes
    longer than all else that building it does, and torch's "meta" device imports a compiler for it.

    A function of ``torch.nn.init`` calls what draws where this mode does not see it, so these are left out whole."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        drawn = getattr(func, "__module__", "") == torch.nn.init.__name__
        if drawn or func in (torch.Tensor.uniform_, torch.Tensor.normal_):
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def _without_values(dims: ModelDimensions) -> Whisper:
    """openai-whisper's model before its weights."""
    network = Whisper.__new__(Whisper)
    torch.nn.Module.__init__(network)
    network.dims = dims
    with _AsTheyCome():
        network.encoder = AudioEncoder(
            dims.n_mels, dims.n_audio_ctx, dims.n_audio_state, dims.n_audio_head, dims.n_audio_layer
        )
        network.decoder = TextDecoder(
            dims.n_vocab, dims.n_text_ctx, dims.n_text_state, dims.n_text_head, dims.n_text_layer
        )
    return network


class EncodedBatch:
    """The encoder's output of a batch, shape (windows, 1500, width), and what decoding it left for the alignment."""

    def __init__(self, features: torch.Tensor) -> None:
        self.features = features
        self.kept: dict[int, Reading] = {}

    def __len__(self) -> int:
        return int(self.features.shape[0])

    def __getitem__(self, rows: slice | list[int]) -> EncodedBatch:
        return EncodedBatch(self.features[rows])
