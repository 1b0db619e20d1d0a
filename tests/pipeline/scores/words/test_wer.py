"""The three rates, and which words the ads take out of bounds."""

import jiwer
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.scores.case import Case, ReferenceWord
from pipeline.scores.words.characters import count_characters
from pipeline.scores.words.normalise import normalise, tokenise
from pipeline.scores.words.wer import score_words
from pipeline.timeline import CutList, Span, Word
from tests.pipeline.scores.strategies import DURATION, VOCABULARY, case, reference, words

NO_CUTS = CutList((), DURATION)

SHOW_A = ["the", "company", "made", "a", "plan", "and", "nobody", "liked", "it"]
AD = ["this", "episode", "is", "brought", "to", "you", "by", "the", "bank", "visit", "bank", "today"]
SHOW_B = ["welcome", "back", "we", "were", "talking", "about", "the", "plan"]


def spoken(*parts):
    """Words one second apart, and the span of each part."""
    found, spans, at = [], [], 0.0
    for part in parts:
        begin = at
        for text in part:
            found.append(Word(at + 0.1, at + 0.9, text))
            at += 1.0
        spans.append(Span(begin, at))
    return found, spans


def text(found):
    return normalise(" ".join(word.text for word in found))


@settings(max_examples=60)
@given(words(least=1), words())
def test_raw_is_what_jiwer_gives_on_the_normalised_texts(truth, found):
    assume(text(truth))
    theirs = jiwer.wer(text(truth), text(found))
    assert abs(score_words(case(truth), found, NO_CUTS).raw.errors.rate - theirs) < 1e-9


@settings(max_examples=40)
@given(words(least=1), words())
def test_without_ads_all_three_are_one(truth, found):
    scores = score_words(case(truth, ads=()), found, NO_CUTS)
    assert scores.masked.errors == scores.raw.errors == scores.pipeline.errors


@settings(max_examples=40)
@given(words(least=1))
def test_a_text_against_itself_has_no_errors(truth):
    assert score_words(case(truth), truth, NO_CUTS).raw.errors.errors == 0


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=15),
    words(),
    words(),
    st.integers(0, 30),
    st.integers(0, 8),
)
def test_masked_is_what_jiwer_gives_on_what_is_left(ad, truth, found, start, length):
    """Whatever is marked: the figure is of the two texts that remain, and nothing else."""
    marked = Case(
        "marked",
        words=(*reference(truth, in_ad=False), *(ReferenceWord(t, in_ad=True) for t in ad)),
        ads=(Span(start, start + length),),
    )
    scores = score_words(marked, found, NO_CUTS)
    left = [word for word, out in zip(found, scores.mask.found, strict=True) if not out]
    assume(text(truth))
    assert abs(scores.masked.errors.rate - jiwer.wer(text(truth), text(left))) < 1e-9


def test_marked_ads_are_out_on_both_sides():
    found, (_, ad, _) = spoken(SHOW_A, AD, SHOW_B)
    marked = Case("seed", words=tuple(ReferenceWord(w.text, in_ad=ad.contains(w.middle)) for w in found))
    broken = [word if index != 14 else Word(word.start, word.end, "bonk") for index, word in enumerate(found)]
    scores = score_words(marked, broken, CutList((ad,), 60.0))
    assert scores.raw.errors.errors == 1
    assert scores.masked.errors.errors == 0
    assert scores.masked.errors.words == len(SHOW_A) + len(SHOW_B)
    assert scores.pipeline.errors.errors == 0


def test_a_recording_without_the_marked_ad_loses_nothing():
    found, _ = spoken(SHOW_A, SHOW_B)
    marked = Case(
        "seed",
        words=tuple(ReferenceWord(t, in_ad=part is AD) for part in (SHOW_A, AD, SHOW_B) for t in part),
    )
    scores = score_words(marked, found, NO_CUTS)
    assert scores.raw.errors.deletions == len(AD)
    assert scores.masked.errors.errors == 0


def test_an_edited_reference_never_held_the_ad():
    """Only times are known; chance matches of the ad's words with the show's are undone."""
    found, (_, ad, _) = spoken(SHOW_A, AD, SHOW_B)
    edited = Case("edited", words=tuple(ReferenceWord(t) for t in (*SHOW_A, *SHOW_B)), ads=(ad,))
    scores = score_words(edited, found, NO_CUTS)
    assert scores.raw.errors.insertions == len(AD)
    assert scores.masked.errors.errors == 0
    assert scores.masked.errors.words == len(SHOW_A) + len(SHOW_B)
    assert scores.pipeline.errors.errors == len(AD)
    assert score_words(edited, found, CutList((ad,), 60.0)).pipeline.errors.errors == 0


