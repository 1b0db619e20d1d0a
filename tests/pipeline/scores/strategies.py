"""Random words, turns and results for the laws of the scores."""

from hypothesis import strategies as st

from pipeline.result import AdSpan, Episode, Result
from pipeline.scores.case import Case, ReferenceWord
from pipeline.timeline import CutList, Span, Transcript, Turn, Word

VOCABULARY = [
    "the",
    "a",
    "code",
    "red",
    "memo",
    "open",
    "ai",
    "openai",
    "google",
    "said",
    "it",
    "is",
    "twenty",
    "five",
    "bank",
    "visit",
    "today",
]
DURATION = 60.0

times = st.integers(0, 59_000).map(lambda ms: ms / 1000)


@st.composite
def turns(draw, labels="ABC", most=12):
    """Turns at times to the millisecond, as RTTM has them."""
    found = []
    for _ in range(draw(st.integers(0, most))):
        start = draw(times)
        end = round(start + draw(st.integers(1, 8000)) / 1000, 3)
        found.append(Turn(start, end, draw(st.sampled_from(labels))))
    return tuple(sorted(found, key=lambda turn: (turn.start, turn.end, turn.speaker)))


@st.composite
def words(draw, labels="AB", least=0, most=40):
    texts = draw(st.lists(st.sampled_from(VOCABULARY), min_size=least, max_size=most))
    speakers = draw(st.lists(st.sampled_from(labels), min_size=len(texts), max_size=len(texts)))
    return tuple(
        Word(i + 0.1, i + 0.9, text, 1.0, speaker)
        for i, (text, speaker) in enumerate(zip(texts, speakers, strict=True))
    )


def reference(found, **marks):
    """The words of a reference that says what ``found`` says, without times."""
    return tuple(ReferenceWord(word.text, word.speaker, **marks) for word in found)


def result(found=(), *, turns=(), ads=(), cuts=(), duration=DURATION):
    spans = tuple(AdSpan(start, end, 0.9) for start, end in ads)
    return Result(
        episode=Episode("an-episode", "episode.mp3", duration, "0" * 64),
        transcript=Transcript(tuple(found), "en", "scripted"),
        turns=tuple(turns),
        speakers=(),
        ads=spans,
        cuts=CutList.of([Span(start, end) for start, end in cuts], duration=duration),
    )


def case(found=(), **known):
    return Case("a-case", words=reference(found), **known)
