"""Any transcript with times to words: WORDS.json, result.json, WebVTT, SRT or a podcast's JSON transcript."""

from __future__ import annotations

from pipeline.errors import FormatError
from pipeline.formats.captions.cues import Cue, words_of_cues
from pipeline.formats.captions.srt import parse_srt
from pipeline.formats.captions.vtt import parse_vtt
from pipeline.formats.captions.words_json import WordList, parse_words
from pipeline.formats.transcripts.transcript_json import parse_transcript_json


def parse_word_file(text: str, *, path: str) -> WordList:
    """The words of a transcript file, told by its content, not by its name; the words inside a cue share its time."""
    head = text.removeprefix("\ufeff").lstrip()
    if not head:
        raise FormatError(path, "is empty")
    if head.startswith("WEBVTT"):
        return _from_cues(parse_vtt(head, path=path), path)
    if head.startswith("{"):
        if '"startTime"' in head and '"segments"' in head:
            return _from_cues(parse_transcript_json(head, path=path), path)
        return parse_words(head, path=path)
    if "-->" in head:
        return _from_cues(parse_srt(head, path=path), path)
    raise FormatError(path, "is not a transcript with times: WORDS.json, WebVTT (.vtt) or SubRip (.srt)")


def _from_cues(cues: tuple[Cue, ...], path: str) -> WordList:
    words = words_of_cues(cues)
    if not words:
        raise FormatError(path, "has no words in it")
    return WordList(words)
