"""A case from the texts of its folder: what each file says is true of the recording.

- ``reference.txt``: the transcript as the seed writes it ("Speaker 1 Hello."), as "Name: Hello." or as plain text
- ``reference.vtt``, ``.srt``, ``.stm``, ``.ctm``: the same from another tool, with times; what STM excludes from
  scoring is taken as an ad
- ``reference.json``: who made the transcript, and how wrong it is itself, by which estimate:
  {"made_by": "human" | "machine" | "script", "error": 0.02, "error_from": "..."}
- ``reference.rttm``: who speaks when; ``reference.uem``: the only regions in which that counts
- ``ads.json``: {"ads": [[start, end], ...]} in seconds; an empty list says that there are none
- ``reference.ads.json``: ads marked on the paragraphs of reference.txt, {"ads": [{"first", "last"}]}
- ``words.json``: the reference's words with their times, alone or beside reference.txt
- ``chapters.json``: the show's own chapters
- ``names.json``: who speaks, {"names": ["Nora Gelperin", ...]}, or {"names": {"Speaker 2": "Nora ...", ...}} to check
  that each voice bears its own name
- ``case.json``: the recording, {"id", "synthetic": bool, "title", "show", "description", "language"}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from pipeline.errors import FormatError
from pipeline.formats.captions.word_files import parse_word_file
from pipeline.formats.nist.ctm import parse_ctm
from pipeline.formats.nist.stm import parse_stm
from pipeline.formats.nist.uem import parse_uem
from pipeline.formats.records.ads_json import parse_ads
from pipeline.formats.records.chapters_json import parse_chapters
from pipeline.formats.records.rttm import parse_rttm
from pipeline.formats.records.seed import AdMark, SeedTranscript, in_ads, parse_ad_marks, parse_seed
from pipeline.language import language_code, language_of_script
from pipeline.scores.case import Case, Provenance, ReferenceWord
from pipeline.scores.words.alignment import align_words
from pipeline.timeline import Span, Word, merge_spans

TRANSCRIPTS = ("reference.txt", "reference.vtt", "reference.srt", "reference.stm", "reference.ctm")
FACTS = ("reference.rttm", "reference.uem", "ads.json", "words.json", "chapters.json", "names.json", "case.json")
FILES = (*TRANSCRIPTS, "reference.ads.json", "reference.json", *FACTS)
"""Every file of a case folder that is read here; the audio is the shell's."""


def build_case(texts: Mapping[str, str], *, case_id: str) -> Case:
    """The case whose files say ``texts`` (name to content); FormatError names the file that cannot be read."""
    about, source = _load(texts, "case.json"), _load(texts, "reference.json")
    marks, seed = _seed(texts)
    remarks = list(seed.remarks) if seed else []
    words, ignored = _transcript(texts, seed, marks, remarks.append)
    ads = _ads(texts, marks)
    names, voices = _names(texts)
    return Case(
        id=str(about.get("id") or case_id),
        words=words,
        turns=parse_rttm(texts["reference.rttm"], name="reference.rttm") if "reference.rttm" in texts else None,
        scored=parse_uem(texts["reference.uem"], name="reference.uem") if "reference.uem" in texts else None,
        ads=ignored if ads is None and ignored else ads,
        chapters=_chapters(texts),
        names=names,
        named_voices=voices,
        title=str(about.get("title") or (seed.title if seed else "")),
        show=str(about.get("show") or ""),
        description=str(about.get("description") or (seed.description if seed else "")),
        language=language_code(str(about.get("language") or "")) or language_of_script(" ".join(w.text for w in words)),
        synthetic=about.get("synthetic") is True,
        provenance=_provenance(source),
        reference_error=_error(source),
        reference_error_from=str(source.get("error_from") or ""),
        remarks=tuple(remarks),
    )


def _seed(texts: Mapping[str, str]) -> tuple[tuple[AdMark, ...] | None, SeedTranscript | None]:
    if "reference.txt" not in texts:
        return None, None
    seed = parse_seed(_without_heading(texts["reference.txt"]), name="reference.txt")
    for name in ("reference.ads.json", "ads.json"):
        if any(isinstance(ad, dict) and "first" in ad for ad in _load(texts, name).get("ads") or ()):
            return parse_ad_marks(texts[name], seed, name=name), seed
    return None, seed


_FRONT_MATTER = re.compile(r"\A[\ufeff\s]*---[ \t]*\n(?:[\w-]+:.*\n|[ \t]+.*\n|- .*\n|[ \t]*\n)*---[ \t]*\n")
"""What note and site programs write above a Markdown text: ``key: value`` between two lines of dashes."""


def _without_heading(text: str) -> str:
    """The text without its front matter or a block of ``#`` lines (title, cast) above the first blank line."""
    text = _FRONT_MATTER.sub("", text)
    if not text.lstrip("\ufeff\n ").startswith("#"):
        return text
    head, _, rest = text.lstrip("\ufeff\n ").partition("\n\n")
    return rest or head


