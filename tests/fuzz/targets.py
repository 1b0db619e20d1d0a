"""Every parser that reads what a stranger wrote, in one shape: bytes in, and what must hold of them.

A target returns when the bytes were read, and when they were refused as they should be: a FormatError in one line.
Anything else it raises is a finding. Each brings small good files, from which a fuzzer starts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pipeline.errors import FormatError
from pipeline.formats.captions.cues import Cue, words_of_cues
from pipeline.formats.captions.published import parse_published
from pipeline.formats.captions.srt import parse_srt
from pipeline.formats.captions.vtt import parse_vtt, print_cues
from pipeline.formats.captions.word_files import parse_word_file
from pipeline.formats.captions.words_json import parse_sentences, parse_words
from pipeline.formats.feeds.feed import parse_feed
from pipeline.formats.feeds.m3u import parse_m3u
from pipeline.formats.feeds.opml import parse_opml
from pipeline.formats.nist.ctm import parse_ctm
from pipeline.formats.nist.stm import parse_stm
from pipeline.formats.nist.uem import parse_uem
from pipeline.formats.records.ads_json import parse_ads
from pipeline.formats.records.chapters_json import clean_chapters, parse_chapters
from pipeline.formats.records.result_json import parse_result, print_result
from pipeline.formats.records.rttm import parse_rttm
from pipeline.formats.records.seed import parse_seed
from pipeline.library.edits.history import parse_history, print_history
from pipeline.timeline import CutList

HASTE_S, HASTE_BYTES = 3.0, 300_000  # seconds of computing for so many bytes of any format; a hang takes minutes
LONGEST_COMPLAINT = 1_000  # characters: a sentence, not the file again
KITCHEN = Path(__file__).parent.parent / "golden" / "kitchen"


@dataclass(frozen=True, slots=True)
class Target:
    """A parser, good files to start from, and pieces that its format is made of."""

    read: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    pieces: tuple[bytes, ...] = ()

    def check(self, data: bytes) -> None:
        """Raises what a user should never see, and where it takes far longer than its length explains."""
        began = time.process_time()
        try:
            self.read(data)
        except FormatError as error:
            told = str(error)
            assert "\n" not in told and len(told) < LONGEST_COMPLAINT, "a refusal is one sentence"
        took_s = time.process_time() - began
        assert took_s < HASTE_S * max(1.0, len(data) / HASTE_BYTES), f"{took_s:.1f} s for {len(data)} bytes"


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def _storable(text: str) -> None:
    text.encode()  # what cannot be written to a file is not a text


def _cues(cues: tuple[Cue, ...]) -> None:
    assert list(cues) == sorted(cues, key=lambda cue: cue.start)
    words = words_of_cues(cues)
    for word in words:
        assert 0 <= word.start <= word.end and word.text
        _storable(word.text + (word.speaker or ""))
    if not any(cue.marks for cue in cues) and len({cue.text for cue in cues}) == len(cues) == 1:
        assert " ".join(word.text for word in words).split() == cues[0].text.split(), "no word is lost"


def _vtt(data: bytes) -> None:
    _cues(parse_vtt(_text(data)))


def _srt(data: bytes) -> None:
    _cues(parse_srt(_text(data)))


def _transcript(data: bytes) -> None:
    _cues(parse_sentences(_text(data)))


def _published(data: bytes) -> None:
    cues = parse_published(_text(data), path="file")
    assert all(cue.text and "<script" not in cue.text + cue.speaker for cue in cues)
    _storable(print_cues(cues))


def _words(data: bytes) -> None:
    found = parse_words(_text(data))
    _storable(" ".join([found.title, found.show, found.description, *(word.text for word in found.words)]))


def _word_file(data: bytes) -> None:
    for word in parse_word_file(_text(data), path="file").words:
        assert word.start <= word.end
        _storable(word.text)


def _seed(data: bytes) -> None:
    seed = parse_seed(_text(data))
    assert seed.paragraphs and all(paragraph.text for paragraph in seed.paragraphs)


def _rttm(data: bytes) -> None:
    turns = parse_rttm(_text(data))
    assert all(0 <= turn.start <= turn.end for turn in turns)


def _stm(data: bytes) -> None:
    found = parse_stm(_text(data))
    assert all(word.start <= word.end and word.text for word in found.words)
    _storable(" ".join(word.text for word in found.words))


def _ctm(data: bytes) -> None:
    words = parse_ctm(_text(data))
    assert list(words) == sorted(words, key=lambda word: word.start)
    assert all(0 <= word.start <= word.end and word.text for word in words)


def _uem(data: bytes) -> None:
    spans = parse_uem(_text(data))
    assert all(one.end < other.start for one, other in pairwise(spans))


def _chapters(data: bytes) -> None:
    found = parse_chapters(_text(data), duration=60.0)
    for chapter in clean_chapters(found, CutList.of([], duration=60.0)):
        _storable(chapter.title + chapter.url)


def _result(data: bytes) -> None:
    result = parse_result(_text(data))
    _storable(print_result(result))


def _ads(data: bytes) -> None:
    parse_ads(_text(data))


def _feed(data: bytes) -> None:
    feed = parse_feed(data, url="https://a.example/feed")
    for item in feed.items:
        assert item.key and item.enclosure.url.startswith("http")
        assert not re.search(r"[\x00-\x1f]", item.title)
        _storable(item.title + item.description)


def _opml(data: bytes) -> None:
    assert all(address.startswith(("http://", "https://")) for address in parse_opml(data))


def _m3u(data: bytes) -> None:
    assert all(place and "\n" not in place for place, _ in parse_m3u(_text(data)))


VTT = b"WEBVTT\n\nNOTE x\n\n1\n00:01.000 --> 00:02.500 align:start\n<v Ann B>Hi <00:02.000><c>there</c> &amp; you\n\n"
SRT = b"1\n00:00:01,000 --> 00:00:02,500\nAnn: <i>Hi</i> there\n\n2\n00:00:03,000 --> 00:00:04,000\n{\\an8}So\n"
WORDS = b'{"words": [[0.0, 0.5, "Hi"], {"start": 0.5, "end": 1, "word": "you", "score": 0.5}], "title": "T"}'
TRANSCRIPT = b'{"version": "1.0.0", "segments": [{"speaker": "A", "startTime": 0.5, "endTime": 2, "body": "Hi."}]}'
SEED = b"Title\n\n20m\nAbout.\n\nTranscript\n\nSpeaker 1 Hi there.\nGo on.\n\nAnn Lee: So. Ann Lee: [0:12] yes.\n"
RTTM = b";; x\nSPEAKER a 1 0.50 2.0 <NA> <NA> ann <NA> <NA>\nSPKR-INFO a 1 <NA> <NA> <NA> unknown ann <NA>\n"
STM = b";; a comment\nshow 1 ann 0.0 2.0 <o> hello you\nshow 1 bob 2.0 3.0 good day\n"
CTM = b"show 1 0.5 0.2 hello 0.98 lex ann\nshow 1 0.9 0.1 you\n"
CHAPTERS = b'{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "A", "toc": true, "url": "https://a.b"}]}'
RSS = (
    b'<?xml version="1.0"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    b'xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>T</title><item><title>a &amp; b</title>'
    b'<guid>g</guid><enclosure url="https://a.b/c.mp3" length="9" type="audio/mpeg"/>'
    b"<pubDate>Tue, 01 Sep 2026 10:00:00 +0200</pubDate><itunes:duration>1:02:03</itunes:duration>"
    b'<podcast:person role="guest">G</podcast:person><podcast:transcript url="https://a.b/t.vtt" type="text/vtt"/>'
    b'<description><![CDATA[<p>x <a href="https://a.b">y</a>]]></description></item></channel></rss>'
)
ATOM = (
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><title>E</title><id>urn:e</id>'
    b'<updated>2026-01-02T03:04:05Z</updated><link rel="enclosure" type="audio/mpeg" href="e.mp3"/></entry></feed>'
)
OPML = b'<?xml version="1.0"?><opml><body><outline text="A"><outline xmlUrl="https://a.b/f"/></outline></body></opml>'
M3U = b"#EXTM3U\n#EXTINF:123,My Episode\na.mp3\n\nhttps://a.b/c.mp3\n"
JSON_PIECES = (
    b"1e999",
    b"-1",
    b"NaN",
    b"Infinity",
    b"9" * 400,
    b'"\\ud800"',
    b"null",
    b"[[",
    b"{}",
    b'"start"',
    b"0.5",
)
CUE_PIECES = (
    b" --> ",
    b"00:00:01.000",
    b"<00:00:02.000>",
    b"<v X>",
    b"&#",
    b"9" * 5000,
    b"<i",
    b"{\\",
    b"\r\n\r\n",
    b"<",
)
XML_PIECES = (
    b"<item>",
    b"</item>",
    b"<![CDATA[",
    b"<!--",
    b"<!DOCTYPE",
    b"<!ENTITY",
    b"&amp;lt;script",
    b"&#x",
    b"]]>",
)

EDITS = b"""{"version": 1, "sha256": "a", "edits": [
{"start": 1.0, "end": 2.0, "verdict": "keep", "kind": "ad_verdict"},
{"start": 1.0, "end": 2.0, "first": 1.5, "last": 2.5, "kind": "ad_edges"},
{"start": 1.0, "end": 2.0, "was": "a b", "text": "c", "kind": "words"},
{"was": "a", "text": "b", "show": true, "kind": "phrase"},
{"voice": [{"start": 0, "end": 1}], "name": "Ada", "role": "", "kind": "voice_name"},
{"chapters": [{"start": 0, "end": 1, "title": "T", "url": ""}], "kind": "chapters"}], "undone": []}"""


def _edits(data: bytes) -> None:
    history = parse_history(_text(data), sha256="a")
    _storable(print_history(history, sha256="a"))
    assert parse_history(print_history(history, sha256="a"), sha256="a") is not None


TARGETS: dict[str, Target] = {
    "seed": Target(
        _seed, (SEED,), (b"Speaker 1", b"Transcript\n", b"[00:12]", b": ", b"1h 5m", b"\n\n", b"\xe2\x80\xa8")
    ),
    "vtt": Target(_vtt, (VTT,), CUE_PIECES),
    "srt": Target(_srt, (SRT,), CUE_PIECES),
    "words": Target(_words, (WORDS,), JSON_PIECES),
    "transcript": Target(_transcript, (TRANSCRIPT,), JSON_PIECES),
    "word file": Target(_word_file, (WORDS, VTT, SRT, TRANSCRIPT), (*JSON_PIECES, *CUE_PIECES)),
    "published": Target(_published, (VTT, SRT, TRANSCRIPT), (*JSON_PIECES, *CUE_PIECES)),
    "rttm": Target(_rttm, (RTTM,), (b"SPEAKER ", b"nan", b"inf", b"1e999", b"<NA>", b"-1", b"\t")),
    "stm": Target(_stm, (STM,), (b"<o>", b"nan", b"1e999", b";;", b"IGNORE_TIME_SEGMENT_IN_SCORING", b"-1", b"\t")),
    "ctm": Target(_ctm, (CTM,), (b"<ALT>", b"<ALT_BEGIN>", b"<ALT_END>", b"nan", b"lex", b"@", b"NA", b"\n", b"-1")),
    "uem": Target(_uem, (b"a 1 0.0 9.5\n",), (b"nan", b"inf", b";;", b"-1")),
    "chapters": Target(_chapters, (CHAPTERS,), JSON_PIECES),
    "result": Target(_result, ((KITCHEN / "result.json").read_bytes(),), JSON_PIECES),
    "ads": Target(_ads, ((KITCHEN / "ads.json").read_bytes(),), JSON_PIECES),
    "edits": Target(_edits, (EDITS,), (*JSON_PIECES, b'"kind": "words"', b'"undone"', b"1e999")),
    "feed": Target(_feed, (RSS, ATOM), XML_PIECES),
    "opml": Target(_opml, (OPML,), XML_PIECES),
    "m3u": Target(_m3u, (M3U,), (b"#EXTINF:", b",", b"\xe2\x80\xa8", b"://")),
}
