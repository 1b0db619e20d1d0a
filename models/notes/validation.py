"""How good chapters and summaries are on shows that were left out: ``python -m models.notes.validation DATA``."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from models.notes.corpus import TalkEpisode, read_talk
from models.notes.correcting import Marked, fit_uncorrected, mark
from models.notes.fitting import Prepared, fit_notes_model, prepare
from models.notes.labels import read_labels
from pipeline.notes.chapters.divide import divide
from pipeline.notes.chapters.titles import title_chapters
from pipeline.notes.fitted import NotesModel
from pipeline.notes.material import Material
from pipeline.notes.standing import stand
from pipeline.notes.summary import FIT, list_topics, write_notes
from pipeline.ports import SentenceEncoder
from pipeline.scores.notes.facts import ChapterScores, rouge_recall, score_chapters
from pipeline.timeline import Seconds

FOLDS = 5
SET_ASIDE = Path(__file__).with_name("set_aside.txt")
"""Shows whose errors nobody read; their row comes from a model that was fitted without them."""
DRAWS = 5
"""Random summaries that are averaged."""
WIDE_S = 30.0
SUREST = (100, 200, 300, 400)
"""So many sentences, each judged by a model without its show, are counted from the surest on."""


@dataclass(frozen=True)
class Divided:
    """One episode's chapter starts: published and found."""

    episode: TalkEpisode
    found: tuple[Seconds, ...]


@dataclass(frozen=True)
class Summed:
    """One episode's summary and its rivals of equal length, each with cosine and ROUGE-L recall.

    ``printed``: the sentences in summary, points and quotes.
    """

    show: str
    words: int
    printed: int
    cosine: tuple[float, float, float]
    recall: tuple[float, float, float]


@dataclass(frozen=True)
class Judged:
    """A sentence that was read, whether it was struck, and its odds: by the judge, and by MPNet as published."""

    struck: bool
    odds: float
    uncorrected: float


@dataclass(frozen=True)
class Corpus:
    """The episodes, and the sentences that were read; ``statements``: those that have the form of one."""

    episodes: tuple[Prepared, ...]
    marked: tuple[Marked, ...]
    statements: frozenset[str]
    encoder: SentenceEncoder

    def without(self, shows: Collection[str]) -> NotesModel:
        """The model that is fitted on the other shows."""
        episodes = [e for e in self.episodes if e.episode.show not in shows]
        return fit_notes_model(episodes, self._marked(shows, there=False), encoder=self.encoder)

    def judgements(self, model: NotesModel, shows: Collection[str]) -> list[Judged]:
        """What a model without these shows says of their sentences that were read and have the form of a statement."""
        published = fit_uncorrected(self._marked(shows, there=False))
        read = [s for s in self._marked(shows, there=True) if s.label.read and s.label.text in self.statements]
        odds = model.judge.odds([sentence.label.text for sentence in read])
        return [
            Judged(s.label.struck, float(fit), float(s.mean @ published.weights) + published.intercept)
            for s, fit in zip(read, odds, strict=True)
        ]

    def _marked(self, shows: Collection[str], *, there: bool) -> list[Marked]:
        return [sentence for sentence in self.marked if (sentence.label.show in shows) == there]

    def of(self, shows: Collection[str]) -> list[Prepared]:
        """The episodes of these shows."""
        return [e for e in self.episodes if e.episode.show in shows]

    def folds(self) -> list[set[str]]:
        """The shows of each fold: every fifth in the order of the alphabet; of those with labels only, likewise."""
        whole = sorted({e.episode.show for e in self.episodes})
        others = sorted({sentence.label.show for sentence in self.marked} - set(whole))
        return [{*whole[fold::FOLDS], *others[fold::FOLDS]} for fold in range(FOLDS)]


def divide_all(model: NotesModel, episodes: Sequence[Prepared]) -> list[Divided]:
    """The chapters found in the timed episodes that have published ones."""
    found = []
    for prepared in episodes:
        episode = prepared.episode
        if episode.has_chapters and episode.timed:
            starts = divide(episode.material, model, duration_s=episode.duration_s)
            found.append(Divided(episode, tuple(float(episode.material.starts[i]) for i in starts)))
    return found