def _transcript(
    texts: Mapping[str, str],
    seed: SeedTranscript | None,
    marks: Sequence[AdMark] | None,
    warn: Callable[[str], None],
) -> tuple[tuple[ReferenceWord, ...], tuple[Span, ...]]:
    ignored: tuple[Span, ...] = ()
    if seed is not None:
        words = tuple(
            ReferenceWord(text, paragraph.speaker, None, None if marks is None else in_ads(marks, index), place == 0)
            for index, paragraph in enumerate(seed.paragraphs)
            for place, text in enumerate(paragraph.text.split())
        )
    elif "reference.stm" in texts:
        stm = parse_stm(texts["reference.stm"], name="reference.stm")
        words, ignored = tuple(map(_reference_word, stm.words)), stm.unscored
    elif "reference.ctm" in texts:
        words = tuple(map(_reference_word, parse_ctm(texts["reference.ctm"], name="reference.ctm")))
    else:
        name = next((n for n in ("reference.vtt", "reference.srt", "words.json") if n in texts), None)
        words = () if name is None else _timed(texts[name], name, warn)
    timed = _timed(texts["words.json"], "words.json", warn) if "words.json" in texts and words else ()
    return (_with_times(words, timed) if timed and any(w.span is None for w in words) else words), ignored


def _timed(text: str, name: str, warn: Callable[[str], None]) -> tuple[ReferenceWord, ...]:
    found = parse_word_file(text, path=name, warn=lambda said: warn(f"{name}: {said}"))
    return tuple(_reference_word(word) for word in found.words)


def _reference_word(word: Word) -> ReferenceWord:
    return ReferenceWord(word.text, word.speaker, Span(word.start, word.end))


def _with_times(words: Sequence[ReferenceWord], timed: Sequence[ReferenceWord]) -> tuple[ReferenceWord, ...]:
    """The words with the times of the same words in ``timed``; those that it lacks stand between their neighbours."""
    if [word.text for word in words] == [word.text for word in timed]:
        return tuple(replace(word, span=other.span) for word, other in zip(words, timed, strict=True))
    spans: list[Span | None] = [None] * len(words)
    alignment = align_words([word.text for word in words], [word.text for word in timed])
    for pair in alignment.pairs:
        if pair.reference is not None and pair.found is not None:
            ours, theirs = alignment.reference[pair.reference], alignment.found[pair.found]
            for index in range(ours.first, ours.last + 1):
                spans[index] = timed[theirs.first].span
    return tuple(replace(word, span=span) for word, span in zip(words, _filled(spans), strict=True))


def _filled(spans: Sequence[Span | None]) -> list[Span | None]:
    """Gaps filled with the moment between the neighbours that have a time."""
    known = [i for i, span in enumerate(spans) if span is not None]
    if not known:
        return list(spans)
    filled: list[Span | None] = []
    for index, span in enumerate(spans):
        if span is None:
            before = max((k for k in known if k < index), default=known[0])
            after = min((k for k in known if k > index), default=known[-1])
            left, right = spans[before], spans[after]
            assert left is not None and right is not None
            share = (index - before) / (after - before) if after > before else 0.5
            moment = left.middle + share * (right.middle - left.middle)
            span = Span(moment, moment)
        filled.append(span)
    return filled


def _ads(texts: Mapping[str, str], marks: Sequence[AdMark] | None) -> tuple[Span, ...] | None:
    document = _load(texts, "ads.json")
    if "ads.json" not in texts or any(isinstance(ad, dict) and "first" in ad for ad in document.get("ads") or ()):
        return () if marks == () else None
    return merge_spans(parse_ads(texts["ads.json"], path="ads.json"))


def _chapters(texts: Mapping[str, str]) -> Any:
    if "chapters.json" not in texts:
        return None
    return parse_chapters(texts["chapters.json"], path="chapters.json")


def _names(texts: Mapping[str, str]) -> tuple[tuple[str, ...] | None, dict[str, str] | None]:
    """The people who speak, and, where the file says so, which label of the reference each of them has."""
    if "names.json" not in texts:
        return None, None
    names = _load(texts, "names.json").get("names")
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return tuple(names), None
    if isinstance(names, dict) and all(isinstance(name, str) for name in names.values()):
        return tuple(names.values()), {"_".join(label.split()): name for label, name in names.items()}
    raise FormatError("names.json", 'expected {"names": ["First Last", ...]} or {"names": {"Speaker 1": "First Last"}}')


def _provenance(source: Mapping[str, Any]) -> Provenance:
    stated = source.get("made_by", "unstated")
    if stated not in get_args(Provenance):
        raise FormatError("reference.json", f'"made_by" is human, machine or script, not {stated!r}')
    return stated


def _error(source: Mapping[str, Any]) -> float | None:
    error = source.get("error")
    if error is None:
        return None
    if isinstance(error, bool) or not isinstance(error, int | float) or not 0 <= error <= 1:
        raise FormatError("reference.json", f'"error" is a word error rate between 0 and 1, not {error!r}')
    return float(error)


def _load(texts: Mapping[str, str], name: str) -> dict[str, Any]:
    if name not in texts:
        return {}
    try:
        document = json.loads(texts[name])
    except ValueError as error:
        raise FormatError(name, f"is not JSON ({error})") from error
    if isinstance(document, list) and name == "names.json":
        return {"names": document}
    if not isinstance(document, dict):
        raise FormatError(name, "should hold one JSON object, {...}")
    return document
