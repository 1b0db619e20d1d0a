"""One episode through every stage, in the order the data flows; written once, here.

    diarize -> transcribe -> attribute -> find ads -> plan cuts -> name, chapters, notes -> clean audio, outputs

Speech is found once, by the diarizer; ads are removed before speakers are named and notes are written,
because ad copy names the wrong people.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Literal

from pipeline.ads.calls import OWN_KINDS
from pipeline.ads.cuts import plan_cuts
from pipeline.ads.placement import Quiet
from pipeline.ads.silence import Pauses, find_pauses
from pipeline.ads.verdict import REMOVED_KINDS, judge_ads
from pipeline.ask import ask_about_ads, ask_for_notes
from pipeline.batch.progress import Reporter
from pipeline.cache import EpisodeFolder, Stored, digest_of, digest_of_words
from pipeline.code_version import code_hash
from pipeline.errors import AudioError
from pipeline.formats.captions.cues import Cue, words_of_cues
from pipeline.formats.captions.vtt import print_cues
from pipeline.formats.outputs import text_outputs
from pipeline.library.decisions import read_decisions
from pipeline.library.recognise import recognise
from pipeline.library.voices import name_from_book
from pipeline.notes.chapters import find_chapters
from pipeline.notes.material import read_material
from pipeline.notes.summary import write_notes
from pipeline.ports import Progress
from pipeline.result import AdKind, AdSpan, Chapter, Episode, Notes, Result, Speaker, Warning
from pipeline.speakers.attribution import assign_speakers
from pipeline.speakers.naming import name_speakers
from pipeline.timeline import CutList, Diarization, Seconds, Segment, Transcript, Waveform
from pipeline.tools import Tools
from pipeline.words.audit import audit_words, cover_speech
from pipeline.words.published import Compared, compare_published, name_voices
from pipeline.words.punctuation import mend_punctuation
from pipeline.words.sentences import drop_words, group_segments
from pipeline.words.spelling import fix_spelling

AdsMode = Literal["cut", "mark", "keep"]
PUBLISHED = "published.vtt"  # the publisher's own transcript, where it is of this recording
VOICE_DIGITS = 3  # of a unit vector: moves a cosine by 1e-5, and hides that two runs differ by 1e-7 on one machine
M4A_LIKE = {".m4a", ".mp4", ".m4b", ".aac", ".mov"}  # sources whose clean audio stays AAC; every other becomes mp3


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user chose for a run.

    ``ads``: cut them out, mark them in the outputs, or do not look for them. ``speakers``: least and most voices.
    ``names``: (label, name) pairs that override what was found. ``notes_template``: the text of a jinja2 template.
    ``remove``: the kinds of ads to cut; others are kept. ``loudness`` of the clean audio in LUFS, None as it was.
    ``memory``: know the ads and the voices of other episodes again.
    """

    language: str | None = None
    ads: AdsMode = "cut"
    speakers: tuple[int | None, int | None] = (None, None)
    names: tuple[tuple[str, str], ...] = ()
    notes_template: str | None = None
    remove: tuple[AdKind, ...] = REMOVED_KINDS
    loudness: float | None = None
    memory: bool = True


@dataclass(frozen=True, slots=True)
class Decoded:
    """What could be read of the recording; ``losses`` are sentences about what could not."""

    duration: Seconds
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """The words as the transcriber heard them and the audit left them."""

    transcript: Transcript
    warnings: tuple[Warning, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """What is said about an episode once its ads are gone."""

    chapters: tuple[Chapter, ...]
    notes: Notes


@dataclass(frozen=True)
class Run:
    """One episode under way: what is worked on, with what, and where it goes."""

    episode: Episode
    path: Path
    folder: EpisodeFolder
    tools: Tools
    settings: Settings
    reporter: Reporter
    published: tuple[Cue, ...] = ()
    heard: list[Waveform] = field(default_factory=list, repr=False)
    losses: list[str] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)

    @property
    def wave(self) -> Waveform:
        """The sound: decoded when a stage first asks for it, and then once."""
        if not self.heard:
            self.losses.clear()
            with self.working("decode") as progress:
                self.heard.append(self.tools.decode()(self.path, progress=progress, warn=self.losses.append))
        return self.heard[0]

    @property
    def about(self) -> dict[str, str]:
        return {"title": self.episode.title, "show": self.episode.show, "description": self.episode.description}

    @contextmanager
    def working(self, stage: str) -> Iterator[Progress]:
        """Shows a stage's progress and keeps the time it took."""
        began = monotonic()
        with self.reporter.stage(stage) as progress:
            yield progress
        self.folder.note_time(stage, monotonic() - began)


