"""Which network stands behind which port: the one file that imports models and audio. It decides nothing.

Everything heavy is imported when it is first used, so that the command line starts at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pipeline.cache import cache_folder
from pipeline.ports import (
    Audition,
    CutAudio,
    Decode,
    Diarizer,
    FindAds,
    LanguageAnalysis,
    LanguageModel,
    NameSpeakers,
    Progress,
    SentenceEncoder,
    Tool,
    Tools,
    silent,
)
from pipeline.provenance import provenance
from pipeline.result import AdSpan, Evidence, FoundAds
from pipeline.settings import LOCAL_DIARIZER, Settings
from pipeline.timeline import Span, Word

if TYPE_CHECKING:
    from pipeline.commands.doctor import Machine

SEGMENTATION, EMBEDDING, ENCODER, WORDING, LANGUAGE = "segmentation-3.0", "campplus", "minilm", "mpnet", "spacy-en"
NEEDED = ("whisper-base", SEGMENTATION, EMBEDDING, ENCODER, WORDING, LANGUAGE)
"""The weights that a run uses when nothing else is asked for."""
Endpoint = tuple[str, str]
"""Address and model of a language model."""


def tools_for(settings: Settings) -> Tools:
    """The adapters of a run, loaded once per process and when they are first used.

    Raises EndpointError when the address of a language model is not valid.
    """
    if settings.scripted:
        tools = _scripted(settings.scripted)
    else:
        tools = _networks(settings.model, settings.engine, settings.device, settings.diarizer)
    adviser, rewriter = language_model(settings.second_opinion), language_model(settings.rewrite_notes)
    return replace(tools, adviser=adviser, rewriter=rewriter)


def publishing_tools() -> Tools:
    """What outputs are made with when everything has been found: the sound is cut, no network is there."""

    def absent() -> Any:
        raise AssertionError("no network is run for an edit")

    none: Tool[Any] = Tool("", absent)
    return Tools(
        decode=none,
        cut_audio=audio_cutter(),
        audition=_auditioner(),
        diarizer=none,
        transcriber=none,
        encoder=none,
        find_ads=none,
        notes_model=_notes_numbers(),  # what its judge said of the sentences is kept
        language=none,
        name_speakers=none,
    )


@cache
def _networks(model: str, engine: str, device: str, diarizer: str) -> Tools:
    return Tools(
        decode=_decoder(),
        cut_audio=audio_cutter(),
        audition=_auditioner(),
        diarizer=_diarizer(diarizer, device),
        transcriber=_transcriber(model, engine, device),
        encoder=sentence_encoder(),
        find_ads=ad_detector(),
        notes_model=_notes_model(),
        language=language_analysis(),
        name_speakers=_speaker_naming(),
    )


def language_model(endpoint: Endpoint | None) -> Tool[LanguageModel] | None:
    """The language model at an address; None without one. Raises EndpointError when the address is not valid."""
    if endpoint is None:
        return None
    from models.chat import ChatEndpoint

    model = ChatEndpoint(*endpoint)
    return Tool(f"{model.url} {model.name} {provenance('models.chat')}", lambda: model)


def _decoder() -> Tool[Decode]:
    def make() -> Decode:
        from audio.decode import decode

        return decode

    return Tool(f"{ffmpeg_version()} {provenance('audio.decode:decode')}", make)


def audio_cutter() -> Tool[CutAudio]:
    """What writes a recording without its cuts."""

    def make() -> CutAudio:
        from audio.cut import cut_audio

        return cut_audio

    return Tool(f"{ffmpeg_version()} {provenance('audio.cut:cut_audio')}", make)


def _auditioner() -> Tool[Audition]:
    def make() -> Audition:
        from audio.audition import write_audition

        return write_audition

    return Tool(f"{ffmpeg_version()} {provenance('audio.audition:write_audition')}", make)


def ffmpeg_version() -> str:
    """The version of the ffmpeg that would be used."""
    from audio.ffmpeg import ffmpeg_version

    return ffmpeg_version()


def _diarizer(source: str, device: str) -> Tool[Diarizer]:
    from models.machine import read_machine
    from models.whisper.choice import choose_device

    where = choose_device(read_machine(), device)
    precision = _precision(where)

    def make() -> Any:
        from models.diarization.diarizer import PyannoteDiarizer

        return PyannoteDiarizer(source, device=where, precision=precision)

    weights = f"{fingerprint_of(SEGMENTATION)} {fingerprint_of(EMBEDDING)}" if source == LOCAL_DIARIZER else source
    return Tool(
        f"{weights} {where} {precision} {provenance('models.diarization.diarizer')}", make, prepare=lambda it: it.load()
    )


def _transcriber(model: str, engine: str, device: str) -> Tool[Any]:
    from models.machine import read_machine
    from models.whisper.choice import choose_engine
    from models.whisper.network import fingerprint_whisper

    choice = choose_engine(read_machine(), engine=engine, device=device)
    code = {"openai-whisper": "models.whisper.openai_engine", "faster-whisper": "models.whisper.ctranslate2_engine"}

    def make() -> Any:
        if choice.engine == "openai-whisper":
            from models.whisper.openai_engine import OpenaiWhisperTranscriber

            return OpenaiWhisperTranscriber(model, choice.device, precision=choice.precision)
        from models.whisper.ctranslate2_engine import FasterWhisperTranscriber

        return FasterWhisperTranscriber(model, choice.device)

    what = f"{choice.engine} {choice.device} {choice.precision} {fingerprint_whisper(model)}"
    return Tool(f"{what} {provenance(code[choice.engine])}", make, prepare=lambda it: it.load())


def _precision(device: str = "cpu") -> str:
    """What the networks other than Whisper multiply in: part of their identity."""
    from models.machine import read_machine

    return "bfloat16" if device == "cpu" and read_machine().bfloat16 else "float32"


def machine_here() -> str:
    """The processor of this machine and its cores, for a report."""
    import os

    from models.machine import processor

    return f"{processor()}, {os.cpu_count()} cores"


def engine_here(engine: str = "auto", device: str = "auto") -> str:
    """Which engine runs Whisper on this machine, and why, in a sentence."""
    from models.machine import read_machine
    from models.whisper.choice import choose_engine

    choice = choose_engine(read_machine(), engine=engine, device=device)
    return f"{choice.engine} on {choice.device} in {choice.precision}: {choice.why}"


def check_language(language: str) -> None:
    """Raises CleancastError for a language that Whisper does not know: before the work, not in the middle of it."""
    from models.whisper.transcription import language_code

    language_code(language)


@cache
def sentence_encoder() -> Tool[SentenceEncoder]:
    """The sentence encoder: one network, loaded once, whoever asks."""

    def make() -> SentenceEncoder:
        from models.encoder import MiniLmEncoder

        return MiniLmEncoder()

    return Tool(f"{fingerprint_of(ENCODER)} {provenance('models.encoder')}", make, prepare=lambda it: it.encode(["a"]))


def ad_detector() -> Tool[FindAds]:
    """The ad detector: it reads words, with the wording network's layers under its own."""

    def make() -> FindAds:
        from models.ads.model import TrainedAdModel
        from pipeline.ads.finding.find import find_ads

        return partial(find_ads, model=TrainedAdModel.load())

    code = provenance("models.ads.model", "pipeline.ads.finding.find:find_ads")

    def prepare(find: Any) -> None:
        find.keywords["model"].load_networks()  # an episode of one word takes as long as one of three minutes

    return Tool(f"{fingerprint_of(WORDING)} {_precision()} {code}", make, prepare=prepare)


