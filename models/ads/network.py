"""The network that marks each word: layers of MiniLM for the wording, convolutions for the minutes around it.

MiniLM reads windows of 128 wordpieces; its layers from ``FIXED_LAYERS`` on are fine-tuned. On its states a small
U-shaped head looks at words, at groups of four words with dilated convolutions (two minutes to either side), and at
groups of sixteen with a recurrent layer over the whole crop. Methods: Wang et al. 2020, MiniLM; van den Oord et al.
2016, dilated and gated convolutions; Ronneberger et al. 2015, U-Net.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.ads.features import SIDE

WINDOW = 128
"""Wordpieces that MiniLM reads at once: what it was trained with."""
WIDTH, HEADS, LAYERS = 384, 12, 6
FIXED_LAYERS = 2
"""The embedding and this many layers stay as they were published: they are shared with the sentence encoder."""
CHANNELS, RECURRENT = 96, 64
GROUP, FAR_GROUP = 4, 4  # words of a group; groups of a group
DILATIONS = (1, 2, 4, 8, 16, 32)
KINDS = 6  # none, sponsor, spot, promo, self, credits
OUTPUTS = KINDS + 2  # an ad starts with this word, an ad ends with this word
NORM_EPS = 1e-12
DROPOUT = 0.1

Weights = Mapping[str, Tensor]


class Embedding(nn.Module):
    """Wordpiece ids, shape (windows, WINDOW), to the input of the first layer; as published."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.words = weights["embeddings.word_embeddings.weight"].float()
        kind = weights["embeddings.token_type_embeddings.weight"][0].float()
        self.places = weights["embeddings.position_embeddings.weight"][:WINDOW].float() + kind
        self.scale = weights["embeddings.LayerNorm.weight"].float()
        self.shift = weights["embeddings.LayerNorm.bias"].float()

    def forward(self, pieces: Tensor) -> Tensor:
        states = self.words[pieces] + self.places[: pieces.shape[1]]
        return functional.layer_norm(states, (WIDTH,), self.scale, self.shift, NORM_EPS)