def run_episode(run: Run) -> Result:
    """Everything a run produces, written to its folder; stages that are finished are reused.

    Raises CleancastError: no speech in the recording, a sound file that cannot be read, a folder that
    cannot be written, weights that are missing.
    """
    with run.folder.locked():
        decoded = decode(run)
        # A file may claim another length than it has: from here on only the sound counts.
        run = replace(run, episode=replace(run.episode, duration=decoded.duration))
        voices = diarize(run)
        heard = transcribe(run, voices)
        published = compare(run, heard, voices)
        transcript = attribute(run, heard.value, voices.value, published)
        known = recognise(run, mark_ads(run, transcript, voices), transcript)
        opinion = ask_about_ads(run, known, transcript.words)
        ads = decide(run, opinion.ads)
        cuts = cuts_of(run, ads, transcript, voices.value)
        speakers = name_from_book(run, who_speaks(run, transcript, voices.value, ads, published), voices)
        said = describe(run, transcript, speakers, cuts)
        worded = ask_for_notes(run, said.notes, said.chapters, show_itself(transcript, cuts), speakers)
        result = Result(
            episode=run.episode,
            transcript=transcript,
            turns=voices.value.turns,
            speakers=speakers,
            ads=ads,
            cuts=cuts if run.settings.ads == "cut" else CutList((), run.episode.duration),
            chapters=worded.chapters,
            notes=worded.notes,
            warnings=(
                *(Warning(0.0, decoded.duration, "damage", loss) for loss in decoded.losses),
                *heard.value.warnings,
                *opinion.warnings,
                *worded.warnings,
            ),
            coverage=cover_speech(transcript.words, voices.value.speech),
        )
        if published.agrees:
            run.folder.write(PUBLISHED, print_cues(run.published))
        else:
            (run.folder.path / PUBLISHED).unlink(missing_ok=True)
        run.folder.own({"source": run.episode.source, "sha256": run.episode.sha256})
        clean = clean_audio(run, result)
        audition(run, result.cuts)
        template = run.settings.notes_template
        for name, text in text_outputs(result, clean_audio=clean.name, notes_template=template).items():
            run.folder.write(name, text)
        return result


def decode(run: Run) -> Decoded:
    def compute() -> Decoded:
        return Decoded(run.wave.duration, tuple(run.losses))

    return run.folder.stage("decode", Decoded, [run.episode.sha256, run.tools.decode.identity], compute).value


def diarize(run: Run) -> Stored[Diarization]:
    def compute() -> Diarization:
        wave = run.wave
        with run.working("diarize") as progress:
            found = run.tools.diarizer().diarize(wave, speakers=run.settings.speakers, progress=progress)
        if not found.speech:
            raise AudioError(
                run.path, f"no speech was found in its {wave.duration:.1f} s of sound; is it the right file?"
            )
        voices = {name: tuple(round(x, VOICE_DIGITS) for x in voice) for name, voice in found.voices.items()}
        return replace(found, voices=voices)

    inputs = [run.episode.sha256, run.tools.diarizer.identity, run.settings.speakers]
    return run.folder.stage("diarize", Diarization, inputs, compute)


