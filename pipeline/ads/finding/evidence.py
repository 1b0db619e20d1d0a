"""Why a stretch was taken for an ad, in words: telling phrases with their times, who pays, what kind of ad it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.result import Evidence
from pipeline.timeline import Span, Word
from pipeline.words.links import find_links

ADDRESS = "gives an address"
"""One with an ending that every show has, or any that is a domain's, as links have them ("acme.dev")."""
LONGEST_BRAND = 3
"""Words of a sponsor's name that its address has in one: of 471 labelled sponsors 161 are named exactly so, and 135 by
the longest word of the address alone (a script outside the repository)."""
REASONS_SHOWN = 6  # phrases listed for one span: enough to decide by, short enough to read


class Cue(NamedTuple):
    """A way of speaking that ads have and shows rarely do; ``name`` is what the reason is called."""

    name: str
    pattern: re.Pattern[str]


def _cue(name: str, pattern: str) -> Cue:
    return Cue(name, re.compile(pattern, re.IGNORECASE))


_LISTENERS = r"(?:listeners?|viewers?|readers?|patrons?|members?|supporters?)"
_NOBODY = r"(?!(?-i:[,;:.]+ [a-z]))"
"""After "brought to you by": the sentence goes on without a name ("..., then the host says")."""
NOT_US = rf"{_NOBODY}(?! (?:me|us|you|people like you|{_LISTENERS}|(?:our|my|the) (?:\w+ )?{_LISTENERS})\b)"
"""After "brought to you by": neither that, nor the show itself or those who listen to it."""
PAYS = "(?:brought to you|sponsored|supported|presented|funded|underwritten|made possible)"
SUPPORT = r"(?:support|funding|sponsorship)(?: for [\w' ]{2,50}?)? (?:is |was )?(?:also )?"
"""Two ways to say who pays; the payer follows "by" or "from"."""
_SITE = r"(?:\.|dot )(?:com|org|net|co|io|fm|tv|ai|app|gov|edu)\b"
_PAID_BY = re.compile(rf"{PAYS}(?: today| in part)? by\b", re.IGNORECASE)
_SAYS = r"(?<!to )(?:say|says|said|saying|write|wrote|hear|hears|heard|read|reads|reading)[,:]?"
_CLAUSE = r"(?:this|today's|our|the|that)(?: \w+){1,3}? (?:is |was )?"
_QUOTED = re.compile(
    rf"\b(?:{_SAYS} [\"“‘']?(?:{_CLAUSE})?|(?:go|goes|like|was|were)[,:] [\"“‘']?{_CLAUSE}){_PAID_BY.pattern}",
    re.IGNORECASE,
)
PROMO = _cue(
    "promotes a show",
    r"\b(?:wherever you get your podcasts|(?:my|our|new|the) (?:new )?podcast\b|"
    r"(?:listen|subscribe) (?:for free )?(?:to .{2,40} )?(?:on|in) (?:the|your)|new episodes? (?:every|drop)|"
    r"follow .{2,40} (?:on|wherever)|a show (?:that )?we recommend|binge|i(?:'m the)? host (?:of )?the podcast|"
    r"join (?:me|us) (?:each|every))",
)
CUES = (
    _cue(
        "names its sponsor",
        rf"\b(?:{PAYS}(?: today| in part)? by{NOT_US}|{SUPPORT}(?:provided|comes?)(?: in part)? (?:by|from){NOT_US}|"
        r"our sponsors?|today's sponsor|message comes? from|support for (?:this|the)|"
        r"thanks? to .{2,40} for (?:sponsoring|supporting))",
    ),
    _cue("gives a code", r"\b(?:(?:promo|offer|discount|coupon|our|my) code|use (?:the )?code|code \w+ (?:at|for)|at checkout)\b"),  # noqa: E501
    _cue(ADDRESS, rf"\b[\w-]+ ?{_SITE}(?: ?(?:slash|/) ?[\w-]+)*"),
    _cue("makes an offer", r"(?:\b\d+ ?(?:%|percent)|\b\w+ percent|[$£€]\d[\d,.]*|\b\w+ dollars?) off\b|\bfree (?:trial|shipping|month|for \d+)|\bmoney.back guarantee|\bcash ?back\b|\brisk.free\b|\bfor a limited time\b|\blimited.time offer\b"),  # noqa: E501
    _cue("calls to act", r"\b(?:visit|go to|head (?:over )?to|check out|sign up (?:at|for)|download the|learn more at|get started|order (?:now|today)|try (?:it|us) (?:free|today)|call now|find out more|wherever you get your podcasts|listen (?:now )?on)\b"),  # noqa: E501
    _cue("reads the small print", r"\b(?:terms (?:and conditions )?apply|restrictions apply|member (?:of )?(?:fdic|sipc)|fdic|nmls|subject to approval|void where prohibited|drink responsibly|must be (?:18|21|eighteen|twenty.one)|gambling problem|side effects|ask your doctor|investing involves risk|exclusions apply|paid (?:advertisement|endorsement)|not available in all)\b"),  # noqa: E501
    _cue("leads into a break", r"\b(?:quick break|short break|after (?:the|this|these) (?:break|messages?)|right back|a word from|hear from our|pay (?:some|the) bills|support for this podcast)\b"),  # noqa: E501
    PROMO,
)
_NAME = r"[A-Z](?:[\w'&-]|\.(?=\w))*(?:(?<=\.[A-Z])\.)?"  # "U.S." keeps its stop, the end of a sentence does not
_PAYER = re.compile(
    r"(?:brought to you by|sponsored by|supported by|presented by|sponsor(?:ed)?,? is|today's sponsor,?|[Ss]upport(?: for [\w' ]+?)?(?: and the following message)? comes? from|message comes? from(?: \w+ sponsor)?|sponsoring)\s+(?:our (?:friends|partners) (?:at|over at) )?"  # noqa: E501
    rf"((?:the )?{_NAME}(?: (?:of |and |& )?{_NAME})*)"
)
_DOMAIN_NAME = re.compile(rf"\b([A-Za-z][\w-]+) ?{_SITE}", re.IGNORECASE)
_SOUNDED = re.compile(r"[^\W\d_]{2}")
_COMMON_STARTERS = frozenset(
    {
        "The", "A", "An", "And", "But", "So", "If", "It", "It's", "You", "Your", "With", "At", "In", "On", "For",
        "This", "That", "We", "Our", "I", "My", "He", "She", "They", "What", "When", "Who", "Why", "How", "Get", "Go",
        "Visit", "Try", "Now", "Or", "No", "Not", "Plus", "Just", "To", "From", "Is", "Are", "Don't", "Let's",
        "Learn", "Save", "Use", "All", "One",
    }
)
_NOTES_SITE = re.compile(r"(?:https?://)?(?:www\.)?(?:[\w-]+\.)*?([A-Za-z][\w-]{3,})\.(?:com|co|io|org|net|ai|app)\b")
_EVERYONES_SITES = frozenset(
    {
        *("youtube", "youtu", "instagram", "twitter", "facebook", "tiktok", "spotify", "apple", "patreon", "megaphone"),
        *("acast", "podcastchoices", "simplecast", "art19", "linkedin", "discord", "twitch", "reddit", "linktr"),
    }
)


