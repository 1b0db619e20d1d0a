"""Whisper through openai-whisper's own network: the reference, and the engine for GPUs.

The stock loop runs the encoder again for every fallback and once more for word times, one window at a time, and casts
float32 weights at every call. Here a batch of windows is encoded once, the weights are cast once, and the attention
that tells the word times is kept while decoding. In float32 the tokens and times are those of the stock code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
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
from models.whisper.layout import WhisperWeights, read_weights
from models.whisper.network import MOST_TOKENS, TOKEN_S, Aligned, Decoded, DecodingOptions, find_whisper
from models.whisper.sound_attention import EightBits, SoundAttention, Whole
from models.whisper.transcription import no_times, suppressed_tokens, tokenizer_for, transcribe_speech
from pipeline.ports import Progress, silent
from pipeline.timeline import Span, Transcript, Waveform

with without_numba():
    import whisper
    from whisper.model import AudioEncoder, Conv1d, Linear, ModelDimensions, MultiHeadAttention, TextDecoder, Whisper

BATCH = {"cpu": 12, "cuda": 32}
"""Windows decoded at once. A step reads all weights whatever their number: decoding took 0.80 CPU s a window in batches
of 7, 0.60 of 11 and 0.54 of 22, which hold 200 MiB more on each core."""
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
        return EncodedBatch(_encode(self.network.encoder, sound) if by_window else self.network.encoder(sound), self)

    @torch.inference_mode()
    def languages(self, encoded: EncodedBatch) -> list[Mapping[str, float]]:
        _, rows = whisper.detect_language(self.network, encoded.features, tokenizer_for(self.n_vocab, "en"))
        return list(rows)

    @torch.inference_mode()
    def decode(self, encoded: EncodedBatch, prompt: Sequence[int], options: DecodingOptions) -> list[Decoded]:
        if options.beams > 1 and not options.no_repeat:
            return [self._search(encoded[row : row + 1], prompt, options) for row in range(len(encoded))]
        return GreedyDecoding(self.network, encoded, prompt, options).run()

    def _search(self, encoded: EncodedBatch, prompt: Sequence[int], options: DecodingOptions) -> Decoded:
        """Beam search by openai-whisper's own code, which can do one window at a time."""
        tokenizer = tokenizer_for(self.n_vocab, "en")
        code = tokenizer.decode([prompt[1]]).strip("<|>") if len(prompt) > 2 else "en"
        half = self.device.type == "cuda"
        options = whisper.DecodingOptions(
            language=code,
            beam_size=options.beams,
            without_timestamps=True,
            fp16=half,
            sample_len=MOST_TOKENS,
        )
        features = encoded.features[0].to(torch.float16 if half else torch.float32)
        result = whisper.decode(_with_hooks_of_its_own(self.network), features, options)
        return Decoded(tuple(result.tokens), result.avg_logprob, result.no_speech_prob)

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
        tokenizer = tokenizer_for(self.n_vocab, "en")
        prompt = [*prompt, tokenizer.no_timestamps]
        return GreedyDecoding(
            self.network, encoded[row : row + 1], prompt, DecodingOptions(), forced=tuple(text)
        ).read()


def _with_hooks_of_its_own(network: Whisper) -> Whisper:
    """The same weights in modules of their own: openai-whisper's decoding hangs hooks on the modules it uses, which
    another thread's decoding would run into."""
    tensors = (*network.parameters(), *network.buffers())
    copied: Whisper = deepcopy(network, {id(tensor): tensor for tensor in tensors})
    return copied


def _encode(encoder: AudioEncoder, sound: torch.Tensor) -> torch.Tensor:
    """The encoder, one window at a time: a batch's intermediate values lie beyond the cache, which costs a tenth more
    time, and take more memory. The windows of an only batch have a core each."""
    return torch.cat(list(side_by_side(partial(_encode_window, encoder), sound[:, None])))


