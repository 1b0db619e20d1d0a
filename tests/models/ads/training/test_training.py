import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from models.ads.training.corpus import Document, Mark, read_corpus, read_episodes
from models.ads.training.labels import CAPTION_FAR, labels_of
from models.ads.training.scoring import score_episode
from models.ads.training.validation import CANDIDATES, FOLDS, HeldOut, assign_folds, shared_marks
from pipeline.ads.finding.segments import KINDS, WordScores
from pipeline.timeline import Span, Word
from tests.paths import SHARED

DATA = SHARED / "data"
COPY = "go to the best little shop by the sea today and say hello"


def document(name: str, texts: list[str], *marks: Mark, source: str = "read") -> Document:
    words = tuple(Word(n * 0.5, n * 0.5 + 0.4, text) for n, text in enumerate(texts))
    spans = tuple(Span(words[m.first].start, words[m.last - 1].end) for m in marks if m.kind not in ("self", "mock"))
    return Document(name, name, source, words, marks, spans)  # type: ignore[arg-type]


def episode(name: str, *marks: Mark, count: int = 200) -> Document:
    return document(name, [f"word{n}" for n in range(count)], *marks)


def sure_scores(d: Document) -> WordScores:
    logits = np.zeros((len(d.words), len(KINDS)))
    logits[:, 0] = 6.0
    for mark in d.marks:
        logits[mark.first : mark.last, 0] = 0.0
        logits[mark.first : mark.last, KINDS.index(mark.kind)] = 6.0  # type: ignore[arg-type]
    edge = np.full(len(d.words), -3.0)
    kinds = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    return WordScores(kinds, edge, edge, kinds)


def test_every_show_has_one_fold_and_ads_are_spread() -> None:
    documents = [episode(f"show{n}", Mark(10, 40, "sponsor")) for n in range(25)]
    folds = assign_folds(documents)
    assert set(folds) == {d.show for d in documents}
    assert [list(folds.values()).count(fold) for fold in range(FOLDS)] == [5] * FOLDS
    assert folds == assign_folds(documents[::-1])


def test_an_ad_that_a_held_out_show_has_too_does_not_count() -> None:
    held = document("held", ["so", *COPY.split(), "bye"], Mark(1, 14, "sponsor"))
    copied = document("other", ["well", *COPY.split(), "bye"], Mark(1, 14, "sponsor"))
    alone = episode("alone", Mark(5, 20, "sponsor"))
    found = shared_marks([copied, alone], [held])
    assert found == {"other": copied.marks}
    assert not labels_of(copied, found["other"]).weight[1:14].any()
    assert labels_of(copied, found["other"]).weight[14] == 1.0


def test_labels_of_neighbouring_ads_have_one_start_and_one_end() -> None:
    labels = labels_of(episode("a", Mark(10, 20, "sponsor"), Mark(20, 30, "spot"), Mark(50, 60, "mock")))
    assert np.flatnonzero(labels.starts).tolist() == [10] and np.flatnonzero(labels.ends).tolist() == [29]
    assert labels.classes[[10, 20, 50]].tolist() == [1, 2, 0]


def test_what_is_far_from_the_one_ad_of_a_video_counts_little() -> None:
    words = [f"w{n}" for n in range(400)]
    weight = labels_of(document("v", words, Mark(10, 20, "ad"), source="captions")).weight
    assert weight[399] == pytest.approx(CAPTION_FAR) and weight[15] > weight[399]


def test_found_in_the_shows_own_call_counts_for_nobody_and_in_a_mock_ad_is_wrong() -> None:
    d = episode("a", Mark(10, 40, "sponsor"), Mark(100, 120, "self"), Mark(150, 170, "mock"))
    spans = [Span(d.words[m.first].start, d.words[m.last - 1].end) for m in d.marks]
    exact = score_episode(d, spans[:1])
    assert (exact.spans.right, exact.spans.wrong, exact.lost_s) == (1, 0, 0.0)
    own, mock = score_episode(d, spans[:2]), score_episode(d, [spans[0], spans[2]])
    assert (own.spans.wrong, own.lost_s) == (0, 0.0)
    assert mock.spans.wrong == 1 and mock.lost_s > 5


def test_settings_and_chances_come_from_the_other_groups_of_shows() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is needed for training only")
    documents = tuple(episode(f"show{n}", Mark(10, 40, "sponsor")) for n in range(10))
    held = HeldOut(documents, {d.id: sure_scores(d) for d in documents}, assign_folds(documents))
    assert held.choose(without=0) in CANDIDATES
    assert set(held.models()) == {d.id for d in documents}


def test_the_four_shapes_are_read(tmp_path: Path) -> None:
    def pack(path: Path, row: object) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(path, "wt") as out:
            out.write(json.dumps(row) + "\n")

    words = [[0, 0.4, "buy"], [0.5, 0.9, "this"], [1.0, 1.4, "now"]]
    ad = {"first": 0, "last": 1, "kind": "sponsor", "sponsor": "Acme"}
    pack(tmp_path / "ads-read/a.jsonl.gz", {"id": "a", "timed": True, "sure": False, "ads": [ad], "words": words})
    (tmp_path / "ads").mkdir()
    (tmp_path / "ads/b-1.json").write_text(json.dumps({"id": "b-1", "ads": [[0, 1]], "words": words}))
    text = [{"text": "Buy this .", "label": "B-AD"}, {"text": "We left .", "label": "O"}]
    pack(tmp_path / "ads-text/podcast-sentences.jsonl.gz", {"id": 1, "sentences": text})
    video = {"id": "v", "sponsor": [[0, 0.8, 9]], "words": [[0.0, "buy"], [0.9, "then"]]}
    pack(tmp_path / "ads-text/video-captions.jsonl.gz", video)
    read = read_corpus(tmp_path)
    assert [(d.source, d.marks) for d in read] == [
        ("read", (Mark(0, 2, "sponsor", "Acme"),)),
        ("bench", (Mark(0, 2, "ad"),)),
        ("sentences", (Mark(0, 2, "ad"),)),
        ("captions", (Mark(0, 1, "ad"),)),
    ]
    assert read[0].weight == 0.5 and not read[2].timed and read[2].words[1].text == "this."


@pytest.mark.skipif(not (DATA / "ads-read").exists(), reason=f"{DATA / 'ads-read'} is not here")
def test_the_labelled_episodes_are_as_their_readme_counts_them() -> None:
    documents = tuple(read_episodes(DATA / "ads-read"))
    assert len(documents) == 305 and len({d.show for d in documents}) == 77
    kinds = [mark.kind for d in documents for mark in d.marks]
    assert kinds.count("sponsor") == 439 and kinds.count("mock") == 21
