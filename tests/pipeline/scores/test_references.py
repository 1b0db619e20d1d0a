"""Case folders: what each file says, in every format people have."""

import json

import pytest

from pipeline.errors import FormatError
from pipeline.scores.references import FILES, build_case
from pipeline.timeline import Span
from tests.paths import SEEDS

SEED = "Speaker 1 Hello there, this is the show.\n\nSpeaker 2 Visit the bank today.\n\nSpeaker 1 We are back.\n"
VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n<v Ann>Hello there\n\n00:00:02.000 --> 00:00:03.000\n<v Bob>Hi.\n"
SRT = "1\n00:00:00,000 --> 00:00:02,000\nAnn Lee: Hello there\n\n2\n00:00:02,000 --> 00:00:03,000\nHi.\n"
STM = ";; a comment\nshow 1 Ann 0.00 2.00 <o,f0,female> Hello there\nshow 1 Bob 2.00 3.00 Hi.\n"


def texts(case):
    return [word.text for word in case.words]


def test_the_seed_and_its_marks():
    case = build_case(
        {
            "reference.txt": (SEEDS / "openai-code-red.txt").read_text("utf-8"),
            "reference.ads.json": (SEEDS / "openai-code-red.ads.json").read_text("utf-8"),
        },
        case_id="seed",
    )
    assert len(case.words) == 2887
    assert sum(word.in_ad for word in case.words) == 311
    assert {word.speaker for word in case.words if word.in_ad} == {"Speaker 3", "Speaker 4", "Speaker 8"}
    assert case.ads_known
    assert case.ads is None
    assert "Berber Jin" in case.description
    assert case.title.startswith("OpenAI")


@pytest.mark.parametrize(("name", "text"), [("reference.vtt", VTT), ("reference.srt", SRT), ("reference.stm", STM)])
def test_references_of_other_tools_have_times(name, text):
    case = build_case({name: text}, case_id="other")
    assert texts(case) == ["Hello", "there", "Hi."]
    assert str(next(word.speaker for word in case.words)).startswith("Ann")
    assert case.words[0].span.start == 0.0
    assert case.words[1].span.end == pytest.approx(2.0)
    assert case.words[2].span == Span(2.0, 3.0)
    assert case.provenance == "unstated"


def test_a_plain_text_has_words_and_nobody():
    case = build_case({"reference.txt": "Hello there.\n\nHow are you?\n"}, case_id="plain")
    assert texts(case) == ["Hello", "there.", "How", "are", "you?"]
    assert {word.speaker for word in case.words} == {None}


def test_a_heading_is_not_spoken():
    text = "# Show\n## Title\nHost: Ann\n#tag: x\n\n[00:00]\nAnn: Hello you.\nBob: Hi Ann.\nAnn: Bye.\nBob: Bye.\n"
    case = build_case({"reference.txt": text}, case_id="headed")
    assert texts(case)[:2] == ["Hello", "you."]
    assert [word.speaker for word in case.words][-1] == "Bob"


def test_words_beside_the_text_give_it_times():
    heard = "hello there, this is show. visit the"
    timed = {"words": [[i, i + 0.5, word] for i, word in enumerate(heard.split())]}
    case = build_case({"reference.txt": SEED, "words.json": json.dumps(timed)}, case_id="timed")
    assert texts(case)[:6] == ["Hello", "there,", "this", "is", "the", "show."]
    assert [word.span.start for word in case.words[:4]] == [0, 1, 2, 3]
    assert 3.0 <= case.words[4].span.start <= 4.3  # "the" is in no file of times: between its neighbours
    assert case.words[5].span.start == 4
    assert all(word.span is not None for word in case.words)
    assert case.words[0].speaker == "Speaker 1"


def test_words_alone_are_a_reference():
    case = build_case({"words.json": '{"words": [[0, 1, "hello"], [1, 2, "you"]]}'}, case_id="words")
    assert texts(case) == ["hello", "you"]
    assert case.words[1].span == Span(1.0, 2.0)


