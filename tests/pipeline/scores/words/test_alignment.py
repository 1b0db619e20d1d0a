"""Alignments: counted as jiwer counts, shown as sclite shows them."""

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.words.alignment import Token, align, find_runs, join_compounds
from pipeline.scores.words.word_errors import WordErrors

texts = st.lists(st.sampled_from(["a", "b", "c", "d", "open", "ai", "openai", "the", "code", "red"]), max_size=25)
some = texts.filter(len)


def tokens(words):
    return [Token(word, index, index) for index, word in enumerate(words.split() if isinstance(words, str) else words)]


def brute_force(reference, found):
    """The edit distance by its definition."""
    row = list(range(len(found) + 1))
    for i, a in enumerate(reference, 1):
        above, row = row, [i]
        for j, b in enumerate(found, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b)))
    return row[-1]


@given(some, texts)
def test_counts_equal_jiwers(reference, found):
    theirs = jiwer.process_words(" ".join(reference), " ".join(found))
    ours = align(tokens(reference), tokens(found)).errors
    assert ours == WordErrors(theirs.hits, theirs.substitutions, theirs.deletions, theirs.insertions)
    assert abs(ours.rate - theirs.wer) < 1e-9


@given(texts, texts)
def test_the_distance_is_the_least_possible(reference, found):
    errors = align(tokens(reference), tokens(found)).errors
    assert errors.errors == brute_force(reference, found)
    assert (errors.words, errors.found) == (len(reference), len(found))


@given(texts)
def test_a_text_is_no_distance_from_itself(words):
    assert align(tokens(words), tokens(words)).errors == WordErrors(hits=len(words))


@given(texts, texts)
def test_pairs_walk_through_both_sides_in_order(reference, found):
    pairs = align(tokens(reference), tokens(found)).pairs
    assert [p.reference for p in pairs if p.reference is not None] == list(range(len(reference)))
    assert [p.found for p in pairs if p.found is not None] == list(range(len(found)))


@given(texts, texts)
def test_joining_compounds_never_adds_errors_or_changes_the_words(reference, found):
    alignment = align(tokens(reference), tokens(found))
    joined = join_compounds(alignment)
    assert joined.errors <= alignment.errors.errors
    assert joined.words == len(reference)


@pytest.mark.parametrize(
    ("reference", "found", "hits", "substitutions", "deletions", "insertions"),
    [  # worked by hand, in the manner of sclite's reports
        ("the cat sat on the mat", "the cat sat on the mat", 6, 0, 0, 0),
        ("the cat sat on the mat", "the cat on the mat", 5, 0, 1, 0),
        ("the cat sat on the mat", "the black cat sat on the mat", 6, 0, 0, 1),
        ("the cat sat on the mat", "the bat sat on a mat", 4, 2, 0, 0),
        ("a b c", "", 0, 0, 3, 0),
        ("", "a b", 0, 0, 0, 2),
        ("a b c d", "b c d e", 3, 0, 1, 1),
        ("we will meet at noon", "will we meet noon", 3, 0, 2, 1),
    ],
)
def test_examples_by_hand(reference, found, hits, substitutions, deletions, insertions):
    errors = align(tokens(reference), tokens(found)).errors
    assert errors == WordErrors(hits, substitutions, deletions, insertions)


@pytest.mark.parametrize(
    ("reference", "found", "plain", "joined"),
    [
        ("open ai is big", "openai is big", 2, 0),
        ("openai is big", "open ai is big", 2, 0),
        ("use g p t 4 now", "use gpt4 now", 4, 0),
        ("the open ai memo", "the openai memos", 3, 1),
        ("a b c", "a x c", 1, 1),
    ],
)
def test_compounds_count_as_one_spelling(reference, found, plain, joined):
    alignment = align(tokens(reference), tokens(found))
    assert alignment.errors.errors == plain
    assert join_compounds(alignment).errors == joined


def test_an_ad_left_in_is_one_run_although_small_words_match_inside():
    show = ["we", "talked", "about", "the", "memo", "and", "what", "it", "means", "for", "the", "company"]
    ad = [
        "this",
        "show",
        "is",
        "brought",
        "to",
        "you",
        "by",
        "the",
        "bank",
        "that",
        "is",
        "made",
        "for",
        "people",
        "on",
        "the",
        "go",
    ]
    found = show[:5] + ad + show[5:]
    (run,) = find_runs(align(tokens(show), tokens(found)))
    assert run.kind == "insertion"
    assert run.words == len(ad)


def test_short_gaps_are_no_runs():
    alignment = align(tokens("a b c d e f g h"), tokens("a b g h"))
    assert find_runs(alignment) == ()
    assert [run.words for run in find_runs(alignment, least=4)] == [4]
