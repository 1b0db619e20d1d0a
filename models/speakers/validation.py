"""How well naming does on shows it was not fitted on: five folds by show, and the tables of docs/speakers.md.

`python -m models.speakers.validation DATA` prints them; about half an hour on one core, most of it the parser's.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path

from models.speakers.corpus import ROLES, Truth, judge, read_shows, word_shares
from models.speakers.examples import Example, Examples
from models.speakers.fitting import LEAST_NAME, LEAST_ROLE, fit_naming, folds, likeness_in
from models.speakers.misspelling import Spelt, misspell
from models.speakers.training import hear_examples, read_examples
from pipeline.speakers.names.mentions import fold
from pipeline.speakers.names.model import NamingModel
from pipeline.speakers.names.naming import UNCLEAR, Named, decide, host_chances, weigh_reading
from pipeline.speakers.names.pairs import BIG_SHARE, weigh
from pipeline.speakers.profiles import AGREED, SURE

HEADING = (
    "| shows | voices | named right | given name alone | wrong | no name | printed wrong | roles right |\n"
    "|---|---|---|---|---|---|---|---|"
)
SET_ASIDE = Path(__file__).with_name("set_aside.txt")
"""Shows whose errors nobody read."""
STEPS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Chances from which names are printed, for comparison."""
BANDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Edges of the chances that calibration is shown for."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted; counts add.

    ``voices``: with 2 % of the words or more and a name that is said; of them ``right``, ``short`` (the given name
    alone though the episode knows the whole name), ``wrong``, the rest has no name. ``printed``: names of all voices,
    of them ``printed_wrong``. ``roles`` printed where the role is published, of them ``roles_right``; ``stated``:
    voices of 2 % or more with a published role.
    """

    voices: int = 0
    right: int = 0
    short: int = 0
    wrong: int = 0
    printed: int = 0
    printed_wrong: int = 0
    stated: int = 0
    roles: int = 0
    roles_right: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What naming says of one voice, and whether that is right; ``host``: the chance that it hosts."""

    example: Example
    voice: str
    name: str
    chance: float
    host: float
    verdict: str


def answers_of(example: Example, model: NamingModel) -> Iterator[Answer]:
    """What naming says of every voice of an episode, names from the lowest of STEPS."""
    weighed = weigh(example.clues, example.written, model, likeness_in(example, model.likeness), example.heard)
    reading = weigh_reading(example.talk, example.people, weighed, model)
    named = decide(reading, replace(model, least_name=STEPS[0]))
    hosts = host_chances(reading, named, model)
    known = known_text(example)
    for voice, truth in example.episode.truth.items():
        found = named.get(voice, Named("", (), 0.0))
        verdict = _verdict(found.name, truth, known)
        yield Answer(example, voice, found.name, found.chance, hosts.get(voice, UNCLEAR), verdict)


def _verdict(name: str, truth: Truth, known: str) -> str:
    """What `judge` says of a name; "none" without one, and a given name alone is right where no more is ``known``."""
    verdict = judge(name, truth) if name else "none"
    unknown = verdict == "short" and f" {' '.join(fold(truth.full_name))} " not in known
    return "right" if unknown else verdict


def known_text(example: Example) -> str:
    """Every word that the episode knows, folded: the metadata's, if it was read with them, and those said."""
    episode = example.episode
    said = (text for _, text in episode.turns)
    about = () if example.bare else (episode.title, episode.show_name, episode.description)
    return f" {' '.join(fold(' '.join((*about, *said))))} "


def held_out_answers(examples: Examples, shows: Sequence[str]) -> list[Answer]:
    """The answers for every show by a model fitted on the other folds."""
    found: list[Answer] = []
    for left_out in folds(sorted(shows)):
        model = fit_naming(examples, [show for show in shows if show not in left_out])
        found += [answer for example in examples.of(left_out) for answer in answers_of(example, model)]
    return found


def count(answers: Iterable[Answer], *, least_role: float = LEAST_ROLE) -> Counts:
    """The counts of some answers."""
    return sum((_counts(answer, least_role) for answer in answers), Counts())


def _counts(answer: Answer, least_role: float) -> Counts:
    role = "host" if answer.host >= least_role else "guest" if answer.host <= 1 - least_role else ""
    truth = answer.example.episode.truth[answer.voice]
    share = word_shares(answer.example.episode.turns)[answer.voice]
    asked = _is_asked(answer)
    role_known = truth.role in ROLES and bool(role)
    return Counts(
        voices=int(asked),
        right=int(asked and answer.verdict == "right"),
        short=int(asked and answer.verdict == "short"),
        wrong=int(asked and answer.verdict == "wrong"),
        printed=int(bool(answer.name)),
        printed_wrong=int(answer.verdict == "wrong"),
        stated=int(share >= BIG_SHARE and truth.role in ROLES),
        roles=int(role_known),
        roles_right=int(role_known and role == truth.role),
    )


def _is_asked(answer: Answer) -> bool:
    """Whether the voice has enough of the words and a name that is said."""
    truth = answer.example.episode.truth[answer.voice]
    share = word_shares(answer.example.episode.turns)[answer.voice]
    return share >= BIG_SHARE and truth.role != "other" and truth.spoken in ("full", "first")