@cache
def language_analysis() -> Tool[LanguageAnalysis]:
    """The analysis of language: one model, loaded once, whoever asks."""

    def make() -> LanguageAnalysis:
        from models.language import SpacyLanguage

        return SpacyLanguage()

    return Tool(
        f"{fingerprint_of(LANGUAGE)} {provenance('models.language')}", make, prepare=lambda it: it.analyse(["a"])
    )


def _notes_model() -> Tool[Any]:
    """The fitted numbers of the notes; its judge of sentences reads with the wording network."""
    numbers = _notes_numbers()
    identity = f"{fingerprint_of(WORDING)} {_precision()} {numbers.identity}"
    return Tool(identity, numbers, prepare=lambda model: model.judge.odds(["a"]))


def _notes_numbers() -> Tool[Any]:
    """The fitted numbers of the notes, for what asks its judge nothing new."""

    def make() -> Any:
        from models.notes.artifact import load_notes_model

        return load_notes_model()

    return Tool(provenance("models.notes.artifact:load_notes_model"), make)


def _speaker_naming() -> Tool[NameSpeakers]:
    """The naming of voices; its judge of names reads with the wording network."""
    unheard = _naming_by_clues(language_analysis(), sentence_encoder())

    def make() -> NameSpeakers:
        from models.speakers.artifact import load_name_judge

        naming: Any = unheard()
        return partial(naming, model=replace(naming.keywords["model"], judge=load_name_judge()))

    code = provenance("models.speakers.artifact:load_name_judge")
    return Tool(f"{unheard.identity} {fingerprint_of(WORDING)} {_precision()} {code}", make)