def transcribe(run: Run, voices: Stored[Diarization]) -> Stored[Heard]:
    def compute() -> Heard:
        wave, speech = run.wave, voices.value.speech
        with run.working("transcribe") as progress:
            transcribe = partial(run.tools.transcriber().transcribe, wave)
            first = transcribe(speech, language=run.settings.language, progress=progress)
            # A second hearing has seconds to go by: the language is the episode's, not heard anew.
            transcript, warnings = audit_words(first, speech, transcribe=partial(transcribe, language=first.language))
        if not transcript.words:
            raise AudioError(run.path, "no words were recognised in it; is the language right (--language)?")
        return Heard(transcript, warnings)

    code = code_hash("pipeline.words.audit")
    inputs = [run.episode.sha256, run.tools.transcriber.identity, run.settings.language, voices.digest, code]
    return run.folder.stage("transcribe", Heard, inputs, compute)


def compare(run: Run, heard: Stored[Heard], voices: Stored[Diarization]) -> Compared:
    """What was heard beside the publisher's own transcript, if there is one."""
    if not run.published:
        return Compared(0, 0, 0, 0)

    def compute() -> Compared:
        transcript = heard.value.transcript
        words = assign_speakers(transcript.words, voices.value.exclusive)
        return compare_published(words, words_of_cues(run.published), language=transcript.language)

    published = digest_of([[cue.start, cue.end, cue.text, cue.speaker] for cue in run.published])
    inputs = [heard.digest, voices.digest, published, code_hash("pipeline.words.published")]
    found = run.folder.stage("published", Compared, inputs, compute).value
    run.compared.append(found)
    return found


def attribute(run: Run, heard: Heard, voices: Diarization, published: Compared) -> Transcript:
    """The transcript, its spelling mended from the episode's metadata, with a speaker on every word."""
    about = {**run.about, "description": "\n".join((run.about["description"], *published.spellings))}
    spelt = fix_spelling(heard.transcript, **about)
    spoken = assign_speakers(spelt.words, voices.exclusive)
    return replace(spelt, words=mend_punctuation(spoken, language=spelt.language))


def mark_ads(run: Run, transcript: Transcript, voices: Stored[Diarization]) -> Stored[tuple[AdSpan, ...]]:
    def compute() -> tuple[AdSpan, ...]:
        if run.settings.ads == "keep":
            return ()
        find_ads, description = run.tools.find_ads(), run.episode.description
        wave = run.wave
        with run.working("ads"):
            return find_ads(transcript.words, description=description, turns=voices.value.turns, wave=wave)

    identity = run.tools.find_ads.identity
    about = run.episode.description
    sound = [run.episode.sha256, run.tools.decode.identity]
    inputs = [digest_of_words(transcript.words), voices.digest, about, identity, run.settings.ads == "keep", sound]
    return run.folder.stage("ads", tuple[AdSpan, ...], inputs, compute)


def decide(run: Run, ads: tuple[AdSpan, ...]) -> tuple[AdSpan, ...]:
    """The ads with what is done with each: by its kind, by what is believable, by what a person decided."""
    decisions = read_decisions(run.folder, sha256=run.episode.sha256)
    return judge_ads(ads, duration_s=run.episode.duration, kinds=run.settings.remove, decisions=decisions)


def cuts_of(run: Run, ads: tuple[AdSpan, ...], transcript: Transcript, voices: Diarization) -> CutList:
    """What the ads would take away, whether they are cut or only marked."""
    quiet = Quiet(hear_pauses(run), voices.speech) if any(ad.verdict == "cut" for ad in ads) else None
    return plan_cuts(ads, transcript.words, duration_s=run.episode.duration, quiet=quiet)


def hear_pauses(run: Run) -> Pauses:
    inputs = [run.episode.sha256, run.tools.decode.identity, code_hash("pipeline.ads.silence")]
    return run.folder.stage("pauses", Pauses, inputs, lambda: find_pauses(run.wave)).value


