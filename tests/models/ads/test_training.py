from pathlib import Path

import numpy as np
import pytest

from models.ads.corpus import SECONDS_PER_WORD, Document, read_episodes, spaced
from models.ads.report import describe, row_of
from models.ads.splices import Copy, splice, written_copy
from models.ads.validation import Folds, HeldOut, without_ads_of
from pipeline.ads.clauses import spoken_units
from pipeline.timeline import Span
from tests.paths import SHARED

DATA = SHARED / "data"
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


def test_campaigns_and_clips_are_heard_twice_in_some_episodes() -> None:
    spots = tuple((f"BRAND{n}", *("BUY",) * 19) for n in range(300))
    marked = Copy(spots, (("LEAD",),), (("RETURN",),), (("LOOKALIKE",) * 9,), (), ())
    numbered = [f"word{n}{'.' * (n % 9 == 8)}" for n in range(3000)]
    made = [[w.text.lower() for w in splice(document("show", numbered), marked, seed=s).words] for s in range(12)]
    assert any(texts.count(brand) > 1 for texts in made for brand in set(texts) if brand.startswith("brand"))
    assert any(texts.count(word) > 1 for texts in made for word in set(texts) if word.startswith("word"))


def test_splicing_is_the_same_each_time() -> None:
    copy = written_copy()
    assert splice(document("show", TALK * 40), copy, seed=3) == splice(document("show", TALK * 40), copy, seed=3)


def test_written_copy_is_large_and_no_spot_is_a_lookalike() -> None:
    copy = written_copy()
    assert len(copy.spots) > 900 and len(copy.lookalikes) > 500
    assert not set(copy.spots) & set(copy.lookalikes)


def test_a_show_never_stands_on_both_sides() -> None:
    documents = [document(name, TALK) for name in ("a", "b", "c")]
    folds = Folds.of(documents)
    assert len({folds(d) for d in documents}) == 3


def test_ads_heard_in_the_held_out_show_leave_the_training_text() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is needed for training only")
    from models.ads.fitting import Example

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


def told(name: str, spot: str) -> Document:
    """A show with one spot in the middle."""
    words = TALK * 12 + spot.split() + TALK * 12
    start = len(TALK) * 12 * SECONDS_PER_WORD
    return document(name, words, (Span(start, start + len(spot.split()) * SECONDS_PER_WORD),))


TASTE = "It tastes like summer, my kids ask for it every day, and nobody has to cook. "
SHOWS = (
    told("one", f"This episode is brought to you by Zestora. {TASTE}Go to zestora.com and use code RIVER today."),
    told("two", f"Support for us comes from Larkwell. {TASTE}Visit larkwell.com today for twenty percent off."),
    told("three", f"Today's sponsor is Calmline. {TASTE}Sign up at calmline.com with code HALF. Terms apply."),
)


def known(documents: tuple[Document, ...], *, sure: float = 4.0) -> HeldOut:
    """Scores that know the truth."""
    scores = {}
    for d in documents:
        inside = [any(ad.contains(unit.middle) for ad in d.ads) for unit in spoken_units(d.words)[0]]
        scores[d.id] = np.column_stack([np.where(inside, sure, -sure), np.zeros(len(inside)), np.zeros(len(inside))])
    return HeldOut(documents, scores)


def test_scores_that_know_the_truth_find_every_ad() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is needed for training only")
    held = known(SHOWS)
    for d in SHOWS:
        (ad,) = held.ads(d)
        assert row_of(d, [ad]).f1 == 1.0
    report = describe(held, (held, held))
    assert "| 1.000 | 1.000 | 1.000 | 1.000 |" in report
    assert "Each of the 2 trainings alone: F0.5 1.000 ± 0.000." in report


def test_settings_for_a_show_do_not_depend_on_it() -> None:
    right, wrong = known(SHOWS), known(SHOWS)
    spoiled = HeldOut(SHOWS, {**wrong.scores, "one": -wrong.scores["one"]})
    assert right.choose(without_show="one") == spoiled.choose(without_show="one")


def test_training_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is needed for training only")
    from models.ads.training import train

    for name in ("first", "again"):
        train(SHOWS, known(SHOWS), 1).save(tmp_path / f"{name}.npz")
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "again.npz").read_bytes()
