"""Every kind of edit: what it changes, what it leaves alone, and how it is found again in another run's result."""

import json
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.errors import FormatError
from pipeline.formats.records.plain import to_plain
from pipeline.library.edits.apply import apply_edits
from pipeline.library.edits.describe import describe_edit
from pipeline.library.edits.history import History, parse_edits, parse_history, print_history
from pipeline.library.edits.kinds import (
    AdAbout,
    AdEdges,
    AdVerdict,
    ChaptersSet,
    MentionsSet,
    NotesSet,
    PhraseCorrected,
    VoiceNamed,
    VoicesMerged,
    WordsCorrected,
    WordsGiven,
)
from pipeline.library.edits.on_voices import anchors_of
from pipeline.result import AdSpan, Chapter, Episode, Mention, Notes, Quote, Result, Speaker
from pipeline.timeline import CutList, Span, Transcript, Turn, Word

SAID = (
    ("Speaker 1", "Welcome to the show with Jo Braun today."),
    ("Speaker 2", "Thanks, I am Jo Braun and Braun's bread rises."),
    ("Speaker 3", "Buy our mixer now."),
    ("Speaker 1", "That was all."),
)


def found(labels=("Speaker 1", "Speaker 2", "Speaker 3")) -> Result:
    """Four turns of a second a word; the third is an ad that is held."""
    words, turns, time = [], [], 0.0
    for label, text in SAID:
        label = labels[int(label[-1]) - 1]
        start = time
        for token in text.split():
            words.append(Word(time, time + 0.9, token, 0.8, label))
            time += 1.0
        turns.append(Turn(start, time - 0.1, label))
    ad = AdSpan(17.0, 20.9, 0.6, "spot", verdict="hold")
    return Result(
        Episode("e", "a.wav", time, "hash", title="Bread"),
        Transcript(tuple(words), "en", "m"),
        tuple(turns),
        tuple(Speaker(label) for label in labels),
        (ad,),
        CutList((), time),
        (Chapter(0.0, time, "Jo Braun"),),
        Notes(
            points=(Quote(8.0, 16.9, "I am Jo Braun.", labels[1]), Quote(17.0, 20.9, "Buy our mixer now.", labels[2]))
        ),
    )


def plan(ads):
    return CutList.of([Span(ad.start, ad.end) for ad in ads if ad.verdict == "cut"], duration=24.0)


def edited(*edits, of=None):
    return apply_edits(of or found(), edits, plan=plan)


def text(result):
    return result.transcript.text


def voice(label, of=None):
    return anchors_of(of or found())[label]


def test_without_edits_nothing_changes():
    assert edited().result == found() and edited().unmet == ()


def test_a_verdict_cuts_and_takes_the_quotes_along():
    result = edited(AdVerdict(17.0, 20.9, "cut")).result
    assert [ad.verdict for ad in result.ads] == ["cut"] and result.cuts.removed == (Span(17.0, 20.9),)
    assert [quote.text for quote in result.notes.points] == ["I am Jo Braun."]
    assert edited(AdVerdict(2.0, 3.0, "keep")).unmet == (0,), "there is nothing to keep"


def test_an_ad_is_moved_described_and_found_again_when_its_edges_differ():
    edits = (AdEdges(17.0, 20.9, 17.0, 22.9), AdAbout(17.0, 22.9, "promo", "Mixers"), AdVerdict(17.0, 22.9, "cut"))
    (ad,) = edited(*edits).result.ads
    assert (ad.start, ad.end, ad.kind, ad.sponsor, ad.verdict) == (17.0, 22.9, "promo", "Mixers", "cut")
    other = replace(found(), ads=(AdSpan(16.4, 20.0, 0.9),))
    (again,) = edited(*edits, of=other).result.ads
    assert (again.start, again.end, again.sponsor) == (17.0, 22.9, "Mixers")
    assert edited(*edits[:2], of=replace(found(), ads=())).unmet == (0, 1)


