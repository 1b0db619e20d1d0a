"""Transcripts that publishers offer (``podcast:transcript``): WebVTT, SubRip or Podcasting 2.0 JSON, made plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.errors import FormatError
from pipeline.formats.captions.cues import Cue
from pipeline.formats.captions.srt import parse_srt
from pipeline.formats.captions.timing import Warn, ignore
from pipeline.formats.captions.vtt import parse_vtt
from pipeline.formats.captions.words_json import parse_sentences
from pipeline.formats.feeds.feed import TranscriptLink
from pipeline.formats.untrusted_text import plain_line

MOST_CUES = 100_000  # ten hours of captions of a third of a second
LONGEST_CLOCK_LINE = 60  # characters
LONGEST_NAME = 60  # characters
LONGEST_CUE = 100_000  # characters; some publish a whole episode as one caption
KINDS = {
    "application/json": 0,  # says who speaks, a sentence at a time
    "text/vtt": 1,
    "application/x-subrip": 2,
    "application/srt": 2,
    "text/srt": 2,
}
ENDINGS = {"json": 0, "vtt": 1, "srt": 2}


def best_link(links: Sequence[TranscriptLink], *, language: str = "") -> TranscriptLink | None:
    """The link that says most, in the wanted language where links say theirs; None if none has times.

    The address counts where the claimed type tells nothing.

    >>> best_link([TranscriptLink("a", "text/html"), TranscriptLink("b", "text/srt; charset=utf-8")]).url
    'b'
    >>> best_link([TranscriptLink("a", "text/html"), TranscriptLink("b.vtt?v=2", "text/plain")]).url
    'b.vtt?v=2'
    """

    def rank(link: TranscriptLink) -> tuple[bool, int]:
        other = bool(language and link.language) and link.language[:2].lower() != language[:2].lower()
        return other, _rank_of_kind(link)

    return min((link for link in links if _rank_of_kind(link) < len(KINDS)), key=rank, default=None)


def _rank_of_kind(link: TranscriptLink) -> int:
    """Smaller says more; from the number of kinds on it has no times."""
    claimed = link.media_type.partition(";")[0].strip().lower()
    ending = link.url.partition("?")[0].lower().rpartition(".")[2]
    return KINDS.get(claimed, ENDINGS.get(ending, len(KINDS)))


def parse_published(text: str, *, path: str, warn: Warn = ignore) -> tuple[Cue, ...]:
    """The cues, told by content, in order of start; markup and control characters are gone from text and names.

    ``warn`` is told what had to be mended.

    Raises FormatError for what is no transcript with times, holds no word, or is longer than any.
    """
    head = text.removeprefix("\ufeff").lstrip()
    if not head:
        raise FormatError(path, "is empty")
    if head.count("-->") > MOST_CUES:
        raise FormatError(path, f"it holds over {MOST_CUES} captions, more than any episode has")
    if head.startswith("WEBVTT"):
        cues = parse_vtt(head, path=path, warn=warn)
    elif head.startswith(("{", "[")) and "-->" not in head[:LONGEST_CLOCK_LINE]:
        cues = parse_sentences(head, path=path, warn=warn)
    else:
        cues = parse_srt(head, path=path, warn=warn)
    if len(cues) > MOST_CUES:
        raise FormatError(path, f"it holds {len(cues)} captions, more than any episode has")
    found = tuple(cue for cue in map(_plain, cues) if cue.text)
    if not found:
        raise FormatError(path, "has no words in it")
    return found


def _plain(cue: Cue) -> Cue:
    """To the millisecond, which is what VTT keeps of it."""
    text, name = plain_line(cue.text, longest=LONGEST_CUE), plain_line(cue.speaker, longest=LONGEST_NAME)
    return replace(cue, start=round(cue.start, 3), end=round(cue.end, 3), text=text, speaker=name, marks=())