def find_reasons(words: Sequence[Word], span: Span) -> tuple[Evidence, ...]:
    """The telling phrases inside the span, each kind once or twice, with the time at which it is heard."""
    inside = [word for word in words if span.contains(word.middle)]
    text, starts = text_with_starts(inside)
    found: list[tuple[float, str]] = []
    for cue in CUES:
        for match in list(cue.pattern.finditer(text))[:2]:
            at = inside[word_at(starts, match.start())].start
            found.append((at, f"{cue.name}: “{_around(text, match)}”"))
    if not any(said.startswith(ADDRESS) for _, said in found):
        found += [(link.at, f"{ADDRESS}: “{link.text}”") for link in find_links(inside)[:2]]
    return tuple(Evidence("phrase", said, at) for at, said in sorted(found)[:REASONS_SHOWN])


def quotes_ads(words: Sequence[Word], span: Span) -> bool:
    """Whether the span only tells how ads begin: "they all say, this episode is brought to you by ..."."""
    text, _ = text_with_starts([word for word in words if span.contains(word.middle)])
    quoted = len(_QUOTED.findall(text))
    return 0 < quoted == len(_PAID_BY.findall(text))


def find_sponsor(words: Sequence[Word], span: Span) -> str:
    """Who pays for the span, as spoken, several with commas between them; empty if it does not say."""
    spoken_in = [word for word in words if span.contains(word.middle)]
    inside = [word.text for word in spoken_in]
    text = " ".join(inside).replace(" -", "-")
    found = [_bare(payer[1]) for payer in _PAYER.finditer(text)]
    names = Counter(_bare(name) for name in inside if _may_be_name(name))
    for domain in _DOMAIN_NAME.finditer(text):
        site = domain[1].lower()
        spoken = [name for name in _runs_of_names(inside) if len(name) > 2 and _plain(name) in site]
        if not spoken and "." not in domain[0]:
            continue  # of "data dog dot com" the last word is not the name
        brand = max(spoken, key=len) if spoken else domain[1]
        if not any(_same_brand(brand, other) for other in found):
            found.append(brand)
    if not found:  # of a spoken address the last word may not be the whole name, as above
        hosts = [link.text.split("/")[0] for link in find_links(spoken_in)]
        found = [host.rsplit(".", 1)[0] for host in hosts if host in text.lower()][:1]
    pairs = Counter(
        f"{_bare(a)} {_bare(b)}"
        for a, b in pairwise(inside)
        if a[:1].isupper() and b[:1].isupper() and not {a, b} & _COMMON_STARTERS and a[-1:] not in ".!?,"
    )
    again = [pair for pair, count in pairs.items() if count >= 2]  # a brand of two words, named twice: Edward Jones
    chained = {p for p in again for q in again if p.split()[1] == q.split()[0] or p.split()[0] == q.split()[1]}
    for pair in again:
        if found and pair not in chained and not any(_same_brand(pair, other) for other in found):
            found.append(pair)
    if not found and names and names.most_common(1)[0][1] >= 2:
        found = [names.most_common(1)[0][0]]
    return ", ".join(dict.fromkeys(found))


