"""Train the ad model from a folder of labelled transcripts: `python -m models.train_ads DATA`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.ad_corpus import Document, read_episodes, read_sentences
from models.ad_model import ARTIFACT, TrainedAdModel
from models.ad_splices import splice, with_real_spots, written_copy
from pipeline.stages.ad_lexicon import LEXICON_SIZE, VIEW_SIZE, VIEWS, lexical_features
from pipeline.stages.ad_units import split_units

SPLICES_PER_DOCUMENT = 2
INVERSE_REGULARISATION = 8.0


def label_units(document: Document) -> tuple[list[np.ndarray], np.ndarray]:
    """The features of each unit, and whether at least half of its words are ad."""
    units = split_units(document.words)
    middles = np.array([word.middle for word in document.words])
    is_ad = np.zeros(len(middles), bool)
    for ad in document.ads:
        is_ad |= (middles >= ad.start) & (middles < ad.end)
    return lexical_features(units), np.array([is_ad[u.first : u.last].mean() >= 0.5 for u in units])


def train(documents: Sequence[Document]) -> TrainedAdModel:
    """The lexical model of these documents and of episodes spliced from them."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    copy = with_real_spots(written_copy(), documents)
    made = [splice(d, copy, seed=seed) for d in documents for seed in range(SPLICES_PER_DOCUMENT)]
    labelled = [label_units(d) for d in [*documents, *made]]
    rows = [row for rows, _ in labelled for row in rows]
    truth = np.concatenate([labels for _, labels in labelled])
    indices = np.concatenate(rows)
    lengths = np.array([len(row) for row in rows])
    rarity = np.log((len(rows) + 1) / (np.bincount(indices, minlength=LEXICON_SIZE) + 1)) + 1
    values = rarity[indices]
    block = np.repeat(np.arange(len(rows)), lengths) * VIEWS + indices // VIEW_SIZE
    values /= np.sqrt(np.bincount(block, values**2, minlength=len(rows) * VIEWS))[block]
    features = csr_matrix((values, indices, np.cumsum([0, *lengths])), shape=(len(rows), LEXICON_SIZE))
    fitted = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=100, solver="liblinear").fit(features, truth)
    return TrainedAdModel(fitted.coef_[0], rarity, float(fitted.intercept_[0]), prior=-1.5, switch_cost=4.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with ads/*.json and ads-text/podcast-sentences.jsonl.gz")
    parser.add_argument("--out", type=Path, default=ARTIFACT)
    args = parser.parse_args()
    documents = [
        *read_episodes(args.data / "ads"),
        *read_sentences(args.data / "ads-text" / "podcast-sentences.jsonl.gz"),
    ]
    train(documents).save(args.out)


if __name__ == "__main__":
    main()
