"""Files of kinds that other people have, tried after the rules were written, which went wrong then."""

import pytest

from pipeline.formats.captions.vtt import parse_vtt
from pipeline.formats.feeds.feed import parse_feed
from pipeline.language import language_of_script
from pipeline.scores.references import build_case

CHANNEL = (
    '<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>S</title><item>'
    '<title>Café</title><guid>1</guid><enclosure url="https://x.example/a.mp3" type="audio/mpeg"/>'
    "<podcast:person>Zoë</podcast:person></item></channel></rss>"
)


def said(text):
    """Speaker and words of each paragraph of a reference."""
    case = build_case({"reference.txt": text}, case_id="x")
    return [(word.speaker, word.text) for word in case.words], case


def test_a_label_behind_chevrons_is_one_though_it_stands_alone():
    cues = parse_vtt("WEBVTT\n\n00:01.000 --> 00:03.000\nmusic\n\n00:03.000 --> 00:05.000\n&gt;&gt; ADA: Hello you.\n")
    assert [(cue.speaker, cue.text) for cue in cues] == [("", "music"), ("ADA", "Hello you.")]


def test_a_word_and_a_colon_on_the_first_card_is_no_voice():
    cues = parse_vtt("WEBVTT\n\n00:01.000 --> 00:03.000\nNote: we are live.\n\n00:03.000 --> 00:05.000\nGo on.\n")
    assert [(cue.speaker, cue.text) for cue in cues] == [("", "Note: we are live."), ("", "Go on.")]


def test_letters_before_questions_and_answers_are_voices():
    words, _ = said("Q. Where were you?\nA. At home.\nQ. Alone?\nA. Yes, alone.\n")
    assert {speaker for speaker, _ in words} == {"Q", "A"} and "Q." not in [text for _, text in words]


def test_the_letters_of_a_list_are_words():
    words, _ = said("A. Bread is baked.\nB. Tea is made.\nC. Both are had.\n")
    assert {speaker for speaker, _ in words} == {None} and len(words) == 12


def test_front_matter_is_not_said():
    words, _ = said("---\ntitle: Tea\ntags:\n  - cups\n---\n\n**Ann**: Hello there.\n\n**Ben**: Hi.\n\n**Ann**: Bye.\n")
    assert [text for _, text in words] == ["Hello", "there.", "Hi.", "Bye."]


def test_a_script_without_spaces_tells_its_language():
    assert said("主持人：大家好。\n嘉宾：你好。\n")[1].language == "zh"
    assert said("Hello there. How are you?\n")[1].language == ""
    assert [language_of_script(text) for text in ("ຂອບໃຈ", "မင်္ဂလာပါ", "안녕", "नमस्ते", "")] == ["lo", "my", "", "", ""]


@pytest.mark.parametrize(
    "data",
    [
        CHANNEL.encode("cp1252"),
        b'<?xml version="1.0" encoding="utf-8"?>' + CHANNEL.encode("cp1252"),
        b"\xef\xbb\xbf\n\n" + b'<?xml version="1.0"?>' + CHANNEL.encode(),
    ],
    ids=["no encoding named", "a false one", "a mark and empty lines above"],
)
def test_a_feed_in_another_encoding_than_it_says_loses_nothing(data):
    feed = parse_feed(data, url="https://a.example/feed")
    (item,) = feed.items
    assert (item.title, [p.name for p in item.persons], feed.remarks) == ("Café", ["Zoë"], ())
