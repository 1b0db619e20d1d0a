"""Which tokens a text is made of, and which of them may come next."""

from __future__ import annotations

import torch
from torch import Tensor

from models.whisper.transcription import suppressed_tokens, tokenizer_for


class TextTokens:
    """Whisper's tokens up to ``end``, the end of a text; those after it steer the network."""

    def __init__(self, n_vocab: int, device: torch.device) -> None:
        tokenizer = tokenizer_for(n_vocab, "en")
        self.end, self._no_speech = tokenizer.eot, tokenizer.no_speech
        never = [token for token in suppressed_tokens(tokenizer) if token <= self.end]
        self._never = torch.tensor(never, device=device)
        self._never_first = torch.tensor([*never, *tokenizer.encode(" "), self.end], device=device)

    def banned(self, *, at_first: bool) -> Tensor:
        """What cannot come next; a text does not begin with its end or with a blank."""
        return self._never_first if at_first else self._never

    def silence(self, logits: Tensor) -> list[float]:
        """The probability of no speech, read where the prompt begins: ``logits``, (rows, positions, vocabulary)."""
        if self._no_speech is None:
            return [0.0] * len(logits)
        silent: list[float] = logits[:, 0].softmax(-1)[:, self._no_speech].tolist()
        return silent
