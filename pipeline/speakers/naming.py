"""Who the voices are: claims heard in the episode and read in its description, weighed until each is sure or none.

A wrong name is worse than "Speaker 2", so a name needs claims that together are likely, no better rival on either
side, and a voice that is heard outside the ads.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.result import AdSpan, Evidence, Speaker
from pipeline.speakers.introductions import Claim, Utterance, called, hear_claims, utterances
from pipeline.speakers.people import Person, alike, closest, is_name, read_people
from pipeline.timeline import Seconds, Turn, Word, join_words

SURE = 0.6
"""Least probability of a name that is published."""
MARGIN = 0.15
"""And how far it must be ahead of the voice's next best name, and of the name's next best voice."""
AD_SHARE = 0.9
"""A voice with this share of its words inside ads is a voice of the ads; edges of ads are off by a word or two."""
CLEAR = 0.35
"""A family name heard once must be at least this probable to the recogniser; else only the given name is used."""
WRITTEN = 0.3
"""Share of the remaining doubt that goes when the description names the person too."""
SAME_PERSON = 0.75
"""Share of matching letters from which two heard names are spellings of one."""
QUOTE_WORDS = 24


def name_speakers(
    words: Sequence[Word],
    turns: Sequence[Turn],
    ads: Sequence[AdSpan],
    *,
    title: str = "",
    show: str = "",
    description: str = "",
) -> tuple[Speaker, ...]:
    """Every voice by first appearance, with name, role, confidence and evidence where they are known.

    ``words`` carry speakers. Voices heard only inside ads get the role ``ad`` and no name.
    """
    labels = list(dict.fromkeys(turn.speaker for turn in sorted(turns, key=lambda turn: turn.start)))
    advertising = _ad_voices(labels, words, ads)
    spoken = utterances([w for w in words if not any(ad.contains(w.middle) for ad in ads)])
    spoken = tuple(u for u in spoken if u.speaker not in advertising)
    people = read_people(f"{title}. {description}")
    claims = _one_spelling(_trusted([*hear_claims(spoken), *_by_description(spoken, people, show)], words), people)
    known = list(dict.fromkeys(claim.name for claim in claims))
    claims += called(spoken, known)
    named = {speaker.label: speaker for speaker in _decide(claims, {person.name for person in people})}
    hosts = _hosts(spoken, claims)
    return tuple(
        Speaker(label, role="ad")
        if label in advertising
        else _with_role(named.get(label, Speaker(label)), hosts, people)
        for label in labels
    )


def _ad_voices(labels: Iterable[str], words: Sequence[Word], ads: Sequence[AdSpan]) -> set[str]:
    inside, total = Counter[str](), Counter[str]()
    for word in words:
        if word.speaker:
            total[word.speaker] += 1
            inside[word.speaker] += any(ad.contains(word.middle) for ad in ads)
    return {label for label in labels if total[label] and inside[label] >= AD_SHARE * total[label]}


def _trusted(claims: Iterable[Claim], words: Sequence[Word]) -> list[Claim]:
    """Claims whose name is one: no word of it is a common word, by a list and by how this episode writes it."""
    small = Counter(word.text.strip(".,?!:;\"'") for word in words if word.text[:1].islower())
    ordered = sorted(claims, key=lambda claim: claim.strength)  # of claims from the same words the strongest stays
    unique = {(claim.label, claim.name, claim.at): claim for claim in ordered}
    return [c for c in unique.values() if is_name(c.name) and not any(small[w.lower()] for w in c.name.split())]


def _one_spelling(claims: Sequence[Claim], people: tuple[Person, ...]) -> list[Claim]:
    """The claims with each person's name written one way: as the description has it, else as it is heard most."""
    heard = Counter(claim.name for claim in claims)
    spelling: dict[str, str] = {}
    surest = {name: max(c.probability for c in claims if c.name == name) for name in heard}
    for name in sorted(heard, key=lambda n: (" " not in n, -heard[n], -surest[n])):
        person = closest(name, people)
        same = [s for s in dict.fromkeys(spelling.values()) if _same_person(name, s)]
        if person:
            spelling[name] = person.name
        elif len(same) == 1:
            spelling[name] = same[0]
        elif heard[name] > 1 or surest[name] >= CLEAR:
            spelling[name] = name
        else:
            spelling[name] = name.split()[0] if " " in name else ""
    return [replace(claim, name=spelling[claim.name]) for claim in claims if spelling[claim.name]]


