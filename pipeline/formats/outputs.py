"""Every file that is made of text, as a pure function of the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.ads.languages import unknown_language
from pipeline.formats.captions.srt import print_srt
from pipeline.formats.captions.vtt import print_vtt
from pipeline.formats.pages.episode_page import print_episode_page
from pipeline.formats.pages.notes_page import print_notes_html, print_notes_md
from pipeline.formats.records.ads_json import print_ads
from pipeline.formats.records.chapters_json import print_chapters
from pipeline.formats.records.cuts_json import print_cuts
from pipeline.formats.records.result_json import print_result
from pipeline.formats.records.rttm import print_rttm
from pipeline.formats.transcripts.md import print_md
from pipeline.formats.transcripts.transcript_html import print_transcript_html
from pipeline.formats.transcripts.transcript_json import print_transcript_json
from pipeline.formats.transcripts.txt import print_txt
from pipeline.result import Result


@dataclass(frozen=True, slots=True)
class Printed:
    """What outputs are printed from; ``clean_audio`` and ``original`` are names in the same folder."""

    result: Result
    clean_audio: str
    original: str = ""
    notes_template: str | None = None


_PRINTERS: dict[str, Callable[[Printed], str]] = {
    "result.json": lambda it: print_result(it.result),
    "transcript.json": lambda it: print_transcript_json(it.result),
    "transcript.vtt": lambda it: print_vtt(it.result),
    "transcript.srt": lambda it: print_srt(it.result),
    "transcript.txt": lambda it: print_txt(it.result),
    "transcript.md": lambda it: print_md(it.result),
    "transcript.html": lambda it: print_transcript_html(it.result),
    "turns.rttm": lambda it: print_rttm(it.result.turns, file_id=it.result.episode.id),
    "ads.json": lambda it: print_ads(it.result.ads, warning=unknown_language(it.result.transcript.language)),
    "cuts.json": lambda it: print_cuts(it.result.cuts),
    "chapters.json": lambda it: print_chapters(it.result),
    "notes.md": lambda it: print_notes_md(it.result, template=it.notes_template),
    "notes.html": lambda it: print_notes_html(it.result),
    "episode.html": lambda it: print_episode_page(it.result, audio=it.clean_audio, original=it.original),
}
TEXT_OUTPUTS = tuple(_PRINTERS)
"""The files with text that every episode has."""


def text_outputs(
    result: Result, *, clean_audio: str, original: str = "", notes_template: str | None = None
) -> dict[str, str]:
    """File name to content; ``clean_audio`` and ``original`` (where there is one) are sound files in the same folder.

    ``notes_template`` is a jinja2 template that takes the place of the one for ``notes.md``.
    """
    printed = Printed(result, clean_audio, original, notes_template)
    return {name: print_it(printed) for name, print_it in _PRINTERS.items()}
