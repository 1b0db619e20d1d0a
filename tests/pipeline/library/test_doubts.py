"""What waits for a person in an episode."""

from pipeline.library.doubts import LONGEST_DOUBT, Doubt, Waits, count_waiting, find_doubts, unnamed_voices
from pipeline.result import AdSpan, Episode, Result, Speaker, Warning
from pipeline.timeline import CutList, Span, Transcript, Word
from pipeline.words.published import Compared, compare_published


def result_of(words, *, speakers=(), ads=(), warnings=(), cuts=()):
    about = Episode("e", "e.mp3", 1000.0, "")
    removed = CutList.of(cuts, duration=1000.0)
    return Result(about, Transcript(tuple(words), "en", "m"), (), speakers, ads, removed, warnings=warnings)


def said(*texts, speaker="A", probability=0.9):
    return [Word(float(n), n + 0.9, text, probability, speaker) for n, text in enumerate(texts)]


def test_doubtful_words_that_follow_each_other_are_one_passage():
    words = said(*"abcdef")
    words[1:3] = [Word(1.0, 1.9, "b", 0.2, "A"), Word(2.0, 2.9, "c", 0.3, "A")]
    heard_again = Warning(5.0, 6.0, "heard again", "")
    doubts = find_doubts(result_of(words, warnings=(heard_again,)), {3.0: "", 5.0: "eff"})
    assert doubts == (Doubt(1, 3, "the recogniser was 20% sure"), Doubt(5, 5, "the publisher has “eff”"))


def test_a_long_passage_is_heard_in_pieces_and_what_is_confirmed_is_not():
    words = said(*["w"] * (LONGEST_DOUBT + 2), probability=0.1)
    doubts = find_doubts(result_of(words), {})
    assert [doubt.last - doubt.first + 1 for doubt in doubts] == [LONGEST_DOUBT, 2]
    assert not find_doubts(result_of(said("a", probability=1.0)), {0.0: "b"})


def test_voices_that_say_much_and_have_no_name_wait():
    words = [
        Word(float(n), n + 0.9, "w", 0.9, label)
        for n, label in enumerate("A" * 60 + "B" * 30 + "C" + "D" * 9 + "E" * 5)
    ]
    speakers = (Speaker("A", "Ann"), Speaker("B"), Speaker("C"), Speaker("D", role="ad"), Speaker("E"))
    result = result_of(words, speakers=speakers, cuts=[Span(100.0, 200.0)])
    assert unnamed_voices(result) == ("B",)


def test_what_waits_is_counted():
    words = said("a", "b", probability=0.2)
    held = AdSpan(0, 1, 0.6, verdict="hold")
    result = result_of(words, speakers=(Speaker("A"),), ads=(held, AdSpan(1, 2, 0.9)))
    assert count_waiting(result, Compared(0, 0, 0, 0)) == Waits(1, 1, 1)


def test_what_the_publisher_has_otherwise_is_kept():
    heard = said("we", "row", "home", "by", "the", "tide", "tonight", "then")
    written = said("we", "rode", "home", "by", "the", "tide", "tonight")
    assert compare_published(heard, written, language="en").otherwise == ((1.0, "rode"), (7.0, ""))
