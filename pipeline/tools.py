"""What the shell needs from the edges to run an episode, each made when first used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pipeline.notes.fitted import NotesModel
from pipeline.ports import Diarizer, LanguageAnalysis, LanguageModel, Progress, SentenceEncoder, Transcriber
from pipeline.result import AdSpan, Chapter
from pipeline.timeline import CutList, Turn, Waveform, Word

T = TypeVar("T")


class Tool(Generic[T]):
    """An adapter that is loaded on first use and then kept; ``identity`` is all that changes what it returns."""

    def __init__(self, identity: str, make: Callable[[], T]) -> None:
        self.identity = identity
        self._make = make
        self._made: T | None = None

    def __call__(self) -> T:
        if self._made is None:
            self._made = self._make()
        return self._made


class Decode(Protocol):
    """The sound of a file; ``warn`` is told in a sentence what of it is lost."""

    def __call__(self, path: Path, *, progress: Progress, warn: Callable[[str], None]) -> Waveform: ...


class CutAudio(Protocol):
    """Write the source without the removed spans to ``target``; ``chapters`` are on the clean clock.

    ``loudness`` in LUFS (EBU R128); None leaves it as it is.
    """

    def __call__(
        self,
        source: Path,
        cuts: CutList,
        target: Path,
        *,
        chapters: tuple[Chapter, ...],
        loudness: float | None,
        progress: Progress,
    ) -> None: ...


class FindAds(Protocol):
    """The ads among words; the episode's ``description``, ``turns`` and sound are evidence beyond the words."""

    def __call__(
        self, words: Sequence[Word], *, description: str, turns: Sequence[Turn] = (), wave: Waveform | None = None
    ) -> tuple[AdSpan, ...]: ...


class Audition(Protocol):
    """Write the edges of all cuts, one after the other, to ``target``."""

    def __call__(self, source: Path, cuts: CutList, target: Path) -> None: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with; ``adviser`` (of held ads) and ``rewriter`` (of notes) only where the user names one."""

    decode: Tool[Decode]
    cut_audio: Tool[CutAudio]
    audition: Tool[Audition]
    diarizer: Tool[Diarizer]
    transcriber: Tool[Transcriber]
    encoder: Tool[SentenceEncoder]
    analysis: Tool[LanguageAnalysis]
    notes_model: Tool[NotesModel]
    find_ads: Tool[FindAds]
    adviser: Tool[LanguageModel] | None = None
    rewriter: Tool[LanguageModel] | None = None