def evenly(episode: TalkEpisode, count: int) -> list[Seconds]:
    """So many chapters of equal length."""
    return [episode.duration_s * i / count for i in range(count)]


def chapter_scores(
    divided: Sequence[Divided], *, near_s: Seconds, found: Callable[[Divided], Sequence[Seconds]]
) -> float:
    """F1 of the chapter starts of all episodes together."""
    scores = ChapterScores()
    for one in divided:
        scores += score_chapters(one.episode.starts, found(one), duration_s=one.episode.duration_s, near_s=near_s)
    return scores.f1 or 0.0


def summarise_all(model: NotesModel, episodes: Sequence[Prepared], *, encoder: SentenceEncoder) -> list[Summed]:
    """The summaries of the episodes that have a description, beside first and random sentences of equal length."""
    found = []
    for prepared in episodes:
        episode = prepared.episode
        if not episode.has_description:
            continue
        topics = list_topics(episode.material, model=model, encoder=encoder, avoid=[episode.show])
        notes = write_notes(episode.material, (), model=model, topics=topics, show=episode.show)
        if notes.summary:
            printed = sum(map(len, (notes.summary, notes.points, notes.quotes))) - len(topics)
            found.append(_compare(episode, " ".join(quote.text for quote in notes.summary), encoder, printed))
    return found


def _compare(episode: TalkEpisode, summary: str, encoder: SentenceEncoder, printed: int) -> Summed:
    length = len(summary.split())
    rivals = [summary, _first_words(episode.material, length)]
    rivals += [_random_words(episode.material, length, random.Random(draw)) for draw in range(DRAWS)]
    vectors = encoder.encode([episode.description, *rivals])
    cosines = vectors[1:] @ vectors[0]
    recalls = [rouge_recall(episode.description, text) for text in rivals]
    return Summed(
        episode.show,
        length,
        printed,
        (float(cosines[0]), float(cosines[1]), float(cosines[2:].mean())),
        (recalls[0], recalls[1], float(np.mean(recalls[2:]))),
    )


def _first_words(material: Material, length: int) -> str:
    words = (word.text for segment in material.segments for word in segment.words)
    return " ".join(word for word, _ in zip(words, range(length), strict=False))


def _random_words(material: Material, length: int, chance: random.Random) -> str:
    order = list(range(len(material.segments)))
    chance.shuffle(order)
    taken, words = [], 0
    for index in order:
        if words >= length:
            break
        taken.append(index)
        words += len(material.segments[index].words)
    return " ".join(" ".join(material.segments[i].text for i in sorted(taken)).split()[:length])


def title_scores(model: NotesModel, episodes: Sequence[Prepared], *, encoder: SentenceEncoder) -> tuple[float, float]:
    """Mean cosine of our titles of published chapters with the published ones, and with those of other chapters."""
    own, other = [], []
    for prepared in episodes:
        episode = prepared.episode
        if not episode.has_chapters:
            continue
        edges = np.searchsorted(episode.material.starts, [s - 0.01 for s in episode.starts])
        groups = [range(a, b) for a, b in zip(edges, [*edges[1:], len(episode.material.segments)], strict=True)]
        pairs = [(g, t) for g, t in zip(groups, episode.titles, strict=True) if len(g)]
        ours = title_chapters(episode.material, [g for g, _ in pairs], encoder=encoder, common=model.common)
        likeness = encoder.encode(ours) @ encoder.encode([t for _, t in pairs]).T
        own += list(np.diag(likeness))
        other += list(likeness[~np.eye(len(pairs), dtype=bool)])
    return (float(np.mean(own)), float(np.mean(other))) if own else (0.0, 0.0)


