"""The network that marks each word: convolutions and a recurrent layer over what MPNet reads.

On the states of words (`reader.py`) a small U-shaped head looks at words, at groups of four words with dilated
convolutions (two minutes to either side), and at groups of sixteen with a recurrent layer over the whole crop.
Methods: van den Oord et al. 2016, dilated and gated convolutions; Ronneberger et al. 2015, U-Net.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.ads.features import SIDE
from models.mpnet import WIDTH

CHANNELS, RECURRENT = 96, 64
GROUP, FAR_GROUP = 4, 4  # words of a group; groups of a group
DILATIONS = (1, 2, 4, 8, 16, 32)
KINDS = 6  # none, sponsor, spot, promo, self, credits
OUTPUTS = KINDS + 2  # an ad starts with this word, an ad ends with this word
DROPOUT, STATE_DROPOUT = 0.1, 0.2


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
        self.enter, self.dropout = nn.Linear(WIDTH + SIDE, CHANNELS), nn.Dropout(STATE_DROPOUT)
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
