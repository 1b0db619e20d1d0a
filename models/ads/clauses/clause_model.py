"""The second reader: boosted trees over hashed words, cues and repeats judge each clause, and with it its words.

It errs otherwise than the network: it knows the wording of ads and little of what words mean. The mean of both is
better than either (docs/ads.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from models.ads.clauses.clause_features import join_features, surroundings, word_scores
from models.ads.clauses.clauses import spoken_units
from models.ads.clauses.copies import repeated_tokens
from models.ads.clauses.lexicon import HashedText, Lexicon
from models.ads.clauses.trees import Forest
from pipeline.timeline import Word

FORESTS = ("inside", "starts", "ended")
TREE_CHUNK = 1024  # clauses walked down the trees at once: bounds the memory of a long episode
UNLIKELY = -6.0
"""Log-odds of a word without a clause to be ad, and of an edge inside a clause."""


@dataclass(frozen=True, slots=True)
class ClauseModel:
    """The lexicon hears the words, one forest a question judges clauses in their place."""

    lexicon: Lexicon
    forests: tuple[Forest, Forest, Forest]

    def score(self, words: Sequence[Word]) -> np.ndarray:
        """Log-odds of each word: inside an ad, the first of an ad, the last of an ad; float64, shape (n, 3)."""
        scores = np.full((len(words), 3), UNLIKELY)
        units, spoken = spoken_units(words)
        if not units:
            return scores
        text = HashedText(units, repeated_tokens(units))
        features = join_features(word_scores(text, self.lexicon), surroundings(units, spoken))
        chunks = [features[n : n + TREE_CHUNK] for n in range(0, len(features), TREE_CHUNK)]
        judged = np.concatenate([np.stack([f.score(chunk) for f in self.forests], axis=1) for chunk in chunks])
        index = {id(word): n for n, word in enumerate(words)}
        for unit, (inside, starts, ended) in zip(units, judged, strict=True):
            first, last = index[id(spoken[unit.first])], index[id(spoken[unit.last - 1])] + 1
            scores[first:last, 0] = inside
            scores[first, 1] = starts
            if first:
                scores[first - 1, 2] = ended
        return scores

    def arrays(self) -> dict[str, np.ndarray]:
        """What is stored, by name."""
        lexicon = self.lexicon
        found = {
            "lexicon.rarity": lexicon.rarity.astype(np.float16),
            "lexicon.clause": lexicon.clause.astype(np.float16),
            "lexicon.passage": lexicon.passage.astype(np.float16),
            "lexicon.biases": np.array([lexicon.clause_bias, lexicon.passage_bias]),
        }
        for name, forest in zip(FORESTS, self.forests, strict=True):
            found |= {f"{name}.{f.name}": np.asarray(getattr(forest, f.name)) for f in fields(Forest)}
        return found

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> ClauseModel:
        """The model from what was stored."""
        rarity, clause, passage = (arrays[f"lexicon.{n}"].astype(np.float32) for n in ("rarity", "clause", "passage"))
        biases = arrays["lexicon.biases"]
        lexicon = Lexicon(rarity, clause, passage, float(biases[0]), float(biases[1]))
        inside, starts, ended = (_forest(arrays, name) for name in FORESTS)
        return cls(lexicon, (inside, starts, ended))


def _forest(arrays: Mapping[str, np.ndarray], name: str) -> Forest:
    parts = {f.name: arrays[f"{name}.{f.name}"] for f in fields(Forest)}
    return Forest(**{**parts, "base": float(parts["base"]), "deepest": int(parts["deepest"])})  # type: ignore[arg-type]