@pytest.mark.parametrize(
    ("was", "said", "expected"),
    [
        ("Jo Braun", "Joe Brown", "with Joe Brown today."),
        ("Jo Braun", "JoBraun", "with JoBraun today."),
        ("Jo", "Jo Ann", "with Jo Ann Braun today."),
        ("Jo ", "", "with Braun today."),
    ],
)
def test_words_of_a_moment_are_corrected_and_the_rest_keeps_its_time(was, said, expected):
    before = found()
    start = 5.0
    result = edited(WordsCorrected(start, start + len(was.split()) - 0.1, was.strip(), said)).result
    assert expected in text(result) and "I am Jo Braun" in text(result)
    words = result.transcript.words
    assert [w.start for w in words] == sorted(w.start for w in words)
    assert {w for w in before.transcript.words if w.end < 5 or w.start >= 7} <= set(words)


def test_a_correction_fits_another_recognisers_words_or_is_shown():
    edit = WordsCorrected(5.0, 6.9, "Jo Braun", "Joe Brown")
    heard = found()
    words = tuple(
        replace(w, text="Broun" if w.text == "Braun" else w.text, start=w.start + 0.1) for w in heard.transcript.words
    )
    other = replace(heard, transcript=replace(heard.transcript, words=words))
    assert "with Joe Brown today." in text(edited(edit, of=other).result)
    gone = replace(heard, transcript=replace(heard.transcript, words=tuple(w for w in words if not 4 < w.start < 8)))
    assert edited(edit, of=gone).unmet == (0,)


def test_a_long_passage_is_corrected_as_a_whole():
    words = tuple(Word(0.3 * n, 0.3 * n + 0.25, f"word{n}", 0.8, "Speaker 1") for n in range(2000))
    long = replace(found(), transcript=Transcript(words, "en", "m"))
    was = " ".join(word.text for word in words[100:900])
    result = edited(WordsCorrected(words[100].start, words[899].end, was, "all of it"), of=long).result
    assert [w.text for w in result.transcript.words[98:105]] == [
        "word98",
        "word99",
        "all",
        "of",
        "it",
        "word900",
        "word901",
    ]


def test_words_are_put_in_where_none_were_heard():
    assert "today. So Thanks," in text(edited(WordsCorrected(7.92, 7.98, "", "So")).result)
    assert edited(WordsCorrected(5.0, 5.9, "", "So")).unmet == (0,), "somebody speaks there"


def test_a_phrase_is_corrected_everywhere_with_its_possessive():
    result = edited(PhraseCorrected("Braun", "Brown")).result
    assert "Braun" not in text(result) and "Jo Brown and Brown's bread" in text(result)
    assert result.chapters[0].title == "Jo Brown" and result.notes.points[0].text == "I am Jo Brown."
    assert edited(PhraseCorrected("Nobody", "No one")).unmet == (0,)
    assert edited(PhraseCorrected("Brawn", "Braun")).unmet == (), "it is so already"


def test_a_voice_is_named_whatever_its_label_is():
    edit = VoiceNamed(voice("Speaker 2"), "Jo Brown", "guest")
    assert edited(edit).result.shown("Speaker 2") == "Jo Brown"
    swapped = found(("Speaker 3", "Speaker 1", "Speaker 2"))
    assert edited(edit, of=swapped).result.shown("Speaker 1") == "Jo Brown"
    assert edited(VoiceNamed((Span(90.0, 95.0),), "X")).unmet == (0,)


def test_two_voices_become_one():
    result = edited(VoicesMerged(voice("Speaker 3"), voice("Speaker 1"))).result
    assert (
        {w.speaker for w in result.transcript.words} == {"Speaker 1", "Speaker 2"} == {t.speaker for t in result.turns}
    )
    assert [s.label for s in result.speakers] == ["Speaker 1", "Speaker 2"]
    assert result.notes.points[1].speaker == "Speaker 1"


def test_words_are_given_to_another_voice_or_to_a_new_one():
    split = WordsGiven(12.0, 16.9)
    result = edited(split, VoiceNamed((Span(12.0, 16.9),), "Kim")).result
    assert [s.label for s in result.speakers][-1] == "Speaker 4" and result.shown("Speaker 4") == "Kim"
    assert [(t.start, t.end) for t in result.turns if t.speaker == "Speaker 2"] == [(8.0, 12.0)]
    back = edited(split, WordsGiven(12.0, 16.9, voice("Speaker 2", of=edited(split).result))).result
    assert [w.speaker for w in back.transcript.words] == [w.speaker for w in found().transcript.words]


