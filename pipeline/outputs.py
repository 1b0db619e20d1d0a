"""Every file that is made of text, as a pure function of the result."""

from __future__ import annotations

from pathlib import PurePath

from pipeline.formats.ads_json import print_ads
from pipeline.formats.chapters_json import print_chapters
from pipeline.formats.cuts_json import print_cuts
from pipeline.formats.episode_page import print_episode_page
from pipeline.formats.md import print_md
from pipeline.formats.notes_page import print_notes_html, print_notes_md
from pipeline.formats.result_json import print_result
from pipeline.formats.rttm import print_rttm
from pipeline.formats.srt import print_srt
from pipeline.formats.transcript_html import print_transcript_html
from pipeline.formats.transcript_json import print_transcript_json
from pipeline.formats.txt import print_txt
from pipeline.formats.vtt import print_vtt
from pipeline.timeline import Result


def text_outputs(result: Result, *, clean_audio: str, notes_template: str | None = None) -> dict[str, str]:
    """File name to content; ``clean_audio`` is the name of the sound file that lies beside them.

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
        "ads.json": print_ads(result.ads),
        "cuts.json": print_cuts(result.cuts),
        "chapters.json": print_chapters(result),
        "notes.md": print_notes_md(result, template=notes_template),
        "notes.html": print_notes_html(result),
        "episode.html": print_episode_page(result, audio=clean_audio, original=PurePath(result.episode.source).name),
    }