def _naming_by_clues(language: Tool[LanguageAnalysis], encoder: Tool[SentenceEncoder]) -> Tool[NameSpeakers]:
    """The naming of voices without a judge of names."""

    def make() -> NameSpeakers:
        from models.speakers.artifact import load_model
        from pipeline.speakers.names.naming import name_speakers

        return partial(name_speakers, model=load_model(), language=language(), encoder=encoder())

    code = provenance("models.speakers.artifact:load_model", "pipeline.speakers.names.naming:name_speakers")
    return Tool(f"{language.identity} {encoder.identity} {code}", make)


def scripted_tools(case: Path) -> Tools:
    """The tools of a run that takes words and turns from a case folder: no weights, but every stage.

    Reads ``words.json`` and, where they are there, ``reference.rttm`` and ``ads.json``.
    """
    from models.encoder import WIDTH
    from models.notes.artifact import load_notes_model
    from models.scripted import ScriptedDiarizer, ScriptedEncoder, ScriptedJudge, ScriptedLanguage, ScriptedTranscriber
    from pipeline.formats.captions.words_json import parse_words
    from pipeline.formats.records.rttm import parse_rttm
    from pipeline.timeline import Turn

    words = parse_words((case / "words.json").read_text(encoding="utf-8")).words
    rttm, marked = case / "reference.rttm", case / "ads.json"
    turns = parse_rttm(rttm.read_text()) if rttm.exists() else (Turn(words[0].start, words[-1].end, "Speaker 1"),)
    spans = json.loads(marked.read_text())["ads"] if marked.exists() else []
    ads = tuple(AdSpan(a, b, 1.0, "sponsor", (Evidence("model", "scripted"),)) for a, b in spans)
    identity = f"scripted {case} {provenance('models.scripted', 'pipeline.wiring:scripted_tools')}"
    language: Tool[LanguageAnalysis] = Tool(identity, ScriptedLanguage)
    numbers = provenance("models.notes.artifact:load_notes_model")
    return Tools(
        decode=_decoder(),
        cut_audio=audio_cutter(),
        audition=_auditioner(),
        diarizer=Tool(identity, lambda: ScriptedDiarizer(turns)),
        transcriber=Tool(identity, lambda: ScriptedTranscriber(words)),
        encoder=Tool(identity, ScriptedEncoder),
        find_ads=Tool(identity, lambda: cast(FindAds, partial(_said_ads, ads))),
        notes_model=Tool(f"{identity} {numbers}", lambda: replace(load_notes_model(), judge=ScriptedJudge())),
        language=language,
        name_speakers=_naming_by_clues(language, Tool(identity, lambda: ScriptedEncoder(WIDTH))),
    )


