"""Which sentences can stand alone in print: whole, declarative, with everything they point at inside themselves."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.notes.tagger import FINITE, NOUNS, Token, tag_words
from pipeline.timeline import Segment, Span, Word, join_words
from pipeline.words.lists import listed

_MARKERS = listed(
    """
    and but so or now well yeah yes okay ok right also like anyway then because basically actually honestly look
    listen see obviously exactly sure plus oh um uh mean know course
    """
)
_LEAD_IN = listed("this it here here's thing question point answer that's simple")
_MARKER_PHRASES = (
    ("you", "know"), ("i", "mean"), ("of", "course"), ("and", "then"), ("so", "yeah"), ("i", "think"), ("all", "right"),
    ("also", "in", "the", "news"), ("in", "other", "news"), ("by", "the", "way"), ("first", "of", "all"),
    ("in", "fact"), ("i", "guess"), ("the", "thing", "is"), ("what", "i", "mean", "is"), ("let", "me", "say"),
)  # fmt: skip
_HOUSEKEEPING = re.compile(
    r"^thanks?,|\b(?:welcome (?:back )?(?:to|everyone)|(?:ideas|things|everything) we(?:'ve)? covered|"
    r"thanks? (?:you )?(?:so much )?for (?:listening|joining|having|"
    r"tuning|being|coming)|"
    r"subscribe|follow us|rate and review|leave (?:us )?a review|our (?:news)?letter|patreon|before we go|"
    r"coming up|that's (?:all|it) for|see you (?:tomorrow|next|soon|then|later|again)|stay tuned|right back|"
    r"this is .{3,40} podcast|co-?production|additional reporting|produced by|hosted by|edited by|our producers?|"
    r"theme music|fact.check|send us|voice (?:note|mail)|email us|e-?mail at|sign up|our (?:sponsor|show)s?\b|"
    r"i'm your host|let's (?:dive|get into|jump|talk|go|start)|before we (?:begin|start|get|keep)|"
    r"last episode|next episode|this episode|previous episode|today's (?:episode|show)|on the show|"
    r"we'll be (?:right )?back|after (?:the|this|a) (?:short |quick )?break|in the show notes|links? in|"
    r"subreddit|discord\b|shout.?outs?|thank(?:s| you) to|to thank|our (?:listeners|patrons|friends at)|"
    r"tiktok and|transcript|discount|promo code|percent off|free trial|brought to you|sponsored|support for)\b",
    re.IGNORECASE,
)
_ANNOUNCEMENT = re.compile(
    r"^(?:(?:so|and|now|because),? )?(?:"
    r"(?:today|tonight|this week|this time|in this (?:episode|conversation)|on (?:today's|this) (?:episode|show|"
    r"program)|my guest)\b.{0,60}"
    r"\b(?:talk(?:ing|s)? (?:about|to|with)|discuss|joined by|guest (?:today )?is|look(?:ing|s)? at|explor|"
    r"dig(?:ging|s)? into|ask(?:ing|s)?|tell(?:ing|s)?|explain|we're with|story of|interview)|"
    r"(?:this|it|today's (?:story|episode|show)|our story)(?:'s| is) (?:about|"
    r"(?:the|a) (?:story|tale|case) (?:of|about))|"
    r"(?:we|we're|i'm|i am) (?:speaking|talking) (?:to|with)\b)",
    re.IGNORECASE,
)
_SIGNPOST = re.compile(
    r"\b(?:welcome (?:back )?to|coming up|that's next|when we come back|after the break|stay with us|"
    r"from .{3,40}, i'm|"
    r"we'll be right back|this is .{3,30}\.$)",
    re.IGNORECASE,
)
_GREETING = re.compile(r"\b(?:welcome|hello|hi,|hey|good (?:morning|evening|afternoon)|thanks?)\b", re.IGNORECASE)
_FILLER = re.compile(
    r"\b(?:kind of|sort of|you know|i mean|um+|uh+|like,|or whatever|right\?|gonna|wanna|kinda|literally|basically|"
    r"i guess|stuff like that|and so on|or something|blah)",
    re.IGNORECASE,
)
_THIRD = listed(
    """
    he she it they him her them his hers its their theirs himself herself itself themselves
    """
)
_POINTING = listed("this that these those such there here")
_TIMES = listed(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december day days week weeks month months year years time morning evening night today
    yesterday tomorrow spring summer fall autumn winter minute minutes hour hours
    """
)
_VAGUE = listed(
    "part parts kind kinds sort lot lots bit bits thing things side way ways rest one ones fact idea reason"
)
_FIRST_SECOND = listed("i we you me us my our your mine ours yours i'm we're you're")
_RELATIVE_TIME = re.compile(
    r"^(?:then|later|after that|before that|since then|meanwhile|weeks? later|(?:days|weeks|months|"
    r"years) (?:later|after|before)|"
    r"the (?:next|following|same)|at (?:that|the same) (?:time|point|moment)|from there|in (?:that|"
    r"this) (?:case|way|sense)|"
    r"instead|however|therefore|otherwise|even (?:so|then|with all)|as a result|on the other hand|for example|"
    r"for instance)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"^(?:the|those|these|this|that|both|each|another|other|such|some of|one of|all of)\b", re.I)


@dataclass(frozen=True, slots=True)
class Judged(Span):
    """A sentence, the part of it that is printed, and how well it stands alone (0 not at all, 1 fully)."""

    segment: Segment
    words: tuple[Word, ...]
    text: str
    whole: bool
    alone: float
    fluent: float
    declarative: bool
    personal: bool

    @property
    def exact(self) -> bool:
        """Printed to the letter as it was said: nothing cut off, no capital raised."""
        return self.text == self.segment.text


def judge_sentence(segment: Segment) -> Judged:
    """The judgement on one sentence; what is printed differs from what was said only by a marker cut off its front."""
    words = trim(segment.words)
    text = capitalised(join_words(words)).lstrip("-\u2013\u2014 ")
    tokens = tag_words([word.text for word in words])
    whole = _is_whole(text, tokens)
    alone = _stands_alone(text, tokens) if whole else 0.0
    fluent = max(0.0, 1.0 - 0.2 * len(_FILLER.findall(text)) - 0.3 * _repeats(tokens))
    return Judged(
        words[0].start, max(w.end for w in words), segment, words, text, whole, alone, fluent,
        not _asks(text, tokens),
        any(t.lower in _FIRST_SECOND for t in tokens) and not is_announcement(text),
    )  # fmt: skip


def trim(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words without discourse markers in front, if what is left begins a sentence of its own.

    >>> trim([Word(i, i + 1, text) for i, text in enumerate("But, bread rises when warm.".split())])[0].text
    'bread'
    """
    rest = list(words)
    while len(rest) > 1 and not re.search(r"\w", rest[0].text):
        rest = rest[1:]
    colon = next((i for i, word in enumerate(rest[:8]) if word.text.endswith(":")), None)
    if (
        colon is not None
        and len(rest) - colon > 5
        and _LEAD_IN & {w.text.lower().rstrip(":,") for w in rest[: colon + 1]}
    ):
        rest = rest[colon + 1 :]
    while len(rest) > 4:
        lower = [re.sub(r"[^\w']", "", word.text.lower()) for word in rest]
        phrase = next((p for p in _MARKER_PHRASES if tuple(lower[: len(p)]) == p), None)
        if phrase is not None and (rest[len(phrase) - 1].text.endswith(",") or phrase == ("and", "then")):
            rest = rest[len(phrase) :]
        elif lower[0] in _MARKERS and (rest[0].text.endswith(",") or lower[0] in ("and", "but", "so")):
            rest = rest[1:]
        else:
            break
    return tuple(rest)


def capitalised(text: str) -> str:
    """The text with a capital at its front, unless its first word is spelt with one inside (iPhone)."""
    first = text.split(" ", 1)[0]
    return text if any(c.isupper() for c in first) else text[:1].upper() + text[1:]


def is_housekeeping(text: str) -> bool:
    """Greetings, thanks, credits and the show talking about itself."""
    return bool(_HOUSEKEEPING.search(text)) and not is_announcement(text)


def is_signpost(text: str) -> bool:
    """The show turning a corner ("Welcome to ...", "That's next"): just before it, shows say what it is all about."""
    return bool(_SIGNPOST.search(text))


def is_announcement(text: str) -> bool:
    """The host saying what the episode is about or who is in it; to be trusted near its beginning only."""
    return bool(_ANNOUNCEMENT.search(text)) and not _GREETING.search(text)


def _asks(text: str, tokens: Sequence[Token]) -> bool:
    """A question, with its mark or, as recognisers have it, without."""
    if text.rstrip("\"'\u201d ").endswith("?"):
        return True
    asked = tokens[0].lower in ("how", "why", "who", "where", "when", "what")
    return asked and len(tokens) > 1 and tokens[1].lower in _ASKING


_ASKING = listed("is are was were do does did can could will would should has have 's 're")


def _is_whole(text: str, tokens: Sequence[Token]) -> bool:
    """Whether it ends as a sentence and has a main verb, one that no "which" or "because" has used up."""
    bare = text.rstrip("\"'\u201d\u2019) ")
    if not bare.endswith((".", "?", "!")) or bare.endswith("..."):
        return False
    words = [t for t in tokens if t.tag not in (",", ".", ":", "SYM", "?", "!")]
    if not 6 <= len(words) <= 60:
        return False
    if words[0].tag in ("VBN", "TO", "WDT", "POS") or words[0].lower in _TAILS:
        return False
    if words[0].lower in _HEADLESS and words[1].lower in ("that", "who", "which"):
        return False
    if words[0].tag == "VBG" and not any(t.tag in ("VBZ", "MD", "VBD") for t in words):
        return False
    finite = [i for i in range(len(tokens)) if _is_finite(tokens, i)]
    if words[0].lower in _OPENS_CLAUSE:  # "If you are a student, ..." wants what follows from it
        comma = next((i for i, t in enumerate(tokens) if t.tag == "," and i > 2), len(tokens))
        if not any(i > comma for i in finite):
            return False
    if finite and finite[0] > 0 and tokens[finite[0] - 1].tag == "CC":
        return False  # "Computer science and did some research": its subject stayed in the sentence before
    return len(finite) > _subordinators(tokens)


_TAILS = listed("which who whose because than where whereas")
_OPENS_CLAUSE = listed("if when while although though since until unless")
_HEADLESS = listed("one ones something somebody someone anything anyone")
"""With "that" or "who" behind them these begin the tail of another sentence."""


def _is_finite(tokens: Sequence[Token], index: int) -> bool:
    """A verb with a subject; the tagger's VBN and VB count where a name, pronoun or plural stands before them."""
    tag = tokens[index].tag
    if tag in FINITE:
        helped = any(t.tag == "MD" or t.lower in ("did", "do", "does") for t in tokens[max(0, index - 2) : index])
        return not (tag in ("VBP", "VBD", "VBZ") and helped)  # "would not expect" is one finite verb, not two
    before = tokens[index - 1].tag if index else ""
    if before == "RB" and index > 1:
        before = tokens[index - 2].tag
    relative = index > 0 and tokens[index - 1].lower in ("that", "which", "who")
    if tag == "VBN":
        return relative or before in ("PRP", "NNP", "WP", "WDT")
    return tag == "VB" and (relative or before in ("PRP", "NNS", "NNPS"))


def _subordinators(tokens: Sequence[Token]) -> int:
    """Words that each take a finite verb of their own: which, that, because, and "as" or "like" at a clause's front."""
    count = 0
    for index, token in enumerate(tokens):
        front = index == 0 or tokens[index - 1].tag in (",", "CC", ":")
        if (
            token.tag in ("WDT", "WRB")
            or (token.tag in ("WP", "WP$") and index > 0)
            or token.lower in ("because", "if", "while", "although", "though", "unless", "until", "whether", "since")
            or (token.lower == "as" and front and _clause_follows(tokens, index))
            or (token.lower in ("after", "before") and _clause_follows(tokens, index))
            or (token.lower == "that" and index > 0 and _clause_follows(tokens, index))
        ):
            count += 1
    return count


def _clause_follows(tokens: Sequence[Token], index: int) -> bool:
    """A finite verb before the next comma."""
    for at in range(index + 1, len(tokens)):
        if tokens[at].tag in (",", ":"):
            return False
        if _is_finite(tokens, at):
            return True
    return False


def _stands_alone(text: str, tokens: Sequence[Token]) -> float:
    score = 1.0
    score -= _dangling(tokens)
    if _RELATIVE_TIME.match(text):
        score -= 0.4
    first = next(t for t in tokens if t.tag not in (",", ":", "SYM"))
    if first.lower in _MARKERS or first.tag == "CC":
        score -= 0.35
    if first.tag in ("VBD", "VBZ", "VBP", "MD", "VB") or first.lower in ("enough", "not", "nor", "definitely", "maybe"):
        score -= 0.5
    return max(0.0, score)


def _dangling(tokens: Sequence[Token]) -> float:
    """How much in the sentence points outside it: pronouns before any noun, "this" and "those" on their own."""
    cost = 0.0
    nouns = 0
    for index, token in enumerate(tokens):
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.lower in _THIRD and nouns == 0:
            cost += 0.25 if _is_expletive(tokens, index) else 0.7
        elif token.lower in ("he", "she", "him", "her", "his") and not any(
            t.tag.startswith("NNP") and t.text[1:].islower() for t in tokens[:index]
        ):
            cost += 0.4
        elif _points_at_noun(tokens, index):
            cost += 0.5
        elif index == 0 and token.lower == "that" and after is not None and after.tag in (*FINITE, "VBN"):
            cost += 0.6
        elif token.lower in _POINTING and token.tag in ("DT", "PDT") and after is not None:
            if after.tag in FINITE or after.tag in (".", ",", "IN", "CC", "RB"):
                cost += 0.5 if nouns == 0 or token.lower != "that" else 0.1
            elif token.lower in ("this", "that", "these", "those") and after.tag in (*NOUNS, "JJ", "CD"):
                cost += 0.5 if nouns == 0 else 0.1
        elif (
            index == 0 and token.lower == "the" and after is not None and after.tag == "NN" and not _restricted(tokens)
        ):
            cost += 0.1
        nouns += token.tag in NOUNS and token.lower not in _TIMES | _VAGUE
    return cost


def _points_at_noun(tokens: Sequence[Token], index: int) -> bool:
    """ "On that boat", "within hours of that call": a thing the reader was to know, unless a clause says which."""
    if index == 0 or index + 1 >= len(tokens) or tokens[index].lower not in ("that", "those"):
        return False
    after = tokens[index + 1]
    held = tokens[index - 1].tag == "IN" and tokens[index - 1].lower not in ("so", "like", "than")
    if not held or after.tag not in (*NOUNS, "VB") or after.lower in _TIMES:
        return False
    return not any(t.lower in ("that", "who", "which", "where", "of") for t in tokens[index + 2 : index + 5])


def _is_expletive(tokens: Sequence[Token], index: int) -> bool:
    """ "It is hard to ...", "it seems that ...": an it that stands for nothing."""
    if tokens[index].lower != "it":
        return False
    rest = [t.lower for t in tokens[index + 1 :]]
    if set(rest[:5]) & _TIMES:
        return True
    return rest[:1] in (["seems"], ["turns"], ["began"], ["takes"]) or ("that" in rest[:6] or "to" in rest[:6])


def _restricted(tokens: Sequence[Token]) -> bool:
    """A first noun phrase that says itself which one it means: "the company that ...", "the CEO of Anthropic"."""
    return any(t.lower in ("that", "who", "of", "which", "behind", "for") for t in tokens[1:5])


def _repeats(tokens: Sequence[Token]) -> int:
    pairs = itertools.pairwise(tokens)
    words = [t.lower for t in tokens if t.text[0].isalnum() or t.text[0] == "'"]
    twice = sum(words[i : i + n] == words[i + n : i + 2 * n] for n in (2, 3, 4) for i in range(len(words) - 2 * n + 1))
    return twice + sum(
        a.lower == b.lower and a.lower.isalpha() and a.lower not in ("that", "had", "very") for a, b in pairs
    )
