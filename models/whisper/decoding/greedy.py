"""The likeliest token at every step, for all windows of a batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.whisper.decoding.cached import CachedDecoder
from models.whisper.decoding.tokens import TextTokens
from models.whisper.network import MOST_TOKENS, Decoded


@dataclass(frozen=True)
class Reading:
    """What was kept while one window's text was read: tokens, their probabilities, and what the aligning heads asked.

    ``queries``: (heads, positions, width), scaled; ``keys``: of the sound, (heads, moments, width).
    """

    tokens: tuple[int, ...]
    probabilities: list[float]
    queries: Tensor
    keys: Tensor

    @property
    def attention(self) -> Tensor:
        """The scores before softmax, float32, shape (heads, positions, moments), for all positions at once: a tenth of
        what they cost step by step, where each reads the keys, and for one window at a time, as they are 5 MB."""
        return (self.queries @ self.keys.transpose(-1, -2)).float().cpu()


def read_through(decoder: CachedDecoder, prompt: Sequence[int], text: Sequence[int], tokens: TextTokens) -> Reading:
    """Reads a given text beside the decoder's only window at once."""
    fed = torch.tensor([[*prompt, *text, tokens.end]], device=decoder.features.device)
    logits, queries = decoder.read(fed, every=True)
    chances = logits[0, len(prompt) - 1 : -2, : tokens.end].softmax(-1)[torch.arange(len(text)), list(text)]
    return Reading(tuple(text), chances.tolist(), queries[0], torch.cat([k[0] for k in decoder.aligning_keys]))


class GreedyDecoding:
    """The likeliest token at every step. Rows that have ended are dropped from the batch when half of it is idle.

    ``no_repeat``: a run of so many tokens does not come twice (0: it may).
    """

    def __init__(
        self, decoder: CachedDecoder, prompt: Sequence[int], tokens: TextTokens, *, no_repeat: int = 0
    ) -> None:
        self.decoder, self.prompt, self.tokens, self.no_repeat = decoder, list(prompt), tokens, no_repeat
        number = len(decoder.features)
        self.rows = list(range(number))
        self.queries: list[list[Tensor]] = [[] for _ in range(number)]
        self.texts: list[list[int]] = [[] for _ in range(number)]
        self.probabilities: list[list[float]] = [[] for _ in range(number)]

    def run(self) -> list[Decoded]:
        """Decodes every row."""
        device, end = self.decoder.features.device, self.tokens.end
        totals = [0.0 for _ in self.texts]
        ended = [False for _ in self.texts]
        silence = list(totals)
        fed = torch.tensor([self.prompt for _ in self.texts], device=device)
        for step in range(MOST_TOKENS + 1):
            logits = self._read(fed, every=step == 0)
            if step == 0:
                silence = self.tokens.silence(logits)
            chosen, chances, raw = self._choose(logits[:, -1, : end + 1], self.tokens.banned(at_first=step == 0))
            for place, row in enumerate(self.rows):
                if ended[row]:
                    continue
                if step < MOST_TOKENS:
                    totals[row] += chances[place]
                if chosen[place] == end or step == MOST_TOKENS:
                    ended[row] = True
                else:
                    self.texts[row].append(chosen[place])
                    self.probabilities[row].append(raw[place])
            following = [end if ended[row] else self.texts[row][-1] for row in self.rows]
            if all(ended):
                self._read(torch.tensor(following, device=device)[:, None])  # the score of the end itself
                break
            fed = torch.tensor(self._drop_idle(ended, following), device=device)[:, None]
        return [
            Decoded(tuple(text), total / (len(text) + 1), none)
            for text, total, none in zip(self.texts, totals, silence, strict=True)
        ]

    def readings(self) -> list[Reading]:
        """What was kept of each row."""
        keys, first = self.decoder.aligning_keys, len(self.prompt)
        return [
            Reading(
                tuple(text),
                self.probabilities[row],
                torch.cat(self.queries[row], dim=1)[:, : first + len(text) + 1],
                torch.cat([of_layer[row] for of_layer in keys]),
            )
            for row, text in enumerate(self.texts)
        ]

    def _read(self, fed: Tensor, *, every: bool = False) -> Tensor:
        """Logits; keeps the aligning heads' queries of every position."""
        logits, queries = self.decoder.read(fed, every=every)
        for place, row in enumerate(self.rows):
            self.queries[row].append(queries[place])
        return logits

    def _choose(self, logits: Tensor, banned: Tensor) -> tuple[list[int], list[float], list[float]]:
        """The likeliest token of each row, its log probability, and its probability among text tokens.

        ``logits``, (rows, text tokens and the end), is overwritten; ``banned``: tokens that are not chosen.
        """
        peak = logits.amax(-1, keepdim=True)
        powers = (logits - peak).exp_()
        text = powers[:, :-1].sum(-1)
        for values, none in ((logits, -torch.inf), (powers, 0.0)):
            values.index_fill_(1, banned, none)
            if self.no_repeat:
                for place, row in enumerate(self.rows):
                    values[place, repeats(self.texts[row], self.no_repeat)] = none
        best = _likeliest(logits)
        above = (logits.gather(1, best[:, None]) - peak)[:, 0]
        return best.tolist(), (above - powers.sum(-1).log()).tolist(), (above.exp() / text).tolist()

    def _drop_idle(self, ended: list[bool], following: list[int]) -> list[int]:
        """Takes ended rows out of every buffer once half the batch has ended, and returns the tokens of those left.

        A row is kept one step beyond its end, so that the score of its end token is there.
        """
        needed = len(self.prompt) + 1
        done = [ended[row] and self._length(row) >= needed + len(self.texts[row]) for row in self.rows]
        if sum(done) * 2 < len(self.rows):
            return following
        left = [place for place, is_done in enumerate(done) if not is_done]
        self.decoder.keep(left, left)
        self.rows = [self.rows[place] for place in left]
        return [following[place] for place in left]

    def _length(self, row: int) -> int:
        return sum(part.shape[1] for part in self.queries[row])


def _likeliest(logits: Tensor) -> Tensor:
    """The place of the largest in each row; on a CPU by numpy, which takes a tenth of torch's time."""
    return torch.from_numpy(logits.numpy().argmax(-1)) if logits.device.type == "cpu" else logits.argmax(-1)


def repeats(tokens: Sequence[int], length: int) -> list[int]:
    """The tokens that would repeat a run of this length that has been said already."""
    if len(tokens) < length:
        return []
    tail = tuple(tokens[-(length - 1) :]) if length > 1 else ()
    runs = (tuple(tokens[at : at + length]) for at in range(len(tokens) - length + 1))
    return [run[-1] for run in runs if run[:-1] == tail]
