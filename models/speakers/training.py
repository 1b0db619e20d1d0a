"""Fits naming again: `python -m models.speakers.training DATA` writes the artifact, the same bytes each time."""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
from pathlib import Path

from models.encoder import MiniLmEncoder
from models.language import SpacyLanguage
from models.speakers.artifact import ARTIFACT, JUDGE, save_name_judge, write_model
from models.speakers.corpus import PublishedEpisode, read_shows, talk_of
from models.speakers.examples import Examples, collect, read_example
from models.speakers.fitting import fit_naming
from models.speakers.judge.hearing import ReadNames, fit_judge_on, hear_unseen, read_names
from pipeline.cache import cache_folder
from pipeline.ports import LanguageAnalysis
from pipeline.speakers.names.clues import Talk

KEPT = "speakers-fitting"


def read_examples(folder: Path) -> Examples:
    """Every episode of the folder, analysed, and read with its metadata and without: about fifteen minutes for 200.

    Recordings come with and without a description; a model that has only seen those with one takes its silence about a
    voice for evidence.

    Nearly all of that is the parser's; what it found is kept in ``KEPT`` of the cache folder. Delete that after a
    change of the parser or its weights.
    """
    language, encoder = SpacyLanguage(), MiniLmEncoder()
    shows = read_shows(folder)
    talks = [(e, _talk_of(e, language)) for episodes in shows.values() for e in episodes]
    return collect([read_example(e, talk, encoder, bare=bare) for bare in (False, True) for e, talk in talks])


def hear_examples(examples: Examples) -> tuple[Examples, ReadNames]:
    """The examples with what is heard of their names: five judges, each five to ten minutes of a core, kept likewise.

    What a show's names are heard as never comes from a judge that has seen the show.
    """
    names = read_names(examples)
    return hear_unseen(examples, names, cache_folder() / KEPT), names


def _talk_of(episode: PublishedEpisode, language: LanguageAnalysis) -> Talk:
    said = (episode.title, episode.show_name, episode.description, episode.turns)
    name = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:20]
    kept = cache_folder() / KEPT / f"{name}.pickle"
    if kept.exists():
        talk: Talk = pickle.loads(kept.read_bytes())  # written by this very module
    else:
        talk = talk_of(episode, language)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(talk))
    return talk


def main() -> None:
    """Read the data, fit on every show, write the artifact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of <show>.jsonl.gz with published speaker names")
    arguments = parser.parse_args()
    examples, names = hear_examples(read_examples(arguments.data))
    model = fit_naming(examples, examples.shows)
    ARTIFACT.write_text(write_model(model), encoding="utf-8")
    save_name_judge(fit_judge_on(names, range(len(examples.shows)), cache_folder() / KEPT))
    print(
        f"{ARTIFACT.name}, {JUDGE.name}: fitted on {len(examples.episodes)} episodes of {len(examples.shows)} shows "
        f"and {len(names.places)} names"
    )


if __name__ == "__main__":
    main()
