"""Who the voices are: every clue of the episode and its metadata, weighed by what was learnt.

A wrong name is worse than "Speaker 2": a name is printed where the chance that it is right is high, beside every other
person for that voice and every other voice for that person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.ports import LanguageAnalysis, SentenceEncoder
from pipeline.result import AdSpan, Evidence, Speaker
from pipeline.speakers.hearing import hear_names
from pipeline.speakers.names.clues import Clue, Talk, find_clues
from pipeline.speakers.names.likeliest import choose_people
from pipeline.speakers.names.likeness import likeness_of
from pipeline.speakers.names.mentions import find_mentions
from pipeline.speakers.names.model import NamingModel, NumericModel, probability
from pipeline.speakers.names.pairs import (
    Pair,
    Weighed,
    pair_features,
    weigh,
    whole_features,
)
from pipeline.speakers.names.people import Key, People, list_people
from pipeline.speakers.names.roles import manner_numbers, role_numbers
from pipeline.speakers.plain_text import plain_text
from pipeline.timeline import Turn, Word, join_words

AD_SHARE = 0.9
"""A voice with this share of its words inside ads is a voice of the ads; edges of ads are off by a word or two."""
UNCLEAR = 0.5  # the chance of hosting of a voice that says nothing
MOST_EVIDENCE = 3  # quotes that are kept of a name
LEAST_CLUE = 0.2  # chance by itself from which a second and third clue are quoted
QUOTE_WORDS = 24  # of the sentence that the name is in


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one voice says before another does."""

    speaker: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A voice's name, whose it is, and the chance that this is right."""

    name: str
    person: Key
    chance: float


@dataclass(frozen=True, slots=True)
class Reading:
    """An episode, read: the people it names, the weighed clues, the numbers of voices, and of voices and people."""

    talk: Talk
    people: People
    weighed: Weighed
    manner: Mapping[str, Mapping[str, float]]
    features: Mapping[Pair, Mapping[str, float]]


def name_speakers(
    words: Sequence[Word],
    turns: Sequence[Turn],
    ads: Sequence[AdSpan],
    *,
    model: NamingModel,
    language: LanguageAnalysis,
    encoder: SentenceEncoder,
    about: Mapping[str, str],
    spoken: str = "en",
) -> tuple[Speaker, ...]:
    """Every voice by first appearance, with name, role, confidence and evidence where they are known.

    ``words`` carry speakers. ``about``: the episode's ``title``, ``show`` and ``description``. ``spoken``: the
    language, an ISO 639-1 code; names are found in English alone. Voices heard only inside ads get the role ``ad`` and
    no name.
    """
    labels = list(dict.fromkeys(turn.speaker for turn in sorted(turns, key=lambda turn: turn.start)))
    advertising = _ad_voices(words, ads)
    show = [
        word for word in words if word.speaker not in advertising and not any(ad.contains(word.middle) for ad in ads)
    ]
    said = utterances(show)
    metadata = [about.get(part, "") for part in ("title", "show", "description")]
    texts = [join_words(utterance.words) for utterance in said]
    talk = analyse_talk(metadata, texts, [u.speaker for u in said], language=language, spoken=spoken)
    reading = read_talk(talk, model, encoder=encoder)
    named = decide(reading, model)
    hosts = host_chances(reading, named, model)
    return tuple(
        Speaker(label, role="ad")
        if label in advertising
        else _speaker(label, named.get(label), reading, said, role=role_of(hosts.get(label, UNCLEAR), model))
        for label in labels
    )


def utterances(words: Iterable[Word]) -> tuple[Utterance, ...]:
    """Words in order, one utterance for each stretch of one voice; words of nobody are left out."""
    spoken = (word for word in words if word.speaker)
    return tuple(Utterance(str(speaker), tuple(run)) for speaker, run in groupby(spoken, key=lambda w: w.speaker))


def analyse_talk(
    metadata: Sequence[str],
    turns: Sequence[str],
    voices: Sequence[str],
    *,
    language: LanguageAnalysis,
    spoken: str = "en",
) -> Talk:
    """The metadata (title, show, description) and the turns with their grammar; ``voices`` as long as ``turns``."""
    texts = [*(plain_text(part) for part in metadata), *turns]
    analysed = language.analyse(texts, language=spoken)
    return Talk.of(analysed[: len(metadata)], analysed[len(metadata) :], voices)


def read_talk(talk: Talk, model: NamingModel, *, encoder: SentenceEncoder) -> Reading:
    """Everything about the voices and people of an episode that does not depend on a decision."""
    mentions = find_mentions((*talk.metadata, *talk.turns))
    people = list_people(mentions, talk.metadata)
    likeness = likeness_of(people, encoder=encoder, model=model.likeness)
    clues, written = find_clues(talk, mentions, people)
    heard = hear_names(talk, people, clues, model.judge)
    return weigh_reading(talk, people, weigh(clues, written, model, likeness, heard), model)