def _same_person(name: str, other: str) -> bool:
    if (" " in name) == (" " in other):
        return alike(name, other) >= SAME_PERSON and name[0] == other[0]
    return name.split()[0] == other.split()[0]


def _by_description(spoken: Sequence[Utterance], people: Sequence[Person], show: str) -> list[Claim]:
    """The one host the description names is the one voice that welcomes listeners to the show."""
    hosts = [person for person in people if person.role == "host"]
    welcoming = _welcoming(spoken, show)
    if len(hosts) != 1 or len(welcoming) != 1:
        return []
    ((label, (quote, at)),) = welcoming.items()
    return [Claim(label, hosts[0].name, 0.6, "host", f"{hosts[0].quote} / {quote}", at, 1.0)]


def _welcoming(spoken: Sequence[Utterance], show: str) -> Mapping[str, tuple[str, Seconds]]:
    """Voices that welcome listeners ("Welcome back to the show"), with the words and when."""
    found: dict[str, tuple[str, Seconds]] = {}
    plain = show.lower().strip(" .")
    for utterance in spoken:
        text = join_words(utterance.words).lower()
        phrases = ["welcome to", "welcome back to", *([f"from {plain}, this is"] if plain else [])]
        if any(phrase in text for phrase in phrases):
            quote = join_words(utterance.words[:QUOTE_WORDS])
            found.setdefault(utterance.speaker, (quote, utterance.words[0].start))
    return found


def _decide(claims: Sequence[Claim], written: Collection[str]) -> list[Speaker]:
    """The surest names first; each voice gets one name and each name one voice, or neither if it is close."""
    doubt: dict[tuple[str, str], float] = defaultdict(lambda: 1.0)
    for claim in claims:
        doubt[claim.label, claim.name] *= 1 - claim.strength
    score = {pair: 1 - left * (1 - WRITTEN if pair[1] in written else 1) for pair, left in doubt.items()}
    speakers: list[Speaker] = []
    labels, names = set[str](), set[str]()
    for (label, name), likely in sorted(score.items(), key=lambda item: (-item[1], item[0])):
        if likely < SURE or label in labels or name in names:
            continue
        rivals = [
            other
            for (other_label, other_name), other in score.items()
            if (other_label == label) != (other_name == name)
            and (other_label not in labels and other_name not in names)
        ]
        if likely - max(rivals, default=0.0) < MARGIN:
            continue
        labels.add(label)
        names.add(name)
        speakers.append(_speaker(label, name, likely, [c for c in claims if (c.label, c.name) == (label, name)]))
    return speakers


def _speaker(label: str, name: str, likely: float, claims: Sequence[Claim]) -> Speaker:
    best = sorted(claims, key=lambda claim: (-claim.strength, claim.at))
    role = next((claim.role for claim in best if claim.role), "")
    evidence = tuple(
        Evidence("metadata" if " / " in claim.quote else "phrase", claim.quote, claim.at) for claim in best[:3]
    )
    return Speaker(label, name, role, round(likely, 3), evidence)


def _hosts(spoken: Sequence[Utterance], claims: Sequence[Claim]) -> set[str]:
    """Voices that welcome listeners, unless somebody else introduces them as a guest."""
    guests = {claim.label for claim in claims if claim.role in ("guest", "reporter")}
    return set(_welcoming(spoken, "")) - guests


def _with_role(speaker: Speaker, hosts: set[str], people: Sequence[Person]) -> Speaker:
    written = next((person.role for person in people if person.name == speaker.name and person.role), "")
    role = written or ("host" if speaker.label in hosts else speaker.role)
    return replace(speaker, role=role)
