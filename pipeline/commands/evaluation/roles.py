"""What a file says of a recording: the names that its texts would have in a case folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.scores.hypothesis import RESULT
from pipeline.scores.references import FILES

TIMED_SUFFIXES = frozenset((".json", ".jsonl", ".tsv", ".csv", ".ass", ".ssa", ".ttml", ".lrc"))
"""Transcripts that are told by what stands in them."""
SUFFIXES = TIMED_SUFFIXES | {".txt", ".vtt", ".srt", ".stm", ".ctm", ".rttm", ".uem"}
ROLES = ("reference", "transcript", "hypothesis", "turns")
"""Stems that say what a file is, not which recording it is of."""
FACTS = ("ads", "chapters", "names", "words", "case", "result", "reference.ads")
TOLD = ("id", "title", "show", "description")
"""What WORDS.json may say of its episode."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-\w+)?")


def is_named(path: Path) -> bool:
    """Whether a file's name says what it is, and the folder's name which recording it is of."""
    return path.name in FILES or path.name == RESULT or path.stem in ROLES


def stem_of(path: Path) -> str:
    """The name of the recording in a file's: ``ep1`` of ``ep1.ads.json`` and ``ep1.reference.txt``."""
    stem = path.stem
    for role in (*ROLES, *FACTS):
        if stem.endswith(f".{role}"):
            return stem.removesuffix(f".{role}")
    return stem


def texts_of(path: Path, text: str) -> dict[str, str]:
    """The texts of a file by the names that they would have in a case folder; JSON may hold several."""
    if path.name in FILES or path.name == RESULT:
        return {path.name: text}
    suffix = path.suffix.lower()
    if suffix != ".json":
        return {"words.json" if suffix in TIMED_SUFFIXES else f"reference{suffix}": text}
    said = path.stem.rpartition(".")[2]
    return {f"{said}.json": text} if said in FACTS else _of_json(text)


def _of_json(text: str) -> dict[str, str]:
    """What stands in a JSON file; what cannot be told is taken for a transcript."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return {"words.json": text}
    if {"episode", "transcript", "words", "cuts"} <= document.keys():
        return {RESULT: text}
    facts = {f"{fact}.json": text for fact in ("ads", "chapters", "names") if fact in document}
    if facts and "words" not in document and "segments" not in document:
        return facts
    told = _told(document)
    return {"words.json": text, **facts, **({"case.json": json.dumps(told)} if told else {})}


def _told(document: Mapping[str, Any]) -> dict[str, str]:
    told = {name: document[name] for name in TOLD if isinstance(document.get(name), str)}
    language = document.get("language")
    known = isinstance(language, str) and _LANGUAGE.fullmatch(language)
    return told | ({"language": str(language)} if known else {})


def names_in(texts: Mapping[str, str]) -> tuple[str, ...]:
    """What else a recording is called: where a run's recording lay and its title, the id of a case."""
    try:
        if RESULT in texts:
            episode = json.loads(texts[RESULT]).get("episode", {})
            source = Path(str(episode.get("source", "")).replace("\\", "/"))
            names = [source.parent.name if source.stem == "audio" else source.stem, source.stem, episode.get("title")]
        else:
            names = [json.loads(texts.get("case.json", "{}")).get("id")]
    except (ValueError, AttributeError):  # it is said when the file is read in earnest
        return ()
    return tuple(name for name in names if isinstance(name, str) and name)
