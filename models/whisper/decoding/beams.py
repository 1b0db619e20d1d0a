"""Beam search over a batch of windows, by the rules of openai-whisper's, which can do one window at a time.

Its own code keeps a copy of the sound's keys for each beam and casts all weights to float32 at every step. Here the
beams of a window share these, and windows share the reading of the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from models.whisper.decoding.cached import CachedDecoder
from models.whisper.decoding.tokens import TextTokens
from models.whisper.network import MOST_TOKENS, Decoded

Text = tuple[int, ...]


@dataclass
class Beams:
    """The search in one window: the likeliest texts that go on, their log probabilities, and those that have ended."""

    most: int
    texts: list[Text] = field(default_factory=lambda: [()])
    totals: list[float] = field(default_factory=lambda: [0.0])
    ended: dict[Text, float] = field(default_factory=dict)

    def advance(self, tokens: Sequence[Sequence[int]], chances: Sequence[Sequence[float]], *, end: int) -> list[int]:
        """Each text goes on with each of its likeliest ``tokens``; the best stay. From which text each of them comes.

        ``chances``: log probabilities of these tokens.
        """
        found = [
            (total + chance, text, token, source)
            for source, (text, total) in enumerate(zip(self.texts, self.totals, strict=True))
            for token, chance in zip(tokens[source], chances[source], strict=True)
        ]
        found.sort(key=lambda each: -each[0])
        texts: list[Text] = []
        totals: list[float] = []
        sources: list[int] = []
        for total, text, token, source in found:
            if token == end:
                if len(self.ended) < self.most:
                    self.ended[text] = total
                continue
            texts.append((*text, token))
            totals.append(total)
            sources.append(source)
            if len(texts) == self.most:
                break
        self.texts, self.totals = texts, totals
        return sources

    @property
    def is_done(self) -> bool:
        """Whether as many texts have ended as were sought at once."""
        return len(self.ended) >= self.most

    def best(self) -> tuple[Text, float]:
        """The text with the highest mean log probability of a token, and its whole log probability.

        Texts that have not ended fill the places of those that have.
        """
        going = sorted(zip(self.totals, self.texts, strict=True), key=lambda each: -each[0])
        found = {**self.ended, **{text: total for total, text in going[: max(0, self.most - len(self.ended))]}}
        text = max(found, key=lambda each: found[each] / max(1, len(each)))
        return text, found[text]


def search(decoder: CachedDecoder, prompt: Sequence[int], tokens: TextTokens, *, beams: int) -> list[Decoded]:
    """The likeliest text that ``beams`` texts at once find for each window of the decoder, which has read nothing."""
    device = decoder.features.device
    windows = [Beams(beams) for _ in decoder.features]
    live = windows
    fed = torch.tensor([list(prompt)] * len(windows), device=device)
    silence = [0.0] * len(windows)
    for step in range(MOST_TOKENS):
        logits, _ = decoder.read(fed, every=step == 0)
        if step == 0:
            silence = tokens.silence(logits)
        chances, chosen = _likeliest(logits[:, -1], tokens.banned(at_first=step == 0), tokens.end, beams + 1)
        rows: list[int] = []
        going: list[int] = []
        each = len(chosen) // len(live)
        for place, window in enumerate(live):
            own = slice(place * each, (place + 1) * each)
            sources = window.advance(chosen[own], chances[own], end=tokens.end)
            if not window.is_done:
                going.append(place)
                rows += [own.start + source for source in sources]
        if not going:
            break
        decoder.keep(rows, going)
        live = [live[place] for place in going]
        fed = torch.tensor([text[-1:] for window in live for text in window.texts], device=device)
    found = [window.best() for window in windows]
    return [Decoded(text, total / (len(text) + 1), none) for (text, total), none in zip(found, silence, strict=True)]


def _likeliest(logits: Tensor, banned: Tensor, end: int, count: int) -> tuple[list[list[float]], list[list[int]]]:
    """Log probabilities and numbers of each row's likeliest tokens. ``logits``, (rows, vocabulary), is overwritten."""
    logits = logits[:, : end + 1].index_fill_(1, banned, float("-inf"))
    best, numbers = logits.topk(count)
    return (best - logits.logsumexp(-1, keepdim=True)).tolist(), numbers.tolist()
