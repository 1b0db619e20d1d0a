"""One episode: its stages as two tables, and a walk down them: what is found, and what is published of it.

Each row says what is made, from what, by which function. A row with a type is kept in the episode's folder and made
again only when something that decides it has changed: what goes in, the code, the packages, the device (``walk.py``,
``provenance.py``). A row without one is made each time; the decoded sound only if a row needs it.

Speech is found once, by the diarizer. Ads are out before speakers are named and notes are written, because ad copy
names the wrong people.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.ads import stage as ads
from pipeline.ads.cutting.silence import Pauses
from pipeline.ads.opinion import Opinion
from pipeline.assemble import (
    apply_cuts,
    assemble,
    chapters_of,
    choose_content,
    cuts_of,
    edit,
    gather_warnings,
    redescribe,
)
from pipeline.cache import EpisodeFolder
from pipeline.covers import with_cover
from pipeline.files import read_text
from pipeline.formats.captions.cues import Cue
from pipeline.formats.captions.vtt import print_cues
from pipeline.formats.outputs import text_outputs
from pipeline.library import recognise, voices
from pipeline.library.doubts import count_waiting
from pipeline.library.edits.kinds import Edit
from pipeline.library.edits.on_ads import has_ad_edits
from pipeline.library.edits.respelling import spell_by_glossary
from pipeline.library.edits.store import read_history, show_glossary
from pipeline.library.fingerprint import Prints
from pipeline.library.repeats import Spot
from pipeline.notes import stage as notes
from pipeline.notes.rewrite import Rewritten
from pipeline.ports import CutAudio, Reporter, Tool, Tools
from pipeline.recording import (
    CutAhead,
    Decoded,
    Recording,
    Sound,
    SoundFile,
    audition,
    begin_cut,
    cut,
    decode,
    describe_sound,
    tags_of,
)
from pipeline.result import Episode, FoundAds, Result
from pipeline.settings import Settings
from pipeline.speakers import stage as speakers
from pipeline.speakers.profiles import NamedVoice
from pipeline.timeline import Diarization
from pipeline.tracks import stage as tracks
from pipeline.walk import Stage, Value, constant, stored, walk
from pipeline.words import stage as words
from pipeline.words.published import Compared

WAITS = "stages/waits.json"
"""How much of an episode waits for a person: {"ads", "voices", "passages"}, for lists that open no episode."""
LONG_S = 30 * 60.0
"""Of a longer recording networks are loaded after what takes most memory, which costs a second or two; of shorter ones
all are loaded beside the first stages."""
LOAD_AFTER = ("transcribe", "own_spots")
"""These are through: until the first the sound and batches of it, until the second the sound and the network of ads
(230 MiB). What names and notes are made with is another 340 MiB."""
PUBLISHED = "published.vtt"
"""The publisher's own transcript, kept where it is of this recording."""


@dataclass(frozen=True, slots=True)
class Run:
    """One episode to be worked on: what is known of it, with what, and where it goes.

    ``published``: the publisher's own transcript. ``sound``: the decoded recording, if somebody has decoded it already.
    """

    episode: Episode
    path: Path
    folder: EpisodeFolder
    tools: Tools
    settings: Settings
    reporter: Reporter
    published: tuple[Cue, ...] = ()
    sound: Sound | None = None


Note = Callable[[EpisodeFolder], None]
"""Writes down what is to be known of a finished episode beside what is in it."""


def nothing_to_note(_folder: EpisodeFolder) -> None:
    """Nothing is written down."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a run produced; ``compared``: how far it agrees with the publisher's transcript; ``made``: the stages that
    were not reused."""

    result: Result
    compared: Compared
    made: tuple[str, ...]


def given(run: Run) -> dict[str, Value]:
    """What a run begins with, under the names by which the table asks for it."""
    episode, settings, tools = run.episode, run.settings, run.tools
    facts = {
        "episode": episode,
        "title": episode.title,
        "description": episode.description,
        "about": {"title": episode.title, "show": episode.show, "description": episode.description},
        "publisher_chapters": episode.chapters,
        "sound_tags": tags_of(episode),
        "publisher_cues": run.published,
        "glossary": show_glossary(run.folder),
        "language": settings.language,
        "speaker_bounds": settings.speaker_bounds,
        "speaker_names": settings.speaker,
        "ads_mode": settings.ads,
        "looks_for_ads": settings.ads != "keep",
        "removed_kinds": settings.remove,
        "loudness_lufs": settings.loudness_lufs,
        "memory": settings.memory,
    }
    adapters: dict[str, Tool[Any] | None] = {
        "decoder": tools.decode,
        "diarizer": tools.diarizer,
        "transcriber": tools.transcriber,
        "ad_detector": tools.find_ads,
        "encoder": tools.encoder,
        "namer": tools.name_speakers,
        "language_analysis": tools.language,
        "notes_model": tools.notes_model,
        "adviser": tools.adviser,
        "rewriter": tools.rewriter,
        "cutter": _cutter(run),
        "auditioner": tools.audition,
    }
    return {
        **{name: constant(fact) for name, fact in facts.items()},
        **edit_facts(read_history(run.folder, sha256=episode.sha256).edits),
        **{name: Value(tool.identity, tool) if tool else constant(None) for name, tool in adapters.items()},
        "recording": Value(episode.sha256, partial(Recording, run.path, episode.sha256)),
        "folder": Value("", lambda: run.folder),
        "place": Value("", lambda: run.folder.path),
        **({"sound": Value("", lambda: run.sound)} if run.sound else {}),
    }


