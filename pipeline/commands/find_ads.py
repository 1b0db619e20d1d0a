"""``cleancast ads``: the ads in an existing transcript."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from string import punctuation

from pipeline.ads.offers import find_offer
from pipeline.ads.opinion import second_opinion
from pipeline.ads.verdict import judge_ads
from pipeline.errors import FormatError
from pipeline.formats.captions.word_files import parse_word_file
from pipeline.formats.clock import clock
from pipeline.formats.text_encoding import decode_text
from pipeline.result import REMOVED_KINDS, AdKind, AdSpan
from pipeline.timeline import Word
from pipeline.wiring import ad_detector, language_model

LEAST_WORDS = 30
"""A shorter text does not show its language."""
ENGLISH_SHARE = 0.25
"""Of words that are English function words: 0.49 at least in 174 English episodes, below 0.23 in one of 1,000
passages of 30 words, down to 0.07; 0.13 at most in spaCy's sentences of other languages."""


def ads_of_transcript(
    file: Path,
    *,
    explain: bool,
    remove: tuple[AdKind, ...] = REMOVED_KINDS,
    adviser: tuple[str, str] | None = None,
) -> str:
    """The ads in a transcript file, as JSON or as text; ``adviser``: a language model to ask about held ads."""
    words, about = read_transcript(file)
    if not looks_english([word.text for word in words]):
        _say(file)("this does not look like English, which is all that the ad detector knows; most ads are not found")
    found = ad_detector()()(words, description=about["description"]).ads
    if (model := language_model(adviser)) is not None:
        opinion = second_opinion(found, words, model=model())
        found = opinion.ads
        for warning in opinion.warnings:
            print(f"cleancast: {warning.text}", file=sys.stderr)
    ads = judge_ads(found, duration_s=words[-1].end if words else 0.0, kinds=remove)
    offered = partial(find_offer, words, metadata=about["description"])
    if explain:
        return (
            "\n".join(
                f"{clock(ad.start)}-{clock(ad.end)}  {ad.kind} {ad.sponsor} (score {ad.score:.2f}, {ad.verdict})\n"
                + (f"    offer: {offer}\n" if str(offer := offered(ad)) else "")
                + "\n".join(
                    f"    {e.kind}{f' at {clock(e.at)}' if e.at is not None else ''}: {e.text}" for e in ad.evidence
                )
                for ad in ads
            )
            or "no ads found"
        )
    listed = {"ads": [_listed(ad, words, about["description"]) for ad in ads if ad.verdict == "cut"]}
    if held := [_listed(ad, words, about["description"]) for ad in ads if ad.verdict == "hold"]:
        listed["held"] = held  # likely, but for a person to decide
    return json.dumps(listed, ensure_ascii=False, indent=1)


def looks_english(words: Sequence[str]) -> bool:
    """Whether enough of the words are function words of English; a short text counts as English.

    >>> looks_english("heute reden wir wieder über das Meer".split() * 5)
    False
    """
    from spacy.lang.en.stop_words import STOP_WORDS

    plain = [word.strip(punctuation).lower() for word in words]
    return len(words) < LEAST_WORDS or sum(word in STOP_WORDS for word in plain) >= ENGLISH_SHARE * len(words)


def _listed(ad: AdSpan, words: tuple[Word, ...], description: str) -> dict[str, object]:
    offer = find_offer(words, ad, metadata=description)
    return {
        "start": round(ad.start, 3),
        "end": round(ad.end, 3),
        "score": round(ad.score, 4),
        "kind": ad.kind,
        "verdict": ad.verdict,
        "sponsor": ad.sponsor,
        "addresses": list(offer.addresses),
        "code": offer.code,
        "evidence": [{"kind": e.kind, "text": e.text, "at": e.at} for e in ad.evidence],
    }


def _say(file: Path) -> Callable[[str], None]:
    return lambda text: print(f"cleancast: {file}: {text}", file=sys.stderr)


def read_transcript(file: Path) -> tuple[tuple[Word, ...], dict[str, str]]:
    """The words of a transcript file and what it says about the episode."""
    try:
        text = decode_text(file.read_bytes())
    except OSError as error:
        raise FormatError(file, f"cannot be read ({error.strerror})") from None
    found = parse_word_file(text, path=str(file), warn=_say(file))
    return found.words, {"title": found.title, "show": found.show, "description": found.description}