def _said_ads(ads: tuple[AdSpan, ...], words: Sequence[Word], **_evidence: object) -> FoundAds:
    """The ads of a script that begin before the words end: a recording may be shorter than its script."""
    return FoundAds(tuple(ad for ad in ads if words and ad.start < words[-1].end))


_scripted = cache(scripted_tools)


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What a recording says about itself: ``probe`` reads its head; ``hash_file`` and ``measure`` read all of it."""

    probe: Callable[[Path], Any]
    hash_file: Callable[[Path], str]
    measure: Callable[[Path], float]


def sound_facts() -> SoundFacts:
    """How a recording is examined. All raise AudioError when it is not a readable audio file."""
    from audio.decode import hash_recording, measure
    from audio.probe import probe

    return SoundFacts(probe, hash_recording, measure)


@dataclass(frozen=True, slots=True)
class SoundViews:
    """A recording to look at and to listen to: its peaks, and stretches of it as WAV. Both raise AudioError."""

    peaks_a_second: int
    peaks: Callable[[Path], bytes]
    clip: Callable[[Path, Span], bytes]


def sound_views() -> SoundViews:
    """What the desk shows and plays of a recording."""
    from audio.listening.clip import PEAKS_A_SECOND, read_clip, read_peaks

    return SoundViews(PEAKS_A_SECOND, read_peaks, read_clip)


def extract_stream(path: Path, number: int, folder: Path) -> Path:
    """A file in ``folder`` with one audio stream of another, counted from 1. Raises AudioError where there is none."""
    from audio.listening.streams import extract_stream

    return extract_stream(path, number, folder)


@dataclass(frozen=True, slots=True)
class TrackSounds:
    """The audio streams of a file as tracks, and the mix of tracks. Both raise CleancastError."""

    list_tracks: Callable[[Path], tuple[Any, ...]]
    mix_tracks: Callable[..., None]


def track_sounds() -> TrackSounds:
    """How separate recordings of one conversation are read and mixed."""
    from audio.listening.tracks import list_tracks, mix_tracks

    return TrackSounds(list_tracks, mix_tracks)


def fingerprint_of(weights: str) -> str:
    """What stands for a set of weights in a key: name and hashes."""
    from models.weights.installed import fingerprint

    return f"{weights} {fingerprint(weights)}"


def weights_in_use(settings: Settings) -> dict[str, str]:
    """Name and hash of every set of weights that a run with these settings uses."""
    from models.weights.installed import fingerprint

    names = [f"whisper-{settings.model}", ENCODER, LANGUAGE]
    names += [SEGMENTATION, EMBEDDING] if settings.diarizer == LOCAL_DIARIZER else []
    return {name: fingerprint(name) for name in names}


def pull_weights(name: str, progress: Progress = silent) -> Path:
    """Download a set of weights unless it is present; returns its folder. Raises WeightsError."""
    from models.weights.installed import pull

    return pull(name, progress)


def list_weights() -> tuple[Any, ...]:
    """Every set of weights in the catalogue, and whether it is present."""
    from models.weights.installed import list_weights

    return list_weights()


def verify_weights(name: str) -> None:
    """Check every file of a set of weights. Raises WeightsError when one does not match its hash."""
    from models.weights.installed import verify

    verify(name)


def this_machine() -> Machine:
    """How ``cleancast doctor`` asks about this machine."""
    from audio.examine import examine_ffmpeg
    from audio.memory import free_memory
    from pipeline.commands.doctor import Machine

    return Machine(
        weights=_weights_here, ffmpeg=examine_ffmpeg, device=engine_here, cache=cache_folder(), free_memory=free_memory
    )


def _weights_here() -> Iterator[tuple[str, str]]:
    """Every set of weights that is present or needed, with its problem, if any."""
    from pipeline.errors import WeightsError

    here = [found.weights.name for found in list_weights() if found.present]
    for name in dict.fromkeys((*NEEDED, *here)):
        try:
            verify_weights(name)
            yield name, ""
        except WeightsError as error:
            yield name, error.reason.partition("; fetch")[0]