def print_judgements(judged: Sequence[Judged]) -> None:
    struck = np.array([one.struck for one in judged])
    odds = {
        "corrected": np.array([one.odds for one in judged]),
        "as published": np.array([one.uncorrected for one in judged]),
    }
    print("\n| log-odds from | sentences | of which struck |")
    print("|---|---|---|")
    for least in (-np.inf, 0.0, 1.0, FIT, 3.0):
        found = struck[odds["corrected"] >= least]
        share = f"{100 * found.mean():.1f} %" if len(found) else ""
        print(f"| {'all' if least == -np.inf else least} | {len(found)} | {share} |")
    print("\n| MPNet's layers | AUC |", " | ".join(f"struck of the surest {count}" for count in SUREST), "|")
    print("|---|---|" + "---|" * len(SUREST))
    for name, fits in odds.items():
        order = np.argsort(-fits, kind="stable")
        shares = [f"{100 * struck[order[:count]].mean():.1f} %" for count in SUREST]
        print(f"| {name} | {roc_auc_score(~struck, fits):.3f} |", " | ".join(shares), "|")


def print_chapters(rows: Sequence[tuple[str, Sequence[Divided]]]) -> None:
    print("\n| chapters | episodes | an hour, published | an hour, found | F1 10 s | F1 30 s | evenly, 10 s | 30 s |")
    print("|---|---|---|---|---|---|---|---|")
    for name, divided in rows:
        if not divided:
            continue
        hours = sum(d.episode.duration_s for d in divided) / 3600
        figures = [
            chapter_scores(divided, near_s=near_s, found=found)
            for found in (lambda d: d.found, lambda d: evenly(d.episode, len(d.found)))
            for near_s in (10.0, WIDE_S)
        ]
        published, count = sum(len(d.episode.starts) for d in divided), sum(len(d.found) - 1 for d in divided)
        cells = [
            name,
            str(len(divided)),
            f"{published / hours:.1f}",
            f"{count / hours:.1f}",
            *(f"{f:.2f}" for f in figures),
        ]
        print("| " + " | ".join(cells) + " |")


def print_summaries(rows: Sequence[tuple[str, Sequence[Summed]]]) -> None:
    print("\n| summary | episodes | printed | words | cosine | first words | random | ROUGE-L | first | random |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, summed in rows:
        if summed:
            cosines, recalls = (np.mean([getattr(s, part) for s in summed], axis=0) for part in ("cosine", "recall"))
            cells = [name, str(len(summed)), f"{np.mean([s.printed for s in summed]):.1f}"]
            cells += [f"{np.mean([s.words for s in summed]):.0f}"]
            print("| " + " | ".join([*cells, *(f"{v:.2f}" for v in (*cosines, *recalls))]) + " |")


def main() -> None:
    from models.encoder import MiniLmEncoder
    from models.language import SpacyLanguage

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with talk in it")
    data: Path = parser.parse_args().data
    encoder = MiniLmEncoder()
    analysis = SpacyLanguage()
    episodes = tuple(prepare(e) for e in read_talk(data, encoder=encoder, analysis=analysis))
    marked = mark(read_labels(data))
    spoken = [sentence.label.text for sentence in marked]
    statements = (text for text, read in zip(spoken, analysis.analyse(spoken), strict=True) if stand(read).whole)
    corpus = Corpus(episodes, marked, frozenset(statements), encoder)
    divided: list[Divided] = []
    summed: list[Summed] = []
    titles, judged = [], []
    for shows in corpus.folds():
        model, own = corpus.without(shows), corpus.of(shows)
        divided += divide_all(model, own)
        summed += summarise_all(model, own, encoder=encoder)
        titles.append(title_scores(model, own, encoder=encoder))
        judged += corpus.judgements(model, shows)
    aside = set(SET_ASIDE.read_text(encoding="utf-8").split())
    without, unseen = corpus.without(aside), corpus.of(aside)
    shows = {e.episode.show for e in episodes}
    print_chapters([
        ("five folds by show", divided),
        ("set aside", divide_all(without, unseen)),
        *((show, [d for d in divided if d.episode.show == show]) for show in sorted(shows)),
    ])  # fmt: skip
    print_summaries([
        ("five folds by show", summed),
        ("set aside", summarise_all(without, unseen, encoder=encoder)),
        *((show, [s for s in summed if s.show == show]) for show in sorted(shows)),
    ])  # fmt: skip
    print_judgements(judged)
    scored = [t for t in titles if any(t)]
    own_title, other_title = np.mean(scored, axis=0)
    print("\nTitles of published chapters against the published ones: cosine", end=" ")
    print(f"{own_title:.2f}; against those of other chapters: {other_title:.2f}.")


if __name__ == "__main__":
    main()
