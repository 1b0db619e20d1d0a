"""Talks as hypothesis makes them, and how other programs print them: what was meant is what must be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from pipeline.formats.clock import caption_clock


@dataclass(frozen=True)
class Said:
    """A sentence, who says it, and when, in whole milliseconds."""

    speaker: str
    words: tuple[str, ...]
    start_ms: int
    end_ms: int

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def start(self) -> float:
        return self.start_ms / 1000

    @property
    def end(self) -> float:
        return self.end_ms / 1000

    @property
    def timed(self) -> list[tuple[int, int, str]]:
        """Words that share the time, in milliseconds."""
        step = (self.end_ms - self.start_ms) // len(self.words)
        starts = [self.start_ms + step * i for i in range(len(self.words))]
        return [(start, start + step, word) for start, word in zip(starts, self.words, strict=True)]


Talk = Sequence[Said]
NAMES = ("Ada Holm", "Bo Lindqvist", "Dr. Cy van Dam", "JUN PARK", "Eleni")
sentences = st.tuples(
    st.from_regex(r"[A-Z][a-zé]{1,8}", fullmatch=True),
    st.lists(st.from_regex(r"[a-z']{1,9}|[0-9]{1,4}", fullmatch=True), max_size=9),
    st.sampled_from([".", "?", ",", ", that is: never.", " or so."]),
).map(
    lambda parts: tuple(" ".join([parts[0], *parts[1], "go"]).split() + (parts[2].split() if " " in parts[2] else []))
)


@st.composite
def talks(draw: st.DrawFn) -> Talk:
    """Four to twelve sentences of two or three people, a sentence of each at least twice."""
    people = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True))
    count = draw(st.integers(2 * len(people), 12))
    said, now = [], draw(st.integers(0, 5000))
    for index in range(count):
        words = draw(sentences)
        lasts = 300 * len(words) + draw(st.integers(0, 800))
        said.append(Said(people[index % len(people)], words, now, now + lasts))
        now += lasts + draw(st.integers(0, 1500))
    return said


def _srt(cards: Sequence[tuple[int, int, str]], *, mark: str = ",", arrow: str = " --> ") -> str:
    return "".join(
        f"{n}\n{caption_clock(a / 1000, mark=mark)}{arrow}{caption_clock(b / 1000, mark=mark)}\n{text}\n\n"
        for n, (a, b, text) in enumerate(cards, 1)
    )


def named_srt(talk: Talk) -> str:
    return _srt([(s.start_ms, s.end_ms, f"{s.speaker}: {s.text}") for s in talk])


def srt_with_roles(talk: Talk) -> str:
    return _srt([(s.start_ms, s.end_ms, f"{s.speaker} (she/her): {s.text}") for s in talk]).replace("\n", "\r\n")


def two_voices_a_card(talk: Talk) -> str:
    pairs = [talk[i : i + 2] for i in range(0, len(talk), 2)]
    return _srt([(p[0].start_ms, p[-1].end_ms, "\n".join(f"{s.speaker}: {s.text}" for s in p)) for p in pairs])


def arrows_of_a_word_processor(talk: Talk) -> str:
    return _srt([(s.start_ms, s.end_ms, f"{s.speaker}: {s.text}") for s in talk], arrow=" –> ")


def zoom(talk: Talk) -> str:
    return "WEBVTT\n\n" + _srt([(s.start_ms, s.end_ms, f"{s.speaker}: {s.text}") for s in talk], mark=".")


def tagged(talk: Talk) -> str:
    cards = [(s.start_ms, s.end_ms, f"<v {s.speaker}>{s.text}</v>") for s in talk]
    return "\ufeffWEBVTT - x\n\nNOTE made\nby hand\n\n" + _srt(cards, mark=".")


def two_tags_a_cue(talk: Talk) -> str:
    pairs = [talk[i : i + 2] for i in range(0, len(talk), 2)]
    cards = [(p[0].start_ms, p[-1].end_ms, " ".join(f"<v.loud {s.speaker}>{s.text}</v>" for s in p)) for p in pairs]
    return "WEBVTT\n\n" + _srt(cards, mark=".")


def webex(talk: Talk) -> str:
    blocks = _srt([(s.start_ms, s.end_ms, s.text) for s in talk], mark=".").split("\n\n")
    named = [block.replace("\n", f' "{s.speaker}" (37)\n', 1) for block, s in zip(blocks, talk, strict=False)]
    return "WEBVTT\n\n" + "\n\n".join(named) + "\n"


def podcasting(talk: Talk) -> str:
    segments = [{"speaker": s.speaker, "startTime": s.start, "endTime": s.end, "body": s.text} for s in talk]
    return json.dumps({"version": "1.0.0", "segments": segments})


def whisperx(talk: Talk) -> str:
    def word(start: int, end: int, text: str) -> dict[str, object]:
        times = {} if text.isdigit() else {"start": start / 1000, "end": end / 1000, "score": 0.8}
        return {"word": text, **times}

    segments = [
        {"start": s.start, "end": s.end, "text": s.text, "speaker": s.speaker, "words": [word(*w) for w in s.timed]}
        for s in talk
    ]
    return json.dumps({"segments": segments, "word_segments": []})


def deepgram(talk: Talk) -> str:
    words = [
        {"word": w.lower(), "punctuated_word": w, "start": a / 1000, "end": b / 1000, "speaker": s.speaker}
        for s in talk
        for a, b, w in s.timed
    ]
    return json.dumps({"metadata": {}, "results": {"channels": [{"alternatives": [{"words": words}]}]}})


def assemblyai(talk: Talk) -> str:
    words = [{"text": w, "start": a, "end": b, "speaker": s.speaker} for s in talk for a, b, w in s.timed]
    return json.dumps({"id": "x", "text": "...", "words": words, "audio_duration": 60})


def revai(talk: Talk) -> str:
    spoken = [
        {
            "speaker": s.speaker,
            "elements": [{"type": "text", "value": w, "ts": a / 1000, "end_ts": b / 1000} for a, b, w in s.timed],
        }
        for s in talk
    ]
    return json.dumps({"monologues": spoken})


def csv_table(talk: Talk) -> str:
    rows = [f'{s.speaker},{caption_clock(s.start, mark=".")},{caption_clock(s.end, mark=".")},"{s.text}"' for s in talk]
    return "Speaker,Start,End,Text\n" + "\n".join(rows) + "\n"


def plain_srt(talk: Talk) -> str:
    return _srt([(s.start_ms, s.end_ms, s.text) for s in talk])


def padded_srt(talk: Talk) -> str:
    return _srt([(s.start_ms, s.end_ms, f" \n\u200b\n<i>{s.text}</i>\n\n\u00a0") for s in talk])


def sbv(talk: Talk) -> str:
    return "\n".join(f"{_sbv(s.start)},{_sbv(s.end)}\n{s.text}\n" for s in talk)


def _sbv(seconds: float) -> str:
    return caption_clock(seconds, mark=".")[1:]


def whispers_screen(talk: Talk) -> str:
    clocks = [(caption_clock(s.start, mark=".")[3:], caption_clock(s.end, mark=".")[3:]) for s in talk]
    return "".join(f"[{a} --> {b}]  {s.text}\n" for (a, b), s in zip(clocks, talk, strict=True))


def whispers_tsv(talk: Talk) -> str:
    return "start\tend\ttext\n" + "".join(f"{s.start_ms}\t{s.end_ms}\t{s.text}\n" for s in talk)


def openai_whisper(talk: Talk) -> str:
    segments = [{"id": i, "seek": 0, "start": s.start, "end": s.end, "text": " " + s.text} for i, s in enumerate(talk)]
    return json.dumps({"text": " ".join(s.text for s in talk), "segments": segments, "language": "en"})


def whisper_cpp(talk: Talk) -> str:
    spoken = [
        {
            "timestamps": {"from": caption_clock(s.start, mark=","), "to": caption_clock(s.end, mark=",")},
            "offsets": {"from": s.start_ms, "to": s.end_ms},
            "text": " " + s.text,
        }
        for s in talk
    ]
    return json.dumps({"systeminfo": "x", "result": {"language": "en"}, "transcription": spoken})


def transformers(talk: Talk) -> str:
    return json.dumps({"text": "", "chunks": [{"text": " " + s.text, "timestamp": [s.start, s.end]} for s in talk]})


def youtube_list(talk: Talk) -> str:
    return json.dumps([{"text": s.text, "start": s.start, "duration": s.end - s.start} for s in talk])


def rolling_vtt(talk: Talk) -> str:
    """YouTube's: each line is shown once with times, then once more for a moment, then above the next."""
    cues, above = [], " "
    for said in talk:
        for start in range(0, len(said.words), 3):
            line = said.timed[start : start + 3]
            first, last = line[0][0], line[-1][1]
            inner = "".join(f"<{caption_clock(a / 1000, mark='.')}><c> {w}</c>" for a, _, w in line[1:])
            shown = " ".join(w for _, _, w in line)
            cues.append((first, last - 10, f"{above}\n{line[0][2]}{inner}"))
            cues.append((last - 10, last, f"{shown}\n "))
            above = shown
    return "WEBVTT\nKind: captions\nLanguage: en\n\n" + _srt(cues, mark=".")


NAMED: tuple[Callable[[Talk], str], ...] = (
    *(named_srt, srt_with_roles, two_voices_a_card, arrows_of_a_word_processor, zoom, tagged, two_tags_a_cue, webex),
    *(podcasting, whisperx, deepgram, assemblyai, revai, csv_table),
)
PLAIN: tuple[Callable[[Talk], str], ...] = (
    *(plain_srt, padded_srt, sbv, whispers_screen, whispers_tsv, openai_whisper, whisper_cpp, transformers),
    *(youtube_list, rolling_vtt),
)