def describe(counts: Counts) -> str:
    """One row of the table: names right, given names alone, wrong and missing; names printed wrong; roles right."""
    none = counts.voices - counts.right - counts.short - counts.wrong
    return (
        f"{counts.voices} | {_share(counts.right, counts.voices)} | {counts.short} | {counts.wrong} | {none} | "
        f"{counts.printed_wrong} of {counts.printed} ({_share(counts.printed_wrong, counts.printed)}) | "
        f"{counts.roles_right} of {counts.roles} ({_share(counts.roles_right, counts.roles)}), {counts.stated} stated"
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def calibration(answers: Collection[Answer]) -> list[tuple[float, float, int, float]]:
    """Per band of chances: its edges, how many names are in it, and the share of them that is not wrong."""
    rows = []
    for low, high in pairwise(BANDS):
        inside = [a for a in answers if a.name and low <= a.chance < high + (high == 1.0)]
        if inside:
            rows.append((low, high, len(inside), sum(a.verdict != "wrong" for a in inside) / len(inside)))
    return rows


def reasons(answers: Iterable[Answer]) -> Counter[str]:
    """Of the voices that are asked for, how many have the right name printed, and why the others have not."""
    return Counter(_reason(answer) for answer in answers if _is_asked(answer))


def _reason(answer: Answer) -> str:
    if not answer.name:
        return f"nobody from {STEPS[0]}"
    if answer.chance < LEAST_NAME:
        return "another ahead, not printed" if answer.verdict == "wrong" else "the right one ahead, not printed"
    return {"right": "printed right", "short": "the given name alone", "wrong": "another printed"}[answer.verdict]


def printed_from(answers: Iterable[Answer], chance: float) -> list[Answer]:
    """The answers if names were printed from a chance."""
    return [a if a.chance >= chance else replace(a, name="", chance=0.0, verdict="none") for a in answers]


def with_memory(answers: Sequence[Answer]) -> list[Answer]:
    """The answers if voices without a name had the one that another episode of their show is sure of, or two agree on.

    As the library does it (``pipeline.speakers.profiles``), with every voice recognised: nobody's voice is in the data.
    """
    told: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        if answer.chance >= AGREED:
            told.setdefault((_show(answer), _person(answer)), []).append(answer)
    worn = {(id(answer.example), answer.name) for answer in answers}
    found = []
    for answer in answers:
        others = [o for o in told.get((_show(answer), _person(answer)), ()) if o.example is not answer.example]
        times = Counter(other.name for other in others)
        others = [other for other in others if other.chance >= SURE or times[other.name] > 1]
        best = max(others, key=lambda other: other.chance, default=None)
        if answer.name or best is None or (id(answer.example), best.name) in worn:
            found.append(answer)
            continue
        verdict = _verdict(best.name, _truth(answer), known_text(answer.example))
        found.append(replace(answer, name=best.name, chance=best.chance, verdict=verdict))
    return found


def _truth(answer: Answer) -> Truth:
    return answer.example.episode.truth[answer.voice]


def _person(answer: Answer) -> str:
    return " ".join(fold(_truth(answer).names[0]))


def tables(every: Sequence[Answer]) -> Iterator[str]:
    """The tables of names and roles, show by show, of calibration and of what is missing, in Markdown."""
    yield HEADING
    aside = set(SET_ASIDE.read_text(encoding="utf-8").split())
    answers = [answer for answer in every if not answer.example.bare]
    bare = [answer for answer in every if answer.example.bare]
    printed = printed_from(answers, LEAST_NAME)
    yield f"| all | {describe(count(printed))} |"
    yield f"| those whose errors were read | {describe(count(a for a in printed if _show(a) not in aside))} |"
    yield f"| those set aside | {describe(count(a for a in printed if _show(a) in aside))} |"
    remembered = with_memory(printed)
    yield f"| all, with the names of the show's other episodes | {describe(count(remembered))} |"
    yield f"| set aside, with these | {describe(count(a for a in remembered if _show(a) in aside))} |"
    for step in STEPS:
        yield f"| all, names from {step} | {describe(count(printed_from(answers, step)))} |"
    yield f"| all, without title and description | {describe(count(printed_from(bare, LEAST_NAME)))} |"
    for show in sorted({_show(answer) for answer in answers}):
        yield f"| {show} | {describe(count(a for a in printed if _show(a) == show))} |"
    yield "\n| chance | names | not wrong |\n|---|---|---|"
    for low, high, names, right in calibration(answers):
        yield f"| {low} to {high} | {names} | {100 * right:.0f} % |"
    yield "\n| voices | all | set aside |\n|---|---|---|"
    apart = reasons(a for a in answers if _show(a) in aside)
    for reason, voices in reasons(answers).most_common():
        yield f"| {reason} | {voices} | {apart[reason]} |"


def _show(answer: Answer) -> str:
    return answer.example.episode.show


def describe_spelling(spelt: Spelt) -> str:
    """What spelling put right and what it spoilt, in words."""
    return (
        f"{spelt.mended} of {spelt.misheard} misheard names put right ({_share(spelt.mended, spelt.misheard)}); "
        f"{spelt.spoilt} of {spelt.words} words that were right changed"
    )


def main() -> None:
    """Print every table for the data in a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of <show>.jsonl.gz with published speaker names")
    data = parser.parse_args().data
    examples, _ = hear_examples(read_examples(data))
    for line in tables(held_out_answers(examples, examples.shows)):
        print(line)
    episodes = [episode for episodes in read_shows(data).values() for episode in episodes]
    print(f"\nSpelling: {describe_spelling(misspell(episodes))}")


if __name__ == "__main__":
    main()
