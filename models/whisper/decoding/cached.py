"""openai-whisper's decoder with what it has read kept: a step costs its own positions, not all before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from models.whisper.decoding.sound_attention import EightBits, SoundAttention, Whole

if TYPE_CHECKING:
    from whisper.model import MultiHeadAttention, Whisper


class CachedDecoder:
    """Reads texts, a row each, beside windows of sound; as many rows for each window, those of one side by side.

    Keys and values of the sound are computed once, those of the text go into buffers of fixed ``length``. ``features``:
    the encoder's output, (windows, moments, width); ``in_bytes``: keys and values of the sound in eight bits.
    """

    def __init__(self, network: Whisper, features: Tensor, length: int, *, in_bytes: bool = False) -> None:
        self.decoder, self.features, self.in_bytes = network.decoder, features, in_bytes
        self.aligning: list[list[int]] = [[] for _ in self.decoder.blocks]
        for layer, head in network.alignment_heads.indices().T.tolist():
            self.aligning[layer].append(head)
        self.aligning_keys: list[Tensor] = []
        self.sound = [
            self._sound(block.cross_attn, heads)
            for block, heads in zip(self.decoder.blocks, self.aligning, strict=True)
        ]
        width, heads = network.dims.n_text_state, network.dims.n_text_head
        shape = (len(features), heads, length, width // heads)
        # Empty: what a text does not reach is never touched, half of it.
        self.text = [(features.new_empty(shape), features.new_empty(shape)) for _ in self.decoder.blocks]
        self.position = 0

    def read(self, fed: Tensor, *, every: bool = False) -> tuple[Tensor, Tensor]:
        """Logits of the last position, or of all, (rows, positions, vocabulary) in float32, and what the aligning heads
        asked, scaled, (rows, heads, positions, width). ``fed``: tokens, (rows, positions)."""
        decoder, here = self.decoder, self.position
        end = here + fed.shape[1]
        x = (decoder.token_embedding(fed) + decoder.positional_embedding[here:end]).to(self.features.dtype)
        kept: list[Tensor] = []
        for layer, block in enumerate(decoder.blocks):
            x = x + self._attend_text(block.attn, block.attn_ln(x), self.text[layer], here, end)
            mixed, asked = self._attend_sound(block.cross_attn, block.cross_attn_ln(x), layer)
            x = x + mixed
            x = x + block.mlp(block.mlp_ln(x))
            kept.append(asked)
        self.position = end
        x = decoder.ln(x if every else x[:, -1:])
        # The long matrix first: for few positions on a CPU half the time of the product the other way round.
        logits = (decoder.token_embedding.weight @ x.flatten(0, 1).T).T
        return logits.contiguous().float().unflatten(0, x.shape[:2]), torch.cat(kept, dim=1)

    def keep(self, rows: list[int], windows: list[int]) -> None:
        """Go on with these rows, which may be the same one several times, and these windows, given by their places."""
        places, beside = (torch.tensor(each, device=self.features.device) for each in (rows, windows))
        if windows != list(range(len(self.features))):
            self.features = self.features.index_select(0, beside)
            self.sound = [layer.keep(beside) for layer in self.sound]
        if rows != list(range(len(self.text[0][0]))):
            self.text = [(self._kept(keys, places), self._kept(values, places)) for keys, values in self.text]

    def _kept(self, buffer: Tensor, rows: Tensor) -> Tensor:
        kept = buffer.new_empty(len(rows), *buffer.shape[1:])
        kept[:, :, : self.position] = buffer[:, :, : self.position].index_select(0, rows)
        return kept

    def _sound(self, attention: MultiHeadAttention, aligning: list[int]) -> SoundAttention:
        """Keys and values; the keys of the aligning heads are kept as they are."""
        features, heads = self.features, attention.n_head
        keys = attention.key.weight @ features.transpose(-1, -2)  # a channel's moments side by side, for EightBits
        keys = keys.unflatten(1, (heads, -1)).transpose(-1, -2)
        values = heads_of(attention.value(features), heads)
        self.aligning_keys.append(keys[:, aligning])
        return EightBits.of(keys, values) if self.in_bytes else Whole(keys, values)

    def _attend_text(
        self, attention: MultiHeadAttention, x: Tensor, cache: tuple[Tensor, Tensor], here: int, end: int
    ) -> Tensor:
        keys, values = cache
        keys[:, :, here:end] = heads_of(attention.key(x), attention.n_head)
        values[:, :, here:end] = heads_of(attention.value(x), attention.n_head)
        query = heads_of(attention.query(x), attention.n_head)
        mixed = F.scaled_dot_product_attention(query, keys[:, :, :end], values[:, :, :end], is_causal=end - here > 1)
        out: Tensor = attention.out(mixed.transpose(1, 2).flatten(2))
        return out

    def _attend_sound(self, attention: MultiHeadAttention, x: Tensor, layer: int) -> tuple[Tensor, Tensor]:
        """The mixed values, and the scaled queries of the aligning heads. The rows of a window are positions of it."""
        rows, positions, _ = x.shape
        query = heads_of(attention.query(x), attention.n_head)
        together = heads_of(query.transpose(1, 2).reshape(len(self.features), -1, x.shape[-1]), attention.n_head)
        mixed = self.sound[layer].attend(together).transpose(1, 2).reshape(rows, positions, -1)
        return attention.out(mixed), query[:, self.aligning[layer]] * query.shape[-1] ** -0.5


def heads_of(x: Tensor, heads: int) -> Tensor:
    """(rows, positions, width) to (rows, heads, positions, width / heads)."""
    split: Tensor = x.unflatten(-1, (heads, -1))
    return split.transpose(1, 2)
