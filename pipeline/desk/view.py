"""What the desk shows of an episode, as plain values for its page; times are source seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pipeline.ads.stage import plan
from pipeline.desk.opened import Opened
from pipeline.formats.pages.ads_table import what_became
from pipeline.formats.pages.notes_page import print_notes_html, print_notes_md
from pipeline.formats.records.plain import to_plain
from pipeline.formats.transcripts.txt import print_txt
from pipeline.library.doubts import find_doubts
from pipeline.library.edits.describe import describe_edit, moment_of
from pipeline.library.edits.on_voices import anchors_of
from pipeline.result import AdSpan, Evidence, Result
from pipeline.timeline import Span


def view_of(opened: Opened) -> dict[str, Any]:
    """Everything that the page of an episode needs at once."""
    result = opened.result
    would = _would_cut(opened)
    labels = [speaker.label for speaker in result.speakers]
    places = {label: place for place, label in enumerate(labels)}
    return {
        "revision": opened.revision,
        "title": result.episode.title,
        "show": result.episode.show,
        "duration": round(result.cuts.duration, 3),
        "mode": opened.findings.recalled.settings.ads,
        "words": [[w.start, w.end, w.text, places.get(w.speaker or "", -1)] for w in result.transcript.words],
        "speakers": _speakers(result),
        "ads": [_ad(ad, result, would) for ad in result.ads],
        "cuts": [[span.start, span.end] for span in result.cuts.removed],
        "pauses": [[span.start, span.end] for ad in result.ads for span in _pauses_near(opened, ad)],
        "chapters": to_plain(result.chapters),
        "notes": to_plain(result.notes),
        "doubts": to_plain(find_doubts(result, opened.findings.otherwise)),
        "warnings": to_plain(result.warnings),
        "edits": _edits(opened),
        "redo": describe_edit(opened.history.undone[-1]) if opened.history.undone else "",
        "recording": opened.findings.recalled.path.is_file(),
    }


def texts_of(result: Result) -> dict[str, str]:
    """The notes and the transcript as they are pasted elsewhere."""
    return {"markdown": print_notes_md(result), "html": print_notes_html(result), "text": print_txt(result)}


def _speakers(result: Result) -> list[dict[str, Any]]:
    anchors = anchors_of(result)
    said: dict[str, int] = {}
    for word in result.transcript.words:
        said[word.speaker or ""] = said.get(word.speaker or "", 0) + 1
    total = max(1, len(result.transcript.words))
    return [
        {
            "label": speaker.label,
            "name": speaker.name,
            "shown": speaker.shown,
            "role": speaker.role,
            "words": said.get(speaker.label, 0),
            "share": round(100 * said.get(speaker.label, 0) / total),
            "voice": to_plain(anchors.get(speaker.label, ())),
            "why": [evidence.text for evidence in speaker.evidence],
        }
        for speaker in result.speakers
    ]


def _ad(ad: AdSpan, result: Result, would: Sequence[Span]) -> dict[str, Any]:
    return {
        "start": round(ad.start, 3),
        "end": round(ad.end, 3),
        "kind": ad.kind,
        "sponsor": ad.sponsor,
        "score": round(100 * ad.score),
        "verdict": ad.verdict,
        "became": what_became(ad, result),
        "why": [_reason(evidence) for evidence in ad.evidence],
        "would": [[s.start, s.end] for s in would if s.overlap(ad) > 0],
    }


def _would_cut(opened: Opened) -> tuple[Span, ...]:
    """Where the recording would be cut if every ad was: how each sounds then."""
    findings = opened.findings
    ads = tuple(replace(ad, verdict="cut") for ad in opened.result.ads)
    return plan(ads, findings.found.transcript, findings.pauses, findings.diarization, findings.decoded).removed


def _reason(evidence: Evidence) -> dict[str, Any]:
    return {"kind": evidence.kind, "text": evidence.text, "at": evidence.at}


def _pauses_near(opened: Opened, ad: AdSpan, *, reach_s: float = 30.0) -> Iterator[Span]:
    """The silences to which a dragged edge snaps."""
    for edge in (ad.start, ad.end):
        yield from opened.findings.pauses.between(max(0.0, edge - reach_s), edge + reach_s)


def _edits(opened: Opened) -> list[dict[str, Any]]:
    unmet = {w.text.partition(": ")[2] for w in opened.result.warnings if w.kind == "edit"}
    said = [(describe_edit(edit), moment_of(edit).start) for edit in opened.history.edits]
    return [{"text": text, "at": at, "fits": text not in unmet} for text, at in said]