def test_a_reference_that_holds_the_ad_without_marks_loses_it_by_time():
    found, (_, ad, _) = spoken(SHOW_A, AD, SHOW_B)
    whole = Case("whole", words=tuple(ReferenceWord(w.text) for w in found), ads=(ad,))
    scores = score_words(whole, found, CutList((ad,), 60.0))
    assert scores.masked.errors.words == len(SHOW_A) + len(SHOW_B)
    assert scores.masked.errors.errors == scores.pipeline.errors.errors == 0
    assert sum(scores.mask.reference) == len(AD)


def test_a_clock_that_is_off_at_the_edge_makes_no_errors():
    """The ad's span swallows the show's last word before it: out on both sides, or in on both."""
    found, (_, ad, _) = spoken(SHOW_A, AD, SHOW_B)
    early = Span(ad.start - 1.0, ad.end)
    for references in (
        Case("times", words=tuple(ReferenceWord(w.text) for w in found), ads=(early,)),
        Case("marks", words=tuple(ReferenceWord(w.text, in_ad=ad.contains(w.middle)) for w in found), ads=(early,)),
    ):
        assert score_words(references, found, NO_CUTS).masked.errors.errors == 0


def test_an_ad_that_an_edited_reference_lacks_may_be_marked_a_second_off():
    found, (_, ad, _) = spoken(SHOW_A, AD, SHOW_B)
    for start, end in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, 1), (1, -1)):
        off = Span(ad.start + 0.9 * start, ad.end + 0.9 * end)
        edited = Case("edited", words=tuple(ReferenceWord(t) for t in (*SHOW_A, *SHOW_B)), ads=(off,))
        assert score_words(edited, found, NO_CUTS).masked.errors.errors == 0, off


def test_words_heard_over_the_music_before_an_ad_go_by_their_time():
    found, (_, ad, _) = spoken(SHOW_A, ["hum", *AD], SHOW_B)
    marked = tuple(ReferenceWord(t, in_ad=part is AD) for part in (SHOW_A, AD, SHOW_B) for t in part)
    with_times = score_words(Case("t", words=marked, ads=(ad,)), found, NO_CUTS)
    without = score_words(Case("t", words=marked), found, NO_CUTS)
    assert with_times.masked.errors.insertions == 0
    assert without.masked.errors.insertions == 1


def test_timed_reference_words_are_marked_by_their_own_times():
    found, (_, ad, _) = spoken(SHOW_A, AD, SHOW_B)
    timed = tuple(ReferenceWord(w.text, span=Span(w.start, w.end)) for w in found)
    scores = score_words(Case("timed", words=timed, ads=(ad,)), found, NO_CUTS)
    assert sum(scores.mask.reference) == sum(scores.mask.found) == len(AD)


def test_content_that_is_cut_is_deleted_from_what_is_published():
    found, (show, _, _) = spoken(SHOW_A, AD, SHOW_B)
    plain = Case("plain", words=tuple(ReferenceWord(w.text) for w in found), ads=())
    scores = score_words(plain, found, CutList((Span(0.0, 3.0),), 60.0))
    assert scores.pipeline.errors.deletions == 3
    assert scores.masked.errors.errors == 0
    assert show.start == 0.0


def test_where_nothing_says_what_is_an_ad_masked_is_absent():
    found, _ = spoken(SHOW_A)
    scores = score_words(Case("plain", words=tuple(ReferenceWord(t) for t in SHOW_A)), found, NO_CUTS)
    assert scores.masked is None
    assert scores.pipeline.errors.errors == 0


def test_edges_nothing_heard_nothing_marked_all_ads():
    found, (whole,) = spoken(AD)
    assert score_words(Case("none"), found, NO_CUTS) is None
    silent = score_words(Case("silent", words=tuple(ReferenceWord(t) for t in SHOW_A)), (), NO_CUTS)
    assert silent.raw.errors.deletions == len(SHOW_A)
    all_ads = Case("ads", words=tuple(ReferenceWord(t, in_ad=True) for t in AD), ads=(whole,))
    scores = score_words(all_ads, found, NO_CUTS)
    assert scores.masked.errors.rate is None
    assert scores.masked.errors.words == 0


@settings(max_examples=30)
@given(words(least=1), words())
def test_characters_are_counted_as_jiwer_counts_them(truth, found):
    assume(text(truth))
    raw = score_words(case(truth), found, NO_CUTS).raw.alignment
    errors = count_characters(raw.reference, raw.found)
    assert abs(errors.rate - jiwer.cer(text(truth), text(found))) < 1e-9


def test_a_language_without_spaces_has_no_spaces_to_get_wrong():
    truth, found = tokenise(["東京に行く"], "ja"), tokenise(["東京へ", "行く"], "ja")
    assert count_characters(truth, found, language="ja").rate == 1 / 5
