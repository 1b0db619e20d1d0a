from pathlib import Path

import pytest

from models.ad_corpus import Document, read_episodes, spaced
from models.ad_splices import Copy, splice, written_copy
from models.ad_validation import Folds, without_ads_of
from pipeline.timeline import Span

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
TALK = ["we", "walked", "along", "the", "river", "and", "nobody", "said", "a", "word", "until", "evening", "came."]


def document(name: str, texts: list[str], ads: tuple[Span, ...] = ()) -> Document:
    return Document(name, name, "episodes", tuple(spaced(texts, 0.0)), ads)


def test_spliced_ads_are_exactly_the_copy() -> None:
    marked = Copy((("BUY",) * 20,), (("LEAD",),), (("RETURN",),), (("LOOKALIKE",) * 9,), (), ())
    for seed in range(8):
        made = splice(document("show", TALK * 60), marked, seed=seed)
        for word in made.words:
            inside = any(ad.contains(word.middle) for ad in made.ads)
            assert inside == (word.text.upper() in ("BUY", "LEAD", "RETURN"))


def test_splicing_is_the_same_each_time() -> None:
    copy = written_copy()
    assert splice(document("show", TALK * 40), copy, seed=3) == splice(document("show", TALK * 40), copy, seed=3)


def test_written_copy_is_large_and_no_spot_is_a_lookalike() -> None:
    copy = written_copy()
    assert len(copy.spots) > 120 and len(copy.lookalikes) > 60
    assert not set(copy.spots) & set(copy.lookalikes)


def test_a_show_never_stands_on_both_sides() -> None:
    documents = [document(name, TALK) for name in ("a", "b", "c")]
    folds = Folds.of(documents)
    assert len({folds(d) for d in documents}) == 3


def test_ads_heard_in_the_held_out_show_leave_the_training_text() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is needed for training only")
    from models.ad_fitting import Example

    copy = ["try", "the", "golden", "pear", "cider", "that", "everyone", "is", "talking", "about", "this", "autumn"]
    spot = Span(0.0, len(copy) * 0.37)
    held = document("held", copy + TALK, (spot,))
    other = Example(document("other", copy + TALK, (spot,)), 0)
    assert len(without_ads_of(other, [held]).document.words) == len(TALK)
    assert without_ads_of(other, [document("third", TALK)]) is other


def test_the_development_episodes_are_read() -> None:
    if not (DATA / "ads").is_dir():
        pytest.skip(f"the development data is not at {DATA}")
    documents = list(read_episodes(DATA / "ads"))
    assert len(documents) == 7 and any(not d.ads for d in documents)
    assert all(a.end <= b.end + 30 for d in documents for a, b in zip(d.words, d.words[1:], strict=False))
