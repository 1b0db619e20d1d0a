"""What the middle asks of the edges: one method each, our own types on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

from pipeline.language import AnalysedText
from pipeline.result import AdSpan, Chapter, FoundAds, Speaker
from pipeline.timeline import CutList, Diarization, Span, Transcript, Turn, Waveform, Word

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

T = TypeVar("T")
Progress = Callable[[float], None]
"""Called with the finished share of a stage, 0..1, never falling."""


def silent(_share: float) -> None:
    """A progress that shows nothing."""


class Transcriber(Protocol):
    """Speech to words. ``speech``: where anybody speaks, sorted and disjoint; nothing outside it is decoded."""

    def transcribe(
        self, wave: Waveform, speech: Sequence[Span], *, language: str | None = None, progress: Progress = silent
    ) -> Transcript: ...


class Diarizer(Protocol):
    """Sound to who spoke when; ``speakers`` bounds the number of voices (least, most), None leaves it open."""

    def diarize(
        self,
        wave: Waveform,
        *,
        speakers: tuple[int | None, int | None] = (None, None),
        progress: Progress = silent,
    ) -> Diarization: ...


class LanguageModel(Protocol):
    """Instructions and material to an answer; raises EndpointError when there is none. ``name`` is for people."""

    @property
    def name(self) -> str: ...

    def ask(self, instructions: str, material: str) -> str: ...


class SentenceEncoder(Protocol):
    """Sentences to vectors of unit length: float32, shape (n, width)."""

    def encode(self, sentences: Sequence[str]) -> np.ndarray: ...


class SentenceJudge(Protocol):
    """Sentences to the log-odds that a reader would leave each as it is, printed by itself: shape (n,)."""

    def odds(self, sentences: Sequence[str]) -> np.ndarray: ...


Standing = Literal["own", "before", "next", "both", "other"]
"""How a voice stands to a name that is said: it says it, speaks right before or after that turn, both, or neither."""


@dataclass(frozen=True, slots=True)
class SaidTurn:
    """A turn near a name: its text, cut where people's names are hidden, one between each two ``parts``.

    ``new``: it is the first turn of its voice in the episode.
    """

    voice: Standing
    new: bool
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameWindow:
    """Where a name is said: turns in order, and which hidden name of which of them is asked about."""

    turns: tuple[SaidTurn, ...]
    turn: int
    name: int


class NameJudge(Protocol):
    """Names where they are said to the log-odds of whose each is, shape (n, 6).

    The columns are those of ``pipeline.speakers.names.clues.RELATIONS``.
    """

    def odds(self, windows: Sequence[NameWindow]) -> np.ndarray: ...


class LanguageAnalysis(Protocol):
    """Texts to sentences, grammar, noun phrases and entities, one analysis a text; best given whole utterances.

    ``language`` is a code such as "en"; for a language without a model ``parsed`` is False and nothing but tokens and
    sentences is found.
    """

    def analyse(self, texts: Sequence[str], *, language: str = "en") -> tuple[AnalysedText, ...]: ...


class NameSpeakers(Protocol):
    """Who the voices of words and turns are; ``about`` has the title, show and description, ``spoken`` the language."""

    def __call__(
        self,
        words: Sequence[Word],
        turns: Sequence[Turn],
        ads: Sequence[AdSpan],
        *,
        about: Mapping[str, str],
        spoken: str,
    ) -> tuple[Speaker, ...]: ...


class Decode(Protocol):
    """The sound of a file; ``warn`` is told in a sentence what of it is lost."""

    def __call__(self, path: Path, *, progress: Progress, warn: Callable[[str], None]) -> Waveform: ...


class CutAudio(Protocol):
    """Write the source without the removed spans to ``target``; ``chapters`` are on the clean clock.

    ``tags`` replace or add to the source's own; ``cover``, a JPEG or PNG, is for a source that has none. ``loudness``
    in LUFS (EBU R128); None leaves it as it is.
    """

    def __call__(
        self,
        source: Path,
        cuts: CutList,
        target: Path,
        *,
        chapters: Sequence[Chapter],
        tags: Mapping[str, str],
        loudness: float | None,
        progress: Progress,
        cover: Path | None = None,
    ) -> None: ...


class FindAds(Protocol):
    """The ads among words; the episode's ``description``, ``turns`` and sound are evidence beyond the words."""

    def __call__(
        self, words: Sequence[Word], *, description: str, turns: Sequence[Turn] = (), wave: Waveform | None = None
    ) -> FoundAds: ...


class Audition(Protocol):
    """Write the edges of all cuts, one after the other, to ``target``."""

    def __call__(self, source: Path, cuts: CutList, target: Path) -> None: ...


class Reporter(Protocol):
    """Shows a user what is under way: a stage that has begun, and sentences."""

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]: ...

    def say(self, text: str) -> None: ...


class Tool(Generic[T]):
    """An adapter that is loaded on first use and then kept; ``identity`` is all that changes what it returns.

    ``prepare`` has an adapter load what it would load at its own first use. Threads may share a tool.
    """

    def __init__(self, identity: str, make: Callable[[], T], *, prepare: Callable[[T], object] | None = None) -> None:
        self.identity = identity
        self._make, self._prepare = make, prepare
        self._made: T | None = None
        self._lock = RLock()

    def __call__(self) -> T:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def load_ahead(self) -> None:
        """Load it before it is needed; what fails here fails again, and is reported, where it is used."""
        with suppress(BaseException), self._lock:  # it runs in a thread, which nobody interrupts
            made = self()
            if self._prepare:
                self._prepare(made)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with.

    ``notes_model``: the fitted numbers of ``pipeline/notes``. ``adviser`` (of held ads) and ``rewriter`` (of notes)
    only where the user names one.
    """

    decode: Tool[Decode]
    cut_audio: Tool[CutAudio]
    audition: Tool[Audition]
    diarizer: Tool[Diarizer]
    transcriber: Tool[Transcriber]
    encoder: Tool[SentenceEncoder]
    find_ads: Tool[FindAds]
    notes_model: Tool[Any]
    language: Tool[LanguageAnalysis]
    name_speakers: Tool[NameSpeakers]
    adviser: Tool[LanguageModel] | None = None
    rewriter: Tool[LanguageModel] | None = None
