"""all-MiniLM-L6-v2: sentences to vectors, with the forward pass written out.

The network is plain BERT with six layers. Written here in sixty lines of torch it starts in a third of the time of
`transformers` (which imports torchaudio, tensorflow or flax if it finds them) and has one dependency less to follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

WIDTH = 384
HEADS = 12
LAYERS = 6
LAYER_NORM_EPS = 1e-12
SENTENCE_TOKENS = 128  # what the published model was trained with; the rest of a longer sentence is not read
BATCH_TOKENS = 1024  # sentences x longest of one batch, each on a core of its own (4096: a half more CPU seconds)


def read_tokenizer(folder: Path, longest: int | None = None) -> Tokenizer:
    """The tokenizer beside a network's weights, without padding; of a text it gives ``longest`` pieces at most."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    if longest is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(longest)
    tokenizer.no_padding()
    return tokenizer


class MiniLmNetwork:
    """The layers of MiniLM; ``weights`` maps the names of the published safetensors file to tensors."""

    def __init__(self, weights: dict[str, torch.Tensor]) -> None:
        self.weights = weights

    @classmethod
    def load(cls, folder: Path) -> MiniLmNetwork:
        from safetensors.torch import load_file

        return cls({name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()})

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """Token ids, shape (batch, tokens), to the input of the first layer, shape (batch, tokens, 384)."""
        w = self.weights
        positions = w["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = w["embeddings.token_type_embeddings.weight"][0]
        return self._norm(w["embeddings.word_embeddings.weight"][ids] + positions + kind, "embeddings.LayerNorm")

    def run(self, states: torch.Tensor, mask: torch.Tensor, *, first: int = 0, last: int = LAYERS) -> torch.Tensor:
        """States through the layers ``first`` to ``last`` (exclusive); ``mask``: bool, True where there is a token."""
        for layer in range(first, last):
            states = self._layer(states, mask, f"encoder.layer.{layer}.")
        return states

    def _layer(self, states: torch.Tensor, mask: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn.functional import gelu, scaled_dot_product_attention

        batch, tokens, _ = states.shape

        def heads(part: str) -> torch.Tensor:
            return self._linear(states, f"{name}attention.self.{part}").view(batch, tokens, HEADS, -1).transpose(1, 2)

        mixed = scaled_dot_product_attention(
            heads("query"), heads("key"), heads("value"), attn_mask=mask[:, None, None, :]
        )
        attended = self._linear(mixed.transpose(1, 2).reshape(batch, tokens, WIDTH), f"{name}attention.output.dense")
        states = self._norm(states + attended, f"{name}attention.output.LayerNorm")
        inner = gelu(self._linear(states, f"{name}intermediate.dense"))
        return self._norm(states + self._linear(inner, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _linear(self, states: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn.functional import linear

        return linear(states, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, states: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn.functional import layer_norm

        return layer_norm(
            states, (WIDTH,), self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], LAYER_NORM_EPS
        )


class MiniLmEncoder:
    """The SentenceEncoder port over all-MiniLM-L6-v2; ``folder`` defaults to where the weights are kept."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            from models.weights.installed import locate

            folder = locate("minilm")
        self.folder = folder

    @cached_property
    def network(self) -> MiniLmNetwork:
        return MiniLmNetwork.load(self.folder)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return read_tokenizer(self.folder, SENTENCE_TOKENS)

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """One vector of unit length a sentence: float32, shape (n, 384)."""
        vectors = np.zeros((len(sentences), WIDTH), np.float32)
        if not sentences:
            return vectors
        from models.parallel import side_by_side

        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(list(sentences))]
        batches = batches_by_length([len(i) for i in ids], BATCH_TOKENS)
        encode = partial(_encode_batch, self.network)
        encoded = side_by_side(encode, [[ids[i] for i in batch] for batch in batches])
        for batch, found in zip(batches, encoded, strict=True):
            vectors[batch] = found
        return vectors


def _encode_batch(network: MiniLmNetwork, ids: list[list[int]]) -> np.ndarray:
    import torch

    padded, mask = pad(ids)
    with torch.inference_mode():
        tokens, present = torch.from_numpy(padded), torch.from_numpy(mask)
        states = network.run(network.embed(tokens), present)
        weights = present[:, :, None].float()
        pooled = (states * weights).sum(1) / weights.sum(1)
        vectors: np.ndarray = torch.nn.functional.normalize(pooled, dim=1).numpy()
    return vectors


def pad(ids: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of different lengths as one int64 array and the bool mask of what is real, both shape (rows, longest)."""
    longest = max(len(row) for row in ids)
    padded = np.zeros((len(ids), longest), np.int64)
    mask = np.zeros((len(ids), longest), bool)
    for n, row in enumerate(ids):
        padded[n, : len(row)] = row
        mask[n, : len(row)] = True
    return padded, mask


def batches_by_length(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Indices grouped so that a group's size times its longest member stays within ``budget``, like with like.

    >>> batches_by_length([3, 9, 3, 4], 9)
    [[0, 2], [3], [1]]
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if groups and (len(groups[-1]) + 1) * lengths[index] <= budget:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups
