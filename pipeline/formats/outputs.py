"""Every file that is made of text, as a pure function of the result."""

from __future__ import annotations

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


def text_outputs(
    result: Result, *, clean_audio: str, original: str = "", notes_template: str | None = None
) -> dict[str, str]:
    """File name to content; ``clean_audio`` and ``original`` (where there is one) are sound files in the same folder.

    ``notes_template`` is a jinja2 template that takes the place of the one for ``notes.md``.
    """
    return {
        "result.json": print_result(result),
        "transcript.json": print_transcript_json(result),
        "transcript.vtt": print_vtt(result),
        "transcript.srt": print_srt(result),
        "transcript.txt": print_txt(result),
        "transcript.md": print_md(result),
        "transcript.html": print_transcript_html(result),
        "turns.rttm": print_rttm(result.turns, file_id=result.episode.id),
        "ads.json": print_ads(result.ads, warning=unknown_language(result.transcript.language)),
        "cuts.json": print_cuts(result.cuts),
        "chapters.json": print_chapters(result),
        "notes.md": print_notes_md(result, template=notes_template),
        "notes.html": print_notes_html(result),
        "episode.html": print_episode_page(result, audio=clean_audio, original=original),
    }