@torch.inference_mode()
def _encode_window(encoder: AudioEncoder, sound: torch.Tensor) -> torch.Tensor:
    """The encoder for one window. What the convolutions leave transposed is laid out in order once: otherwise every sum
    and norm after them reads across the rows, which costs a seventh of the whole."""
    x = F.gelu(encoder.conv2(F.gelu(encoder.conv1(sound)))).permute(0, 2, 1)
    x = (x + encoder.positional_embedding).to(x.dtype).contiguous()
    for block in encoder.blocks:
        attention, y = block.attn, block.attn_ln(x)
        query, key, value = (
            _heads(part(y), attention.n_head) for part in (attention.query, attention.key, attention.value)
        )
        mixed = F.scaled_dot_product_attention(query, key, value)
        x = x + attention.out(mixed.transpose(1, 2).flatten(2))
        x = x + block.mlp(block.mlp_ln(x))
    encoded: torch.Tensor = encoder.ln_post(x)
    return encoded


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


@dataclass(frozen=True)
class Reading:
    """What was kept while one window's text was read: tokens, their probabilities, and what the aligning heads asked.

    ``queries``: (heads, positions, width), scaled; ``keys``: of the sound, (heads, moments, width).
    """

    tokens: tuple[int, ...]
    probabilities: list[float]
    queries: torch.Tensor
    keys: torch.Tensor

    @property
    def attention(self) -> torch.Tensor:
        """The scores before softmax, float32, shape (heads, positions, moments), for all positions at once: a tenth of
        what they cost step by step, where each reads the keys, and for one window at a time, as they are 5 MB."""
        return (self.queries @ self.keys.transpose(-1, -2)).float().cpu()


class EncodedBatch:
    """The encoder's output of a batch, shape (windows, 1500, width), and what decoding it left for the alignment."""

    def __init__(self, features: torch.Tensor, network: TorchNetwork) -> None:
        self.features, self.network = features, network
        self.kept: dict[int, Reading] = {}

    def __len__(self) -> int:
        return int(self.features.shape[0])

    def __getitem__(self, rows: slice) -> EncodedBatch:
        return EncodedBatch(self.features[rows], self.network)