def edit_facts(edits: tuple[Edit, ...]) -> dict[str, Value]:
    """What a person has changed, under the names by which the table asks for it."""
    return {"edits": constant(edits), "ads_edited": constant(has_ad_edits(edits))}


def answered(outcome: Opinion | Rewritten) -> bool:
    """Whether a language model could be reached; if not, the next run asks again."""
    return outcome.reached


FINDING = (
    Stage("decode", "sound", "recording decoder progress", decode, lazy=True),
    Stage("decoded", "decoded", "sound", describe_sound, Decoded),
    Stage("pauses", "pauses", "sound", ads.hear_pauses, Pauses, beside=True),
    Stage("prints", "prints", "sound", recognise.hear_prints, Prints, beside=True, when="looks_for_ads memory"),
    Stage("diarize", "diarization", "recording sound speaker_bounds diarizer progress", speakers.diarize, Diarization),
    Stage("transcribe", "heard", "recording sound diarization language transcriber progress", words.transcribe,
          words.Heard),
    Stage("published", "compared", "heard diarization publisher_cues", speakers.compare, Compared,
          when="publisher_cues", otherwise=Compared(0, 0, 0, 0)),
    Stage("attribute", "attributed", "heard diarization compared about", speakers.attribute),
    Stage("glossary", "transcript", "attributed glossary", spell_by_glossary),
    Stage("ads", "found_ads", "transcript diarization sound description ad_detector progress", ads.find, FoundAds,
          when="looks_for_ads", otherwise=FoundAds()),
    Stage("spans", "ads", "found_ads", ads.spans),
    Stage("matches", "matches", "transcript prints recording folder", recognise.find_matches,
          when="looks_for_ads memory", otherwise=()),
    Stage("own_spots", "own_spots", "ads transcript sound recording decoded", recognise.describe_own_spots,
          tuple[Spot, ...], when="looks_for_ads memory", otherwise=()),
    Stage("recognise", "recognised", "ads matches decoded folder", recognise.recognise),
    Stage("opinion", "opinion", "recognised transcript adviser progress", ads.ask, Opinion,
          when="adviser", good=answered),
    Stage("judge", "judged", "recognised opinion decoded removed_kinds", ads.judge),
    Stage("with doubts", "suspected", "found_ads judged", ads.with_doubts),
    Stage("plan", "cuts", "judged transcript pauses diarization decoded", ads.plan),
    Stage("apply", "planned_cuts", "cuts ads_mode", apply_cuts),
    Stage("cut ahead", "begun", "recording planned_cuts sound_tags loudness_lufs cutter folder", begin_cut),
    Stage("name", "named", "transcript diarization judged compared speaker_names about namer", speakers.name,
          beside=True),
    Stage("notes", "sentences", "transcript judged about encoder language_analysis notes_model progress", notes.read,
          notes.Sentences),
    Stage("own_voices", "own_voices", "named diarization recording title", voices.describe_own_voices,
          tuple[NamedVoice, ...], when="memory", otherwise=()),
    Stage("profiles", "speakers", "named diarization recording folder memory", voices.recognise_speakers),
    Stage("material", "material", "sentences transcript judged", notes.whole, lazy=True),
    Stage("judged sentences", "judged_model", "notes_model sentences", notes.remember, lazy=True),
    Stage("described", "described",
          "material speakers cuts suspected publisher_chapters about encoder judged_model",
          notes.describe, notes.Described),
    Stage("rewrite", "worded", "described transcript cuts speakers publisher_chapters rewriter progress",
          notes.reword, Rewritten, when="rewriter", good=answered),
    Stage("content", "content", "described worded", choose_content),
    Stage("warn", "warnings", "decoded heard opinion worded looks_for_ads", gather_warnings),
    Stage("found", "found", "episode transcript diarization speakers judged planned_cuts content warnings", assemble,
          Result),
)  # fmt: skip
"""What the networks find, whatever a person has changed."""