def weigh_reading(talk: Talk, people: People, weighed: Weighed, model: NamingModel) -> Reading:
    """The numbers of every voice, and of every voice and person, by the weighed clues."""
    manner = manner_numbers(talk, weighed)
    hosting = {voice: model.manner.log_odds(numbers) for voice, numbers in manner.items()}
    return Reading(talk, people, weighed, manner, pair_features(talk, people, weighed, hosting))


def decide(reading: Reading, model: NamingModel) -> dict[str, Named]:
    """The names that are likely enough to be printed; each voice gets one person and each person one voice."""
    named: dict[str, Named] = {}
    chosen = choose_people(reading.talk, reading.people, reading.weighed.clues, reading.features, model.pair)
    for (voice, key), numbers in chosen.items():
        chance = probability(model.decision.log_odds(numbers))
        if chance >= model.least_name:
            name = printed_name(reading.features, reading.people, (voice, key), model.whole, least=model.least_whole)
            named[voice] = Named(name, key, chance)
    return named


def printed_name(
    features: Mapping[Pair, Mapping[str, float]], people: People, pair: Pair, whole: NumericModel, *, least: float
) -> str:
    """The whole name that fits best, or the given name alone where none has the ``least`` chance to be the voice's."""
    voice, key = pair
    if len(key) == 1:
        return people.persons[key].form
    of_given = [other for speaker, other in features if speaker == voice and len(other) > 1 and other[0] == key[0]]
    fits = {other: whole.log_odds(whole_features(features, people, voice, other)) for other in of_given}
    best = max(fits, key=lambda other: (fits[other], other == key))
    person = people.persons[best]
    if probability(fits[best]) >= least or person.mentions == person.whole:
        return person.form
    return person.form.split()[0]


def host_chances(reading: Reading, named: Mapping[str, Named], model: NamingModel) -> dict[str, float]:
    """For each voice the chance that it hosts."""
    people = {voice: found.person for voice, found in named.items()}
    numbers = role_numbers(reading.manner, reading.features, people)
    return {voice: probability(model.host.log_odds(row)) for voice, row in numbers.items()}


def role_of(chance: float, model: NamingModel) -> str:
    """Host or guest by the chance that a voice hosts; empty where that is not clear."""
    return "host" if chance >= model.least_role else "guest" if chance <= 1 - model.least_role else ""


def _ad_voices(words: Sequence[Word], ads: Sequence[AdSpan]) -> set[str]:
    inside, total = Counter[str](), Counter[str]()
    for word in words:
        if word.speaker:
            total[word.speaker] += 1
            inside[word.speaker] += any(ad.contains(word.middle) for ad in ads)
    return {label for label in total if inside[label] >= AD_SHARE * total[label]}


def _speaker(label: str, named: Named | None, reading: Reading, said: Sequence[Utterance], *, role: str) -> Speaker:
    if named is None:
        return Speaker(label, role=role)
    evidence = tuple(_evidence(reading, label, named.person, said))
    return Speaker(label, named.name, role, round(named.chance, 3), evidence)


def _evidence(reading: Reading, voice: str, person: Key, said: Sequence[Utterance]) -> Iterable[Evidence]:
    """The sentences of the likeliest clues, with when they are heard."""
    clues = zip(reading.weighed.clues, reading.weighed.odds, strict=True)
    own = [(odds, clue) for clue, odds in clues if clue.voice == voice and clue.person == person]
    own.sort(key=lambda pair: (-pair[0], pair[1].mention.text))
    for place, (odds, clue) in enumerate(own[:MOST_EVIDENCE]):
        if place and probability(odds) < LEAST_CLUE:
            break
        turn = clue.mention.text - len(reading.talk.metadata)
        yield Evidence("phrase", *_quote(reading.talk, clue, turn, said[turn].words))


def _quote(talk: Talk, clue: Clue, turn: int, words: Sequence[Word]) -> tuple[str, float]:
    """The sentence that a clue is in, cut to QUOTE_WORDS around the name, and when it begins."""
    text = talk.turns[turn]
    sentence = next((s for s in text.sentences if s.first <= clue.mention.span.first < s.last), clue.mention.span)
    first = text.text[: text.tokens[sentence.first].start].count(" ")
    name = text.text[: text.tokens[clue.mention.span.first].start].count(" ")
    last = text.text[: text.tokens[sentence.last - 1].start].count(" ") + 1
    first = max(first, name - QUOTE_WORDS // 2)
    quoted = words[first : min(last, first + QUOTE_WORDS)] or words[:1]
    return join_words(quoted), quoted[0].start