class GreedyDecoding:
    """The likeliest token at every step, for all windows of a batch at once.

    Keys and values of the sound are computed once; those of the text go into buffers of fixed size. Rows that have
    ended are dropped from the batch when half of it is idle. ``forced`` reads a given text instead of choosing.
    """

    def __init__(
        self,
        network: Whisper,
        encoded: EncodedBatch,
        prompt: Sequence[int],
        options: DecodingOptions,
        *,
        forced: tuple[int, ...] | None = None,
    ) -> None:
        self.network, self.encoded, self.prompt, self.options = network, encoded, list(prompt), options
        self.forced = forced
        self.decoder = network.decoder
        self.tokenizer = tokenizer_for(network.dims.n_vocab, "en")
        features = encoded.features
        self.device, self.dtype = features.device, features.dtype
        rows, length = len(encoded), len(prompt) + MOST_TOKENS + 1
        width, heads = network.dims.n_text_state, network.dims.n_text_head
        shape = (rows, heads, length, width // heads)
        self.rows = list(range(rows))
        self.aligning: list[list[int]] = [[] for _ in self.decoder.blocks]
        for layer, head in network.alignment_heads.indices().T.tolist():
            self.aligning[layer].append(head)
        self.aligning_keys: list[torch.Tensor] = []
        self.sound = [
            self._sound(block.cross_attn, heads)
            for block, heads in zip(self.decoder.blocks, self.aligning, strict=True)
        ]
        # Empty: what a text does not reach is never touched, half of it.
        self.text = [(features.new_empty(shape), features.new_empty(shape)) for _ in self.decoder.blocks]
        self.queries: list[list[torch.Tensor]] = [[] for _ in range(rows)]
        self.position = 0

    def run(self) -> list[Decoded]:
        """Decodes every row; leaves the readings in the batch for the alignment."""
        rows = len(self.encoded)
        eot = self.tokenizer.eot
        tokens: list[list[int]] = [[] for _ in range(rows)]
        probabilities: list[list[float]] = [[] for _ in range(rows)]
        totals = [0.0] * rows
        suppressed = [token for token in suppressed_tokens(self.tokenizer) if token <= eot]
        banned = torch.tensor(suppressed, device=self.device)
        at_first = torch.tensor([*suppressed, *self.tokenizer.encode(" "), eot], device=self.device)
        fed = torch.tensor([self.prompt] * rows, device=self.device)
        no_speech = [0.0] * rows
        ended = [False] * rows
        for step in range(MOST_TOKENS + 1):
            logits = self._forward(fed, every=step == 0)
            if step == 0 and self.tokenizer.no_speech is not None:
                no_speech = logits[:, 0].softmax(-1)[:, self.tokenizer.no_speech].tolist()
            chosen, chances, raw = self._choose(logits[:, -1, : eot + 1], banned if step else at_first, tokens)
            for place, row in enumerate(self.rows):
                if ended[row]:
                    continue
                if step < MOST_TOKENS:
                    totals[row] += chances[place]
                if chosen[place] == eot or step == MOST_TOKENS:
                    ended[row] = True
                else:
                    tokens[row].append(chosen[place])
                    probabilities[row].append(raw[place])
            following = [eot if ended[row] else tokens[row][-1] for row in self.rows]
            if all(ended):
                self._forward(torch.tensor(following, device=self.device)[:, None])  # the score of the end itself
                break
            fed = torch.tensor(self._drop_idle(ended, tokens, following), device=self.device)[:, None]
        self._keep(tokens, probabilities)
        return [
            Decoded(tuple(text), total / (len(text) + 1), silence)
            for text, total, silence in zip(tokens, totals, no_speech, strict=True)
        ]

    def read(self) -> Reading:
        """Reads the forced text of the only row at once."""
        assert self.forced is not None
        fed = torch.tensor([[*self.prompt, *self.forced, self.tokenizer.eot]], device=self.device)
        logits = self._forward(fed, every=True)[0, len(self.prompt) - 1 : -2, : self.tokenizer.eot]
        chances = logits.softmax(-1)[torch.arange(len(self.forced)), list(self.forced)].tolist()
        return self._reading(0, self.forced, chances)

    def _choose(
        self, logits: torch.Tensor, banned: torch.Tensor, tokens: list[list[int]]
    ) -> tuple[list[int], list[float], list[float]]:
        """The likeliest token of each row, its log probability, and its probability among text tokens.

        ``logits``, (rows, text tokens and the end), is overwritten; ``banned``: tokens that are not chosen.
        """
        peak = logits.amax(-1, keepdim=True)
        powers = (logits - peak).exp_()
        text = powers[:, :-1].sum(-1)
        for values, none in ((logits, -torch.inf), (powers, 0.0)):
            values.index_fill_(1, banned, none)
            if self.options.no_repeat:
                for place, row in enumerate(self.rows):
                    values[place, _repeats(tokens[row], self.options.no_repeat)] = none
        best = _likeliest(logits)
        above = (logits.gather(1, best[:, None]) - peak)[:, 0]
        return best.tolist(), (above - powers.sum(-1).log()).tolist(), (above.exp() / text).tolist()

    def _drop_idle(self, ended: list[bool], tokens: list[list[int]], following: list[int]) -> list[int]:
        """Takes ended rows out of every buffer once half the batch has ended, and returns the tokens of those left.

        A row is kept one step beyond its end, so that the score of its end token is there.
        """
        needed = len(self.prompt) + 1
        done = [ended[row] and self._length(row) >= needed + len(tokens[row]) for row in self.rows]
        if sum(done) * 2 < len(self.rows):
            return following
        left = [place for place, is_done in enumerate(done) if not is_done]
        index = torch.tensor(left, device=self.device)
        self.sound = [layer.keep(index) for layer in self.sound]
        self.text = [(keys.index_select(0, index), values.index_select(0, index)) for keys, values in self.text]
        self.rows = [self.rows[place] for place in left]
        return [following[place] for place in left]

    def _length(self, row: int) -> int:
        return sum(part.shape[1] for part in self.queries[row])

    def _keep(self, tokens: list[list[int]], probabilities: list[list[float]]) -> None:
        for row, text in enumerate(tokens):
            self.encoded.kept[row] = self._reading(row, tuple(text), probabilities[row])

    def _reading(self, row: int, text: tuple[int, ...], probabilities: list[float]) -> Reading:
        queries = torch.cat(self.queries[row], dim=1)[:, : len(self.prompt) + len(text) + 1]
        return Reading(text, probabilities, queries, torch.cat([keys[row] for keys in self.aligning_keys]))

    def _sound(self, attention: MultiHeadAttention, aligning: list[int]) -> SoundAttention:
        """Keys and values; in eight bits where these are faster and a text is decoded. The keys of the aligning heads
        are kept as they are."""
        features, heads = self.encoded.features, attention.n_head
        keys = attention.key.weight @ features.transpose(-1, -2)  # a channel's moments side by side, for EightBits
        keys = keys.unflatten(1, (heads, -1)).transpose(-1, -2)
        values = _heads(attention.value(features), heads)
        self.aligning_keys.append(keys[:, aligning])
        in_bytes = self.device.type == "cpu" and self.dtype == torch.bfloat16 and self.forced is None
        return EightBits.of(keys, values) if in_bytes else Whole(keys, values)

    def _forward(self, fed: torch.Tensor, *, every: bool = False) -> torch.Tensor:
        """Logits (rows, 1 or positions, vocabulary) in float32; keeps the aligning heads' queries of every position."""
        decoder, here = self.decoder, self.position
        end = here + fed.shape[1]
        x = (decoder.token_embedding(fed) + decoder.positional_embedding[here:end]).to(self.dtype)
        kept: list[torch.Tensor] = []
        for layer, block in enumerate(decoder.blocks):
            x = x + self._attend_text(block.attn, block.attn_ln(x), self.text[layer], here, end)
            mixed, asked = self._attend_sound(block.cross_attn, block.cross_attn_ln(x), layer)
            x = x + mixed
            x = x + block.mlp(block.mlp_ln(x))
            kept.append(asked)
        queries = torch.cat(kept, dim=1)
        for place, row in enumerate(self.rows):
            self.queries[row].append(queries[place])
        self.position = end
        x = decoder.ln(x if every else x[:, -1:])
        # The long matrix first: for few positions on a CPU half the time of the product the other way round.
        logits = (decoder.token_embedding.weight @ x.flatten(0, 1).T).T
        return logits.contiguous().float().unflatten(0, x.shape[:2])

    def _attend_text(
        self,
        attention: MultiHeadAttention,
        x: torch.Tensor,
        cache: tuple[torch.Tensor, torch.Tensor],
        here: int,
        end: int,
    ) -> torch.Tensor:
        keys, values = cache
        keys[:, :, here:end] = _heads(attention.key(x), attention.n_head)
        values[:, :, here:end] = _heads(attention.value(x), attention.n_head)
        query = _heads(attention.query(x), attention.n_head)
        mixed = F.scaled_dot_product_attention(query, keys[:, :, :end], values[:, :, :end], is_causal=end - here > 1)
        out: torch.Tensor = attention.out(mixed.transpose(1, 2).flatten(2))
        return out

    def _attend_sound(
        self, attention: MultiHeadAttention, x: torch.Tensor, layer: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The mixed values, and the scaled queries of the aligning heads."""
        query = _heads(attention.query(x), attention.n_head)
        mixed = self.sound[layer].attend(query)
        asked = query[:, self.aligning[layer]] * query.shape[-1] ** -0.5
        return attention.out(mixed.transpose(1, 2).flatten(2)), asked


def _likeliest(logits: torch.Tensor) -> torch.Tensor:
    """The place of the largest in each row; on a CPU by numpy, which takes a tenth of torch's time."""
    return torch.from_numpy(logits.numpy().argmax(-1)) if logits.device.type == "cpu" else logits.argmax(-1)


def _heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    """(rows, positions, width) to (rows, heads, positions, width / heads)."""
    split: torch.Tensor = x.unflatten(-1, (heads, -1))
    return split.transpose(1, 2)


def _repeats(tokens: Sequence[int], length: int) -> list[int]:
    """The tokens that would repeat a run of this length that has been said already."""
    if len(tokens) < length:
        return []
    tail = tuple(tokens[-(length - 1) :]) if length > 1 else ()
    runs = (tuple(tokens[at : at + length]) for at in range(len(tokens) - length + 1))
    return [run[-1] for run in runs if run[:-1] == tail]