def test_ads_in_seconds_and_none_at_all():
    assert build_case({"ads.json": '{"ads": [[1, 2], [1.5, 4], [10, 12]]}'}, case_id="a").ads == (
        Span(1, 4),
        Span(10, 12),
    )
    clean = build_case({"ads.json": '{"ads": []}'}, case_id="clean")
    assert clean.ads == ()
    assert clean.ads_known
    assert not build_case({"reference.txt": SEED}, case_id="unknown").ads_known


def test_ads_by_paragraph_may_stand_in_either_file():
    marks = '{"ads": [{"first": 1, "last": 1}]}'
    for name in ("reference.ads.json", "ads.json"):
        case = build_case({"reference.txt": SEED, name: marks}, case_id="marked")
        assert [word.text for word in case.words if word.in_ad] == ["Visit", "the", "bank", "today."]
        assert case.ads is None


def test_an_stm_may_say_what_is_not_to_be_scored():
    text = STM + "show 1 inter_segment_gap 3.00 9.00 <o> IGNORE_TIME_SEGMENT_IN_SCORING\n"
    case = build_case({"reference.stm": text}, case_id="stm")
    assert case.ads == (Span(3.0, 9.0),)
    assert len(case.words) == 3


def test_turns_regions_chapters_names_and_the_case_itself():
    case = build_case(
        {
            "reference.rttm": "SPEAKER x 1 0.0 2.0 <NA> <NA> ann <NA> <NA>\n",
            "reference.uem": ";; only this\nx 1 0.0 1.0\n",
            "chapters.json": '{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "One"}]}',
            "names.json": '{"names": {"Speaker 1": "Ann Lee"}}',
            "case.json": '{"synthetic": true, "language": "en"}',
            "reference.json": '{"made_by": "machine", "error": 0.01, "error_from": "a count"}',
        },
        case_id="full",
    )
    assert case.turns[0].speaker == "ann"
    assert case.scored == (Span(0.0, 1.0),)
    assert case.chapters[0].title == "One"
    assert case.names == ("Ann Lee",)
    assert case.named_voices == {"Speaker_1": "Ann Lee"}
    assert (case.synthetic, case.machine_reference, case.reference_error) == (True, True, 0.01)
    assert build_case({"names.json": '["Ann Lee"]'}, case_id="n").names == ("Ann Lee",)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("case.json", "{", "case.json: is not JSON"),
        ("reference.json", '{"made_by": "me"}', "human, machine or script"),
        ("reference.json", '{"error": 3}', "between 0 and 1"),
        ("names.json", '{"names": 3}', "names.json: expected"),
        ("ads.json", "[]", "ads.json: should hold one JSON object"),
        ("reference.stm", "show 1 Ann zero 2.0 Hello", "reference.stm, line 1: expected a start"),
        ("reference.stm", "show 1 Ann 3.0 2.0 Hello", "cannot last from 3.0 to 2.0"),
        ("reference.stm", "a 1 Ann 0 1 x\nb 1 Ann 0 1 x", "holds 2 recordings"),
        ("reference.uem", "x 1 0.0", "reference.uem, line 1"),
        ("words.json", '{"words": [["a"]]}', "words.json"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(name, text, message):
    with pytest.raises(FormatError, match=message.replace(".", r"\.").split(":")[0]) as caught:
        build_case({name: text}, case_id="broken")
    assert message.split(": ")[-1] in str(caught.value)


def test_every_file_is_optional():
    case = build_case({}, case_id="nothing")
    assert (case.id, case.words, case.turns, case.ads) == ("nothing", (), None, None)
    assert len(FILES) == len(set(FILES))


def test_the_rendered_seed_agrees_with_itself():
    """Its marks by paragraph, its ads in seconds and its words' times say the same of every word."""
    folder = SEEDS.parent / "audio" / "seed"
    texts = {name: (folder / name).read_text("utf-8") for name in FILES if (folder / name).is_file()}
    case = build_case(texts, case_id="seed")
    assert case.synthetic
    assert case.machine_reference
    assert case.reference_error is not None
    assert len(case.words) == 2887
    by_time = [any(ad.contains(word.span.middle) for ad in case.ads) for word in case.words]
    assert by_time == [word.in_ad for word in case.words]
    assert {turn.speaker for turn in case.turns} == {"_".join(word.speaker.split()) for word in case.words}
    assert set(case.named_voices) <= {turn.speaker for turn in case.turns}
