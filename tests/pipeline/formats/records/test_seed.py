"""The seed format: the user's document, other people's, and the laws."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FormatError
from pipeline.formats.records.seed import (
    AdMark,
    Paragraph,
    in_ads,
    parse_ad_marks,
    parse_seed,
    without_ads,
)
from tests.paths import SEEDS

words = st.lists(st.from_regex(r"[a-z]{1,8}[.,?]?", fullmatch=True), min_size=1, max_size=12).map(" ".join)
labels = st.one_of(st.none(), st.integers(1, 12).map("Speaker {}".format))


def pairs(text):
    return [(p.speaker, p.text) for p in parse_seed(text).paragraphs]


def without_silent_lead(paragraphs):
    """An unlabelled paragraph below a label belongs to that label, so None can only lead."""
    lead = next((i for i, p in enumerate(paragraphs) if p.speaker), len(paragraphs))
    return tuple(p for i, p in enumerate(paragraphs) if p.speaker or i < lead)


@pytest.fixture
def seed():
    return parse_seed((SEEDS / "openai-code-red.txt").read_text("utf-8"))


def test_the_users_seed(seed):
    assert seed.title == "OpenAI's 'Code Red' Problem"
    assert seed.length == "20m"
    assert seed.description.startswith("OpenAI kickstarted the AI race")
    assert seed.description.endswith("megaphone.fm/adchoices")
    assert len(seed.paragraphs) == 139
    assert len(seed.text.split()) == 2887
    assert seed.speakers == tuple(f"Speaker {n}" for n in range(1, 9))
    assert seed.paragraphs[-1] == Paragraph("Speaker 1", "Thanks for listening. See you tomorrow.")
    assert "People love talking to it." in seed.paragraphs[35].text  # stood on a line of its own


def test_the_marks_on_the_users_seed(seed):
    marks = parse_ad_marks((SEEDS / "openai-code-red.ads.json").read_text("utf-8"), seed)
    assert {p.speaker for i, p in enumerate(seed.paragraphs) if in_ads(marks, i)} == {
        "Speaker 3",
        "Speaker 4",
        "Speaker 8",
    }
    kept = without_ads(seed, marks)
    assert {"Speaker 5", "Speaker 6", "Speaker 7"} < {p.speaker for p in kept}
    assert sum(len(p.text.split()) for p in kept) == 2887 - 311


def test_marks_made_for_another_transcript_are_refused(seed):
    with pytest.raises(FormatError, match="outside the 139 paragraphs"):
        parse_ad_marks('{"ads": [{"first": 100, "last": 200}]}', seed)
    with pytest.raises(FormatError, match="another transcript: words should be 2887, not 5"):
        parse_ad_marks('{"words": 5, "ads": []}', seed)
    with pytest.raises(FormatError, match="does not mark ads"):
        parse_ad_marks('[{"first": 1}]', seed)
    assert parse_ad_marks('{"ads": [{"first": 1, "last": 1}]}', seed) == (AdMark(1, 1),)


BARE = [("Ann Lee", "Hi."), ("Bo Day", "Ho."), ("Ann Lee", "A."), ("Bo Day", "B.")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("just words\nand more", [(None, "just words and more")]),
        ("one\n\ntwo", [(None, "one"), (None, "two")]),
        ("Speaker 1: Hi.\nSpeaker 2: Ho.", [("Speaker 1", "Hi."), ("Speaker 2", "Ho.")]),
        ("SPEAKER_00: Hi.\nSPEAKER_01: Ho.", [("SPEAKER_00", "Hi."), ("SPEAKER_01", "Ho.")]),
        ("Speaker 1 (00:12)\nHi there.", [("Speaker 1", "Hi there.")]),
        ("[00:12] Ann: Hi.\n[00:15] Bob: Ho.\n[00:17] Ann: Bye.", [("Ann", "Hi."), ("Bob", "Ho."), ("Ann", "Bye.")]),
        ("[00:12] Ann: Hi.\n\n[00:15] Bob: Ho.\n\n[00:17] Ann: A.", [("Ann", "Hi."), ("Bob", "Ho."), ("Ann", "A.")]),
        ("Ann: Hi.\n\nBob Lee: Ho.", [("Ann", "Hi."), ("Bob Lee", "Ho.")]),
        ("Speaker 1 Yes.\n\nRemember: never.", [("Speaker 1", "Yes."), ("Speaker 1", "Remember: never.")]),
        ("So he said this: no.\nAnd that: yes.", [(None, "So he said this: no. And that: yes.")]),
        ("Ann Lee Hi.\n\nBo Day Ho.\n\nAnn Lee A.\n\nBo Day B.", BARE),
        ("Ann Lee has news.\n\nAnn Lee is here.", [(None, "Ann Lee has news."), (None, "Ann Lee is here.")]),
        ("Speaker 1 A.\n\nB without a label.", [("Speaker 1", "A."), ("Speaker 1", "B without a label.")]),
        ("Speaker 5\n\nclip text", [("Speaker 5", "clip text")]),
        ("Speaker 1 2:30 is late.\n\nSpeaker 2 0:12\nYes.", [("Speaker 1", "2:30 is late."), ("Speaker 2", "Yes.")]),
        ("[0:01] [0:02] Hi.", [(None, "Hi.")]),
        ("Transcript\n\nSpeaker 1 Hi.", [("Speaker 1", "Hi.")]),
        ("Émile Zola: Oui.\nÉmile Zola: Non.", [("Émile Zola", "Oui."), ("Émile Zola", "Non.")]),
    ],
)
def test_what_is_a_label(text, expected):
    assert pairs(text) == expected


def test_a_header_without_the_transcript_line_is_known_by_its_length():
    seed = parse_seed("The Title\n45:10\nAbout it.\n\nSpeaker 1 Hi.")
    assert (seed.title, seed.length, seed.description) == ("The Title", "45:10", "About it.")
    assert seed.paragraphs == (Paragraph("Speaker 1", "Hi."),)


@pytest.mark.parametrize("text", ["", "  \n\n", "\ufeff", "Title\n\n20m\n\nTranscript\n", "Speaker 1\n\nSpeaker 2"])
def test_nothing_said_is_an_error_in_words(text):
    with pytest.raises(FormatError, match=r"^my\.txt: holds no transcript"):
        parse_seed(text, name="my.txt")


@pytest.mark.parametrize("word", ["A: ", "Ann Lee ", "[00:12] x ", "(("])
def test_a_line_of_a_hundred_thousand_words_is_read_in_a_moment(word):
    begun = time.process_time()
    assert parse_seed("Speaker 1 " + word * 100_000).paragraphs
    assert parse_seed(word * 100_000 + "\n" + word * 100_000).paragraphs
    assert time.process_time() - begun < 5


def test_binary_is_an_error_in_words():
    with pytest.raises(FormatError, match="not a text file"):
        parse_seed("\0\0")


@given(st.text(alphabet=st.sampled_from("aB :\n1.-[](),0é中Speaker "), max_size=300))
def test_any_text_is_a_transcript_or_one_clear_error(text):
    try:
        seed = parse_seed(text)
    except FormatError as error:
        assert "\n" not in str(error)
    else:
        assert all(p.text for p in seed.paragraphs)


@given(st.lists(words, min_size=1, max_size=6))
def test_no_word_of_a_plain_text_is_lost(lines):
    assert parse_seed("\n".join(lines)).text.split() == " ".join(lines).split()