def _may_be_name(word: str) -> bool:
    return word[:1].isupper() and word not in _COMMON_STARTERS


def _runs_of_names(words: Sequence[str]) -> list[str]:
    """Every one to three neighbouring words that may be a name: "Elm", "Elm Boards", "Boards"; none is spelt out."""
    runs = []
    for n in range(len(words)):
        for last in range(n, min(n + LONGEST_BRAND, len(words))):
            if not (_may_be_name(words[last]) and _SOUNDED.search(words[last])):
                break
            runs.append(" ".join([*words[n:last], _bare(words[last])]))
            if words[last][-1:] in ".!?,;:":
                break
    return runs


def plain_word(word: Word) -> str:
    """A word as it is compared: small, without marks."""
    return re.sub(r"\W", "", word.text.lower())


def _bare(name: str) -> str:
    return name.rstrip(".,!?").removesuffix("'s")


def _plain(name: str) -> str:
    return re.sub(r"\W", "", name.replace("'s", "")).lower()


def _same_brand(one: str, other: str) -> bool:
    """Whether one of two names is a part of the other, or its initials ("uhg" and "United Health Group")."""
    a, b = _plain(one), _plain(other)
    first, second = ("".join(part[0] for part in name.lower().split()) for name in (one, other))
    return a in b or b in a or first == b or second == a


def text_with_starts(words: Sequence[Word]) -> tuple[str, list[int]]:
    """The words with spaces between them, and at which letter each begins."""
    starts, text = [], ""
    for word in words:
        text += " " if text else ""
        starts.append(len(text))
        text += word.text
    return text, starts


def word_at(starts: list[int], position: int) -> int:
    """The word that a letter belongs to; the space after a word is its own."""
    return max(0, sum(start <= position for start in starts) - 1)


def _around(text: str, match: re.Match[str]) -> str:
    """The match with whole words around it, short."""
    first = text.rfind(" ", 0, max(0, match.start() - 12)) + 1 if match.start() > 12 else 0
    last = text.find(" ", match.end() + 14)
    return text[first : last if last >= 0 else len(text)].strip()


def named_in_notes(words: Sequence[Word], span: Span, description: str) -> tuple[Evidence, ...]:
    """A site of the show notes whose name is spoken inside the span: show notes list who paid."""
    sites = {match[1].lower() for match in _NOTES_SITE.finditer(description)} - _EVERYONES_SITES
    inside = [word for word in words if span.contains(word.middle)]
    spoken = [re.sub(r"\W", "", word.text.lower()).removesuffix("s") for word in inside]
    for n, word in enumerate(inside):
        said = {spoken[n], "".join(spoken[n : n + 2]), "".join(spoken[n : n + 3])}
        if site := next((s for s in sites if s.removesuffix("s") in said), ""):
            return (Evidence("metadata", f"the show notes link to {site}", word.start),)
    return ()