def show_itself(transcript: Transcript, ad_free: CutList) -> tuple[Segment, ...]:
    """The sentences without the ads, whether these are cut or not."""
    breaks = [time for span in ad_free.removed for time in (span.start, span.end)]
    return group_segments(drop_words(transcript.words, ad_free.removed), breaks=breaks)


def who_speaks(
    run: Run, transcript: Transcript, voices: Diarization, ads: tuple[AdSpan, ...], published: Compared
) -> tuple[Speaker, ...]:
    """Who speaks, as the episode itself says, its publisher, or the user, who is right."""
    others = [ad for ad in ads if ad.kind not in OWN_KINDS]  # who asks for a review says who is speaking
    found = name_speakers(transcript.words, voices.turns, others, **run.about)
    chosen = dict(run.settings.names)
    return tuple(
        replace(s, name=chosen[s.label], confidence=1.0) if s.label in chosen else s
        for s in name_voices(found, published.names)
    )


def describe(run: Run, transcript: Transcript, speakers: tuple[Speaker, ...], ad_free: CutList) -> Described:
    """In which chapters, about what: from the words that are no ads, whether ads are cut or not."""

    def compute() -> Described:
        encoder, model, episode = run.tools.encoder(), run.tools.notes_model(), run.episode
        with run.working("notes"):
            material = read_material(
                show_itself(transcript, ad_free),
                encoder=encoder,
                analysis=run.tools.analysis(),
                language=transcript.language,
                title=episode.title,
            )
            chapters = find_chapters(
                material,
                model=model,
                encoder=encoder,
                given=episode.chapters,
                description=episode.description,
                cuts=ad_free,
                avoid=[episode.show, *(speaker.name for speaker in speakers)],
            )
            notes = write_notes(material, speakers, model=model, chapters=chapters, show=episode.show)
            return Described(chapters, notes)

    code = code_hash("pipeline.words.sentences", "pipeline.notes.chapters", "pipeline.notes.summary")
    cut = [[span.start, span.end] for span in ad_free.removed]
    given = [[str(chapter) for chapter in run.episode.chapters], run.episode.duration, run.about]
    who = [str(speaker) for speaker in speakers]
    tools = [tool.identity for tool in (run.tools.encoder, run.tools.analysis, run.tools.notes_model)]
    inputs = [digest_of_words(transcript.words), cut, given, who, *tools, code]
    return run.folder.stage("notes", Described, inputs, compute).value


def clean_audio(run: Run, result: Result) -> Path:
    """The sound without the cuts, chapters on the clean clock; made again only when it would differ."""
    cuts = result.cuts
    target = run.folder.path / ("clean.m4a" if run.path.suffix.lower() in M4A_LIKE else "clean.mp3")
    chapters = tuple(
        Chapter(cuts.to_clean(c.start), cuts.to_clean(c.end), c.title, c.url)
        for c in result.chapters
        if cuts.to_clean(c.end) > cuts.to_clean(c.start)
    )

    loudness = run.settings.loudness

    def compute() -> str:
        with run.working("clean") as progress:
            cut_audio = run.tools.cut_audio()
            cut_audio(run.path, cuts, target, chapters=chapters, loudness=loudness, progress=progress)
        return target.name

    inputs = [run.episode.sha256, str(cuts), str(chapters), loudness, run.tools.cut_audio.identity]
    if not target.exists():
        run.folder.forget("clean")
    run.folder.stage("clean", str, inputs, compute)
    return target


def audition(run: Run, cuts: CutList) -> None:
    """A minute to hear the edges of what was cut; none where nothing was."""
    target = run.folder.path / "removed.mp3"
    if not cuts.removed:
        target.unlink(missing_ok=True)
        run.folder.forget("removed")
        return

    def compute() -> str:
        run.tools.audition()(run.path, cuts, target)
        return target.name

    if not target.exists():
        run.folder.forget("removed")
    run.folder.stage("removed", str, [run.episode.sha256, str(cuts), run.tools.audition.identity], compute)