class Layer(nn.Module):
    """One layer of MiniLM, initialised from the published weights; windows are full, so there is no mask."""

    def __init__(self, weights: Weights, number: int) -> None:
        super().__init__()
        self.query, self.key, self.value, self.mixed = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.inner, self.outer = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.norm_mixed, self.norm_outer = (nn.LayerNorm(WIDTH, eps=NORM_EPS) for _ in range(2))
        published = {
            "attention.self.query": self.query, "attention.self.key": self.key, "attention.self.value": self.value,
            "attention.output.dense": self.mixed, "attention.output.LayerNorm": self.norm_mixed,
            "intermediate.dense": self.inner, "output.dense": self.outer, "output.LayerNorm": self.norm_outer,
        }  # fmt: skip
        for name, module in published.items():
            module.weight.data = weights[f"encoder.layer.{number}.{name}.weight"].float().clone()
            module.bias.data = weights[f"encoder.layer.{number}.{name}.bias"].float().clone()

    def forward(self, states: Tensor) -> Tensor:
        windows, pieces, _ = states.shape

        def heads(part: nn.Linear) -> Tensor:
            return part(states).view(windows, pieces, HEADS, -1).transpose(1, 2)

        near = (heads(self.query) * (WIDTH // HEADS) ** -0.5) @ heads(self.key).transpose(-1, -2)
        mixed = (torch.softmax(near, -1) @ heads(self.value)).transpose(1, 2).reshape(windows, pieces, WIDTH)
        states = self.norm_mixed(states + self.mixed(mixed))
        inner = functional.gelu(self.inner(states), approximate="tanh")
        return self.norm_outer(states + self.outer(inner))


class Block(nn.Module):
    """A gated, dilated convolution over three places, added to what it reads."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(CHANNELS)
        self.near = nn.Conv1d(CHANNELS, 2 * CHANNELS, 3, padding=dilation, dilation=dilation)
        self.out, self.dropout = nn.Linear(CHANNELS, CHANNELS), nn.Dropout(DROPOUT)

    def forward(self, states: Tensor, real: Tensor) -> Tensor:
        near = self.near((self.norm(states) * real).transpose(1, 2)).transpose(1, 2)
        return states + self.dropout(self.out(functional.glu(near, -1)))


class Head(nn.Module):
    """States of words, shape (crops, words, WIDTH), and side features to logits, shape (crops, words, OUTPUTS)."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.dropout = nn.Linear(WIDTH + SIDE, CHANNELS), nn.Dropout(DROPOUT)
        self.words = nn.ModuleList([Block(1), Block(2)])
        self.groups = nn.ModuleList([Block(dilation) for dilation in DILATIONS])
        self.episode = nn.GRU(CHANNELS, RECURRENT, batch_first=True, bidirectional=True)
        self.spread, self.join = nn.Linear(2 * RECURRENT, CHANNELS), nn.Linear(CHANNELS, CHANNELS)
        self.last, self.norm, self.out = Block(1), nn.LayerNorm(CHANNELS), nn.Linear(CHANNELS, OUTPUTS)

    def forward(self, states: Tensor, side: Tensor, real: Tensor) -> Tensor:
        """``real``: bool, shape (crops, words), False where a crop is padded; words are a multiple of 16."""
        mask = real[..., None].float()
        words = self.enter(torch.cat([self.dropout(states), side], -1))
        for block in self.words:
            words = block(words, mask)
        groups, group_mask = _grouped(words, mask)
        for block in self.groups:
            groups = block(groups, group_mask)
        crops, count, _ = groups.shape
        far = (self.norm(groups) * group_mask).view(crops, count // FAR_GROUP, FAR_GROUP, CHANNELS).mean(2)
        groups = groups + self.spread(self.episode(far)[0]).repeat_interleave(FAR_GROUP, 1)
        words = words + self.join(groups).repeat_interleave(GROUP, 1)
        return self.out(self.norm(self.last(words, mask)))


def _grouped(words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The mean of the real words of each group, and whether a group has any."""
    crops, count, channels = words.shape
    present = mask.view(crops, count // GROUP, GROUP, 1).sum(2)
    groups = (words * mask).view(crops, count // GROUP, GROUP, channels).sum(2)
    return groups / present.clamp(min=1), (present > 0).float()


class AdNetwork(nn.Module):
    """Wordpieces and side features to logits for each word."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.embedding = Embedding(weights)
        self.fixed = nn.ModuleList([Layer(weights, n) for n in range(FIXED_LAYERS)])
        self.tuned = nn.ModuleList([Layer(weights, n) for n in range(FIXED_LAYERS, LAYERS)])
        self.head = Head()
        self.fixed.requires_grad_(False)

    def forward(self, pieces: Tensor, first: Tensor, side: Tensor, real: Tensor) -> Tensor:
        """``pieces``: shape (crops, a multiple of WINDOW); ``first``: the first piece of each word."""
        with torch.no_grad():
            states = self.embedding(pieces.view(-1, WINDOW))
            if torch.is_autocast_enabled("cpu"):
                states = states.to(torch.bfloat16)
            for layer in self.fixed:
                states = layer(states)
        for layer in self.tuned:
            states = layer(states)
        states = states.reshape(len(pieces), -1, WIDTH)
        words = torch.gather(states, 1, first[..., None].expand(-1, -1, WIDTH)).float()
        return self.head(words, side, real)

    def learnt(self) -> dict[str, Tensor]:
        """What training changes: the tuned layers and the head, by name."""
        state = self.state_dict()
        return {name: state[name] for name in sorted(state) if name.startswith(("tuned.", "head."))}

    def tuned_parameters(self) -> Sequence[nn.Parameter]:
        return list(self.tuned.parameters())