OF_TRACKS = (
    Stage("diarize", "diarization", "recording decoded decoder progress", tracks.diarize, Diarization),
    Stage("transcribe", "heard", "recording diarization language transcriber decoder progress", tracks.transcribe,
          words.Heard),
    Stage("name", "named", "recording transcript diarization judged compared speaker_names about namer", tracks.name,
          beside=True),
)  # fmt: skip
"""The rows that are others where each voice has a track of its own."""


def finding(settings: Settings) -> tuple[Stage, ...]:
    """The rows by which an episode is worked on."""
    others = {stage.name: stage for stage in OF_TRACKS} if settings.tracks else {}
    return tuple(others.get(stage.name, stage) for stage in FINDING)


MAKING = (
    Stage("describe again", "again", "found described sentences edits pauses diarization decoded notes_model",
          redescribe, when="ads_edited"),
    Stage("edit", "result", "found again edits pauses diarization decoded ads_mode", edit),
    Stage("waits", "waits", "result compared", count_waiting),
    Stage("applied", "applied_cuts", "result", cuts_of),
    Stage("chapters", "chapters", "result", chapters_of),
    Stage("spots", "spots", "own_spots result edits prints recording", recognise.decided_spots, tuple[Spot, ...],
          when="looks_for_ads memory", otherwise=()),
    Stage("voices", "voices", "own_voices result edits diarization recording title", voices.decided_voices,
          tuple[NamedVoice, ...], when="memory", otherwise=()),
    Stage("removed", "removed", "recording applied_cuts auditioner place", audition, SoundFile | None,
          beside=True),
    Stage("clean", "clean", "recording applied_cuts chapters sound_tags loudness_lufs cutter place progress", cut,
          SoundFile),
)  # fmt: skip
"""What is published, from what was found and what a person has changed: no network is run."""


def _cutter(run: Run) -> Tool[CutAudio]:
    """What writes the clean file, with the show's cover where the recording has none."""
    return with_cover(run.tools.cut_audio, run.folder.path.parent)


def run_episode(run: Run, note: Note = nothing_to_note) -> Finished:
    """Everything a run produces, written to its folder; finished stages are reused.

    ``note`` is called with the folder when all of it is written, while it is still held against other runs.
    Raises CleancastError: no speech in the recording, a sound file that cannot be read or that changes meanwhile, a
    folder that cannot be written or is another recording's (FolderTaken), weights that are missing.
    """
    episode, tool = run.episode, _cutter(run)
    with run.folder.locked(), CutAhead(tool) as cutter:
        run.folder.claim(sha256=episode.sha256, path=run.path, source=episode.source)
        known = {**given(run), "cutter": Value(tool.identity, lambda: cutter)}
        load_after = LOAD_AFTER if episode.duration > LONG_S else ()
        values, made = walk(
            finding(run.settings), known, folder=run.folder, reporter=run.reporter, load_after=load_after
        )
        compared = values["compared"].get()
        if compared.agrees:
            run.folder.write(PUBLISHED, print_cues(run.published))
        else:
            (run.folder.path / PUBLISHED).unlink(missing_ok=True)
        published = _publish(run, lambda edited: {**values, **edited})
        assert published is not None
        note(run.folder)
        return Finished(published[0], compared, (*made, *published[1]))


def publish_edits(run: Run, note: Note = nothing_to_note) -> Result | None:
    """The outputs of a finished episode made again from what was found in it and the edits, without the networks.

    None where what was found is not all there: the episode has to be run again. Raises CleancastError as
    ``run_episode`` does.
    """
    episode = run.episode
    with run.folder.locked():
        run.folder.claim(sha256=episode.sha256, path=run.path, source=episode.source)
        known = given(run)
        published = _publish(run, lambda edited: stored(FINDING, MAKING, {**known, **edited}, folder=run.folder))
        if published is None:
            return None
        note(run.folder)
        return published[0]


def _publish(
    run: Run, values_with: Callable[[Mapping[str, Value]], Mapping[str, Value] | None]
) -> tuple[Result, tuple[str, ...]] | None:
    """The result with its edits, and every output of it written; again, if somebody edited in the meantime.

    ``values_with``: what was found, beside the edits that it is given; None where it is not all there.
    """
    while True:
        edits = read_history(run.folder, sha256=run.episode.sha256).edits
        values = values_with(edit_facts(edits))
        if values is None:
            return None
        outcome, made = walk(MAKING, values, folder=run.folder, reporter=run.reporter)
        result = outcome["result"].get()
        template = run.settings.notes_template
        text = read_text(template) if template else None
        clean, original = outcome["clean"].get().name, run.path.name
        beside = original if (run.folder.path / original).is_file() else ""
        run.folder.write(WAITS, json.dumps(asdict(outcome["waits"].get())) + "\n")
        outputs = text_outputs(result, clean_audio=clean, original=beside, notes_template=text)
        for name, content in outputs.items():
            run.folder.write(name, content)
        if read_history(run.folder, sha256=run.episode.sha256).edits == edits:
            return result, made
