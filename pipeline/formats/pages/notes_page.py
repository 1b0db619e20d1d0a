"""``notes.md`` and ``notes.html``: the show notes as a podcaster publishes them, from a jinja2 template.

The user's own template gets the same names: ``title show published length summary cast rewritten_by speakers others
chapters points quotes mentions sponsors kept`` (see ``notes_context``), with every time on the clean clock but those
of the sponsors.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from pipeline.ads.offers import find_offer
from pipeline.errors import FormatError
from pipeline.formats.clock import clock
from pipeline.formats.records.chapters_json import clean_chapters
from pipeline.formats.transcripts.clean_transcript import clean_sentences, cut_ads, kept_ads
from pipeline.formats.transcripts.md import escape
from pipeline.result import AdSpan, Mention, Quote, Result
from pipeline.timeline import Seconds

if TYPE_CHECKING:
    from jinja2 import Environment

KINDS = {"person": "People", "organisation": "Organisations", "work": "Works", "link": "Links"}
LEAST_SHARE = 0.005
"""A voice with less of the words than this is counted, not listed, unless it has a name."""
TIMES_SHOWN = 3


def print_notes_md(result: Result, *, template: str | None = None) -> str:
    """The notes as Markdown; ``template`` is the text of the user's own jinja2 template."""
    return _render(result, template, "notes.md.jinja", html=False)


def print_notes_html(result: Result, *, template: str | None = None) -> str:
    """The notes as an HTML fragment for a show's page; every text from outside is escaped."""
    return _render(result, template, "notes.html.jinja", html=True)


def notes_context(result: Result) -> dict[str, Any]:
    """What a template is given: texts, and times as ``{"at": seconds, "clock": "1:05"}``."""
    speakers, others = _speakers(result)
    ads = {"sponsors": _sponsors(cut_ads(result), result), "kept": _sponsors(kept_ads(result), result)}
    return {
        "title": result.episode.title or result.episode.id,
        "show": result.episode.show,
        "published": result.episode.published[:10],
        "length": clock(result.cuts.clean_duration),
        "summary": [_quote(q, result) for q in result.notes.summary],
        "cast": _cast(speakers, said=" ".join(q.text for q in result.notes.summary)),
        "rewritten_by": result.notes.rewritten_by,
        "speakers": speakers,
        "others": others,
        "chapters": [
            {**_moment(c.start), "title": c.title, "url": c.url} for c in clean_chapters(result.chapters, result.cuts)
        ],
        "points": [_quote(q, result) for q in result.notes.points],
        "quotes": [_quote(q, result) for q in result.notes.quotes],
        "mentions": [
            {"kind": shown, "items": [_mention(m, result) for m in result.notes.mentions if m.kind == kind]}
            for kind, shown in KINDS.items()
            if any(m.kind == kind for m in result.notes.mentions)
        ],
        **ads,
    }


def about_text(result: Result) -> str:
    """What the notes open with: the summary, and who is in it."""
    context = notes_context(result)
    return " ".join(part for part in (*(sentence["text"] for sentence in context["summary"]), context["cast"]) if part)


def _cast(speakers: Sequence[dict[str, Any]], *, said: str) -> str:
    """Who speaks, as a show says it of itself; without those whom the summary (``said``) names in full.

    >>> people = [{"name": "Ada Park", "role": "host"}, {"name": "Bo Li", "role": "baker"}]
    >>> _cast(people, said="Today it is bread.")
    'With Bo Li (baker). Ada Park hosts.'
    """
    named = [speaker for speaker in speakers if speaker["name"]]
    hosts = [speaker["name"] for speaker in named if "host" in speaker["role"]]
    others = [
        f"{speaker['name']} ({speaker['role']})" if speaker["role"] not in ("", "guest") else speaker["name"]
        for speaker in named
        if speaker["name"] not in (*hosts, *_named_in(said, named))
    ]
    parts = [f"With {_list(others)}."] if others else []
    return " ".join(parts + ([f"{_list(hosts)} {'hosts' if len(hosts) == 1 else 'host'}."] if hosts else []))


def _named_in(said: str, speakers: Sequence[dict[str, Any]]) -> list[str]:
    return [speaker["name"] for speaker in speakers if speaker["name"] in said]


def _list(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _render(result: Result, template: str | None, default: str, *, html: bool) -> str:
    from jinja2 import TemplateError

    environment = _environment(html)
    try:
        chosen = environment.get_template(default) if template is None else environment.from_string(template)
        text = chosen.render(notes_context(result))
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        raise FormatError("notes template", f"{error.message or type(error).__name__}", line=line) from error
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if template is None:
            raise
        raise FormatError("notes template", f"{type(error).__name__}: {error}") from error
    return text.strip() + "\n"


@cache
def _environment(html: bool) -> Environment:
    from jinja2 import PackageLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("pipeline.formats.pages"),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = lambda text: escape(str(text))
    return environment


def _moment(seconds: Seconds) -> dict[str, Any]:
    return {"at": round(seconds, 3), "clock": clock(seconds)}


def _quote(quote: Quote, result: Result) -> dict[str, Any]:
    return {
        **_moment(result.cuts.to_clean(quote.start)),
        "text": quote.text,
        "speaker": result.shown(quote.speaker or None),
    }


def _mention(mention: Mention, result: Result) -> dict[str, Any]:
    heard = [t for t in mention.at if not result.cuts.removes(t)]
    return {
        "text": mention.text,
        "url": mention.url if mention.url.startswith(("https://", "http://", "mailto:")) else "",
        "times": [_moment(result.cuts.to_clean(t)) for t in heard[:TIMES_SHOWN]],
        "count": len(heard),
    }


def _speakers(result: Result) -> tuple[list[dict[str, Any]], int]:
    """Who is heard outside ads, most words first within host and others; and how many more voices there are."""
    spoken: dict[str, int] = {}
    for sentence in clean_sentences(result):
        if sentence.ad is None and sentence.words[0].speaker:
            label = sentence.words[0].speaker
            spoken[label] = spoken.get(label, 0) + len(sentence.words)
    total = sum(spoken.values())
    known = {speaker.label: speaker for speaker in result.speakers}
    rows = []
    for label, words in sorted(spoken.items(), key=lambda item: -item[1]):
        speaker = known.get(label)
        name, role = (speaker.name, speaker.role) if speaker else ("", "")
        if role != "ad" and (name or words >= LEAST_SHARE * total):
            rows.append({"name": name, "label": label, "role": role, "share": round(100 * words / total)})
    named = [row for row in rows if row["name"]]
    return (named, len(rows) - len(named)) if named else (rows, 0)


def _sponsors(ads: Sequence[AdSpan], result: Result) -> list[dict[str, Any]]:
    return [
        {
            "name": ad.sponsor,
            "offer": str(find_offer(result.transcript.words, ad, metadata=result.episode.description)),
            "kind": ad.kind,
            "verdict": ad.verdict,
            "start": clock(ad.start),
            "end": clock(ad.end),
            "length": round(ad.duration),
        }
        for ad in ads
    ]
