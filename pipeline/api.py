"""cleancast from Python: the one module whose names stay. Everything else may change between versions.

    import pipeline.api as cleancast

    result = cleancast.transcribe("episode.mp3")
    print(result.transcript.text)

Nothing here prints, handles signals or ends the program: progress comes by callback, and what goes wrong is raised as a
``CleancastError``. Times are seconds of the source recording. Networks are loaded when they are first needed and stay
loaded. ``docs/python.md`` shows each function at work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import (
    AudioError,
    CleancastError,
    EndpointError,
    FetchError,
    FormatError,
    StoreError,
    WeightsError,
)
from pipeline.ports import Progress
from pipeline.result import (
    REMOVED_KINDS,
    AdKind,
    AdSpan,
    Chapter,
    Episode,
    Evidence,
    Mention,
    Notes,
    Quote,
    Result,
    Speaker,
    Warning,
)
from pipeline.scores.case import Case, ReferenceWord
from pipeline.scores.comparison.compare import Comparison, System, compare_systems
from pipeline.scores.hypothesis import Hypothesis, build_hypothesis, score_hypothesis
from pipeline.scores.references import build_case
from pipeline.scores.report.document import build_report
from pipeline.scores.scoring import CaseScores, score_case
from pipeline.scores.words.word_errors import WordErrors
from pipeline.settings import Settings
from pipeline.timeline import CutList, Segment, Span, Transcript, Turn, Word

__all__ = [
    "AdKind",
    "AdSpan",
    "AudioError",
    "Case",
    "CaseScores",
    "Chapter",
    "CleancastError",
    "Comparison",
    "CutList",
    "EndpointError",
    "Episode",
    "Evidence",
    "FetchError",
    "FormatError",
    "Hypothesis",
    "Mention",
    "Notes",
    "Quote",
    "ReferenceWord",
    "Result",
    "Segment",
    "Settings",
    "Span",
    "Speaker",
    "StoreError",
    "Transcript",
    "Turn",
    "Warning",
    "WeightsError",
    "Word",
    "WordErrors",
    "compare",
    "cut",
    "find_ads",
    "formats",
    "output_folder",
    "read",
    "read_case",
    "report",
    "score",
    "transcribe",
    "write",
]

StageProgress = Callable[[str, float], None]
"""Called with the name of a stage and the finished share of it, 0..1; a reused stage goes from 0 to 1 at once."""
DEFAULTS = Settings()


def transcribe(
    recording: str | Path,
    settings: Settings = DEFAULTS,
    *,
    progress: StageProgress | None = None,
    message: Callable[[str], None] | None = None,
) -> Result:
    """Everything that ``cleancast run`` makes of one recording: words, speakers, ads, cuts, chapters and notes.

    The outputs are written to ``output_folder(result, settings)``; finished stages are reused. Settings about many
    episodes or messages (``jobs``, ``on``, ``watch``, ``time_limit``, ``verbose`` ...) do nothing here. ``message`` is
    told in sentences what a user of the command line reads. Raises CleancastError: a file that is no recording, no
    speech in it, weights that are missing, a folder that cannot be written.
    """
    from pipeline.batch.single import run_one

    _, result = run_one(recording, settings, reporter=_Callbacks(progress, message))
    return result


def output_folder(result: Result, settings: Settings = DEFAULTS) -> Path:
    """The folder with the outputs of a result that ``transcribe`` made with these settings."""
    from pipeline.library.recordings import folder_for

    return folder_for(result.episode, Path(result.episode.source), settings.out).path


def find_ads(
    words: Sequence[Word], *, description: str = "", remove: Sequence[AdKind] = REMOVED_KINDS
) -> tuple[AdSpan, ...]:
    """The ads among words with times, each with its reasons and the verdict: cut, hold (for a person), keep.

    ``description``: what the show says of the episode, which names sponsors. ``remove``: the kinds to cut. Raises
    WeightsError when the weights are not on this machine and cannot be downloaded.
    """
    from pipeline.ads.verdict import judge_ads
    from pipeline.wiring import ad_detector

    words = tuple(words)
    found = ad_detector()()(words, description=description).ads if words else ()
    return judge_ads(found, duration_s=words[-1].end if words else 0.0, kinds=tuple(remove))


def cut(
    recording: str | Path, removed: Sequence[Span], target: str | Path, *, progress: Progress | None = None
) -> CutList:
    """Write a recording without some stretches to ``target`` (.mp3 or .m4a); what was cut, with the clock of the rest.

    Ads can be given as they are; only those with the verdict "cut" are removed. Raises AudioError when the recording
    cannot be read, or nothing would be left.
    """
    from pipeline.ports import silent
    from pipeline.wiring import audio_cutter, sound_facts

    source = Path(recording)
    wanted = [span for span in removed if not isinstance(span, AdSpan) or span.verdict == "cut"]
    cuts = CutList.of(wanted, duration=sound_facts().measure(source))
    audio_cutter()()(source, cuts, Path(target), chapters=(), tags={}, loudness=None, progress=progress or silent)
    return cuts


def read(path: str | Path) -> Result:
    """What a file says of a recording, or a folder with files of one: words, speakers, turns, ads, chapters.

    Reads ``result.json``, text, WebVTT, SRT, STM, CTM, RTTM, and JSON with words, ads or chapters. Words of a text
    without times get made-up ones. Raises CleancastError for a file that cannot be read, or several recordings.
    """
    return _hypothesis(Path(path)).result


def formats(result: Result, *, clean_audio: str = "clean.mp3") -> dict[str, str]:
    """Every text file that can be made of a result: name to content, ``transcript.vtt`` and all others of a run.

    ``clean_audio`` is what the clean recording is called. ``words.ctm`` and ``words.stm`` are for scoring tools: all
    words, timed for the source.
    """
    from pipeline.formats.nist.ctm import print_ctm
    from pipeline.formats.nist.stm import print_stm
    from pipeline.formats.outputs import text_outputs

    words, name = result.transcript.words, result.episode.id
    nist = {"words.ctm": print_ctm(words, file_id=name), "words.stm": print_stm(words, file_id=name)}
    return {**text_outputs(result, clean_audio=clean_audio), **nist}


def write(result: Result, path: str | Path) -> None:
    """Write one of the ``formats`` of a result, told by the name of the file.

    A name that ends like one of them will do: ``talk.vtt``, ``talk.notes.md``. Raises FormatError for other names.
    """
    from pipeline.cache import write_atomic

    target = Path(path)
    made = formats(result)
    name = next((name for name in made if target.name == name or target.name.endswith(f".{name}")), None)
    name = name or next((name for name in made if Path(name).suffix == target.suffix), None)
    if name is None:
        raise FormatError(target, f"is not called like any of {', '.join(made)}")
    write_atomic(target, made[name])


def read_case(path: str | Path) -> Case:
    """What is true of a recording: a case folder (docs/evaluation.md), or one file of references.

    Raises CleancastError for a file that cannot be read, or several recordings.
    """
    gathered = _one(Path(path))
    try:
        return build_case(gathered.texts, case_id=gathered.names[0])
    except CleancastError as error:
        raise CleancastError(gathered.where(error)) from error


def score(reference: Case | str | Path, found: Result | str | Path) -> CaseScores:
    """How far a result, or any tool's files, are from a reference; a figure that one side says nothing of is None.

    Raises CleancastError for files that cannot be read.
    """
    case = reference if isinstance(reference, Case) else read_case(reference)
    if isinstance(found, Result):
        return score_case(case, found)
    return score_hypothesis(case, _hypothesis(Path(found)))


def report(scores: Sequence[CaseScores]) -> dict[str, Any]:
    """The figures of report.json: of each recording, and over all of them from summed counts, with intervals."""
    return build_report(scores)


def compare(systems: Mapping[str, Sequence[CaseScores]]) -> Comparison:
    """Several systems over the same recordings, each against the first: differences, their intervals, and the words.

    Raises CleancastError when they have no recording in common.
    """
    return compare_systems([System(name, tuple(scores)) for name, scores in systems.items()])


@dataclass(frozen=True, slots=True)
class _Callbacks:
    """Tells callbacks what a command would show."""

    progress: StageProgress | None
    message: Callable[[str], None] | None

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        self._tell(name, 0.0)
        yield lambda share: self._tell(name, share)
        self._tell(name, 1.0)

    def say(self, text: str) -> None:
        if self.message:
            self.message(text)

    def _tell(self, name: str, share: float) -> None:
        if self.progress:
            self.progress(name, share)


def _hypothesis(path: Path) -> Hypothesis:
    gathered = _one(path)
    try:
        return build_hypothesis(gathered.texts, name=gathered.names[0])
    except CleancastError as error:
        raise CleancastError(gathered.where(error)) from error


def _one(path: Path) -> Any:
    from pipeline.commands.evaluation.gather import gather

    found = gather(path)
    if len(found) > 1:
        raise StoreError(path, f"holds {len(found)} recordings; give the files of one")
    return found[0]