def test_chapters_and_notes_are_those_that_were_set():
    chapters = ChaptersSet((Chapter(8.0, 9.0, "Guest"), Chapter(0.0, 1.0, "Hello")))
    quote = Quote(10.0, 12.0, "I am Jo.", "whoever")
    mentions = MentionsSet((Mention("link", "Bread", (3.0,), "https://bread.example"),))
    result = edited(chapters, NotesSet("summary", (quote,)), mentions).result
    assert [(c.start, c.end, c.title) for c in result.chapters] == [(0.0, 8.0, "Hello"), (8.0, 24.0, "Guest")]
    assert result.notes.summary == (replace(quote, speaker="Speaker 2"),) and result.notes.mentions == mentions.mentions


times = st.floats(0, 24).map(lambda t: round(t, 3))
spans = st.tuples(times, times).map(sorted)
voices = st.sampled_from(["Speaker 1", "Speaker 2", "Speaker 3"]).map(voice)
tokens = st.sampled_from(["Jo", "Braun", "bread", "Jo Braun", "new word", ""])
EDITS = st.one_of(
    st.builds(lambda s, v: AdVerdict(*s, v), spans, st.sampled_from(["cut", "keep"])),
    st.builds(lambda a, b: AdEdges(*a, *b), spans, spans),
    st.builds(lambda s: AdAbout(*s, "promo", "X"), spans),
    st.builds(lambda s, a, b: WordsCorrected(*s, a, b), spans, tokens, tokens),
    st.builds(PhraseCorrected, tokens, tokens, st.booleans()),
    st.builds(VoiceNamed, voices, tokens),
    st.builds(VoicesMerged, voices, voices),
    st.builds(lambda s, v: WordsGiven(*s, v), spans, st.one_of(voices, st.just(()))),
    st.builds(lambda t: ChaptersSet((Chapter(t, t, "T"),)), times),
)


@settings(max_examples=40)
@example([WordsCorrected(0.0, 0.0, "", "Jo Braun")])
@given(st.lists(EDITS, max_size=6))
def test_whatever_is_edited_the_result_holds_together(edits):
    result = edited(*edits).result
    words = result.transcript.words
    assert [w.start for w in words] == sorted(w.start for w in words)
    labels = {speaker.label for speaker in result.speakers}
    assert {w.speaker for w in words} <= labels
    assert all(0 <= span.start < span.end <= 24 for span in result.cuts.removed)
    assert all(describe_edit(edit) for edit in edits)


@settings(max_examples=40)
@given(st.lists(EDITS, max_size=5), st.integers(0, 5))
def test_what_is_written_is_read_and_undoing_is_undone(edits, steps):
    history = History().add(*edits)
    back = history
    for _ in range(steps):
        back = back.undo()
    assert parse_history(print_history(back, sha256="h"), sha256="h") == back
    assert parse_history(print_history(back, sha256="h"), sha256="other") == History()
    for _ in range(steps):
        back = back.redo()
    assert back == history


def test_a_later_verdict_about_a_stretch_takes_the_place_of_the_older():
    history = History().add(AdVerdict(1, 2, "keep"), AdVerdict(5, 6, "keep")).add(AdVerdict(1, 2, "cut"))
    assert history.edits == (AdVerdict(5, 6, "keep"), AdVerdict(1, 2, "cut"))
    assert history.remove(0).edits == (AdVerdict(1, 2, "cut"),)


@pytest.mark.parametrize(
    "plain",
    [
        {},
        [{"kind": "nonsense"}],
        [{"kind": "ad_verdict", "start": 2, "end": 1, "verdict": "cut"}],
        [{"kind": "ad_verdict", "start": -1, "end": 1, "verdict": "cut"}],
        [{"kind": "ad_verdict", "start": 0, "end": 1, "verdict": "cut", "more": 1}],
        [{"kind": "ad_edges", "start": 0, "end": 1, "first": 3, "last": 2}],
        [{"kind": "phrase", "was": "a", "text": "b" * 6000}],
        [{"kind": "phrase", "was": 3, "text": "b"}],
    ],
)
def test_what_is_no_edit_is_refused_in_words(plain):
    with pytest.raises(FormatError):
        parse_edits(plain)


def test_texts_are_single_lines_without_anything_unseen():
    (edit,) = parse_edits([{"kind": "phrase", "was": "a\nb", "text": "\u202ex\x00 y"}])
    assert (edit.was, edit.text) == ("a b", "x y")
    assert json.loads(json.dumps(to_plain(edit)))["kind"] == "phrase"
