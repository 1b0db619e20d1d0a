"""What a user may choose: one frozen type in which every option is declared once.

The command line builds its options from these declarations, an episode's folder records the settings of its run, and
``command`` prints settings back as a command line. A new option is one more field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from math import isfinite
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pipeline.result import REMOVED_KINDS, AdKind

T = TypeVar("T")
Group = Literal["output", "episode", "networks", "ads", "voices", "models", "machine", "always"]
OF_FEEDS: tuple[Group, ...] = ("output", "networks", "ads", "models", "machine")
"""The groups of options that make sense for all episodes of a feed."""
AdsMode = Literal["cut", "mark", "keep"]
Engine = Literal["auto", "faster-whisper", "openai-whisper"]

LOCAL_DIARIZER = "segmentation-3.0+campplus"
"""Needs no account: pyannote's segmentation network with the CAM++ speaker embedding."""
LOUDNESS_LUFS = -16.0
"""What podcast platforms ask of stereo speech (EBU R128)."""


@dataclass(frozen=True, slots=True)
class Option:
    """How one setting is asked for: the flags, what the help says, and how its text is read and printed.

    ``read`` turns the typed text into the value and raises ValueError with a sentence; ``words`` turns it back.
    ``kept``: whether the episode's folder records it (not what concerns the machine, or the episode itself).
    """

    group: Group
    help: str
    flags: tuple[str, ...] = ()
    metavar: str | None = None
    least: float | None = None
    most: float | None = None
    read: Callable[[Any], Any] | None = None
    words: Callable[[Any], list[str]] | None = None
    kept: bool = True


def option(default: T, group: Group, text: str, **how: Any) -> T:
    """A field of Settings with its option; ``text``: what the help says; ``how``: the other fields of Option."""
    found: T = field(default=default, metadata={"option": Option(group, text, **how)})
    return found


def option_of(declared: Field[Any]) -> Option:
    """The option that a field of Settings declares."""
    found: Option = declared.metadata["option"]
    return found


def read_kinds(text: str) -> tuple[AdKind, ...]:
    """Kinds of ads from a list with commas, in their usual order.

    >>> read_kinds("promo, sponsor")
    ('sponsor', 'promo')
    """
    known = get_args(AdKind)
    named = [name.strip().lower() for name in text.split(",") if name.strip()]
    if not named or any(name not in known for name in named):
        raise ValueError(f"--remove expects a comma-separated list of {', '.join(known)}, not {text!r}")
    return tuple(kind for kind in known if kind in named)


def read_speakers(pairs: list[str] | None) -> tuple[tuple[str, str], ...]:
    """Label and name of each ``Speaker 1=Name``."""
    named = []
    for pair in pairs or []:
        label, found, name = pair.partition("=")
        if not (found and label.strip() and name.strip()):
            raise ValueError(f'--speaker expects "Speaker 1=Name", not {pair!r}')
        named.append((label.strip(), name.strip()))
    return tuple(named)


def read_starts(pairs: list[str] | None) -> tuple[tuple[str, float], ...]:
    """Track and seconds of each ``Ann=3.5``."""
    starts = []
    for pair in pairs or []:
        which, found, seconds = pair.rpartition("=")
        try:
            starts.append((which.strip(), float(seconds)))
        except ValueError:
            found = ""
        if not (found and which.strip() and isfinite(starts[-1][1])):
            raise ValueError(f'--track-start expects "Ann=3.5" (a track, and seconds), not {pair!r}')
    return tuple(starts)


def _named(flag: str, pairs: tuple[tuple[str, object], ...]) -> list[str]:
    return [word for label, name in pairs for word in (flag, f"{label}={name}")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user chose for a run; every field has a default."""

    out: Path = option(
        Path("out"), "output", "Where the outputs go: OUT/<show>/<episode>/.", flags=("-o", "--out"), kept=False
    )
    loudness: bool = option(False, "output", f"Set the clean audio to {LOUDNESS_LUFS:.0f} LUFS (EBU R128).")
    notes_template: Path | None = option(None, "output", "A jinja2 template of your own for notes.md.")

    title: str = option("", "episode", "The episode's title, instead of the one in the file's tags.", kept=False)
    show: str = option("", "episode", "The show's name, instead of the one in the file's tags.", kept=False)
    description: str = option("", "episode", "The episode's description; used to spell names correctly.", kept=False)
    stream: int | None = option(
        None, "episode", "Which audio stream of a file with several (default: the one with most speech).", least=1
    )
    tracks: bool = option(
        False, "episode", "The files, or the streams of one file, are one conversation: a track for each speaker."
    )
    track_start: tuple[tuple[str, float], ...] = option(
        (),
        "episode",
        'When a track begins, in seconds of the whole: "Ann=3.5". May be repeated.',
        metavar="TRACK=SECONDS",
        read=read_starts,
        words=lambda pairs: _named("--track-start", pairs),
        kept=False,
    )
    speaker: tuple[tuple[str, str], ...] = option(
        (),
        "episode",
        'The name of a speaker: "Speaker 1=Name". May be repeated.',
        read=read_speakers,
        words=lambda pairs: _named("--speaker", pairs),
    )

    language: str | None = option(None, "networks", "Language code such as en; detected by default.")
    model: str = option("base", "networks", "Whisper size (tiny, base, small, medium, large-v3, turbo) or a path.")
    engine: Engine = option("auto", "networks", "What runs Whisper; auto picks the faster engine on this machine.")
    device: str = option("auto", "networks", "cpu, cuda or auto (cuda if available).")
    diarizer: str = option(
        LOCAL_DIARIZER, "networks", "The local networks, or a pyannote pipeline from Hugging Face (needs HF_TOKEN)."
    )
    scripted: Path | None = option(
        None, "networks", "Read words and turns from this case folder instead of running networks."
    )

    ads: AdsMode = option("cut", "ads", "cut: remove ads. mark: label ads in the outputs. keep: do not look for ads.")
    remove: tuple[AdKind, ...] = option(
        REMOVED_KINDS,
        "ads",
        "Which kinds of ads to cut: sponsor, spot, promo, self, credits.",
        metavar="KINDS",
        read=read_kinds,
        words=lambda kinds: ["--remove", ",".join(kinds)],
    )
    memory: bool = option(
        True, "ads", "Recognise ads and voices from the other episodes in OUT.", flags=("--memory/--no-memory",)
    )

    speakers: int | None = option(None, "voices", "The number of speakers, if you know it.", least=1)
    min_speakers: int | None = option(None, "voices", "The smallest possible number of speakers.", least=1)
    max_speakers: int | None = option(None, "voices", "The largest possible number of speakers.", least=1)

    second_opinion: tuple[str, str] | None = option(
        None, "models", "Ask an OpenAI-compatible language model about doubtful ads.", metavar="URL MODEL"
    )
    rewrite_notes: tuple[str, str] | None = option(
        None, "models", "Let such a model rewrite the summary, chapter titles and key points.", metavar="URL MODEL"
    )

    jobs: int | None = option(
        None,
        "machine",
        "Episodes to process at a time (default: 1); they share the cores.",
        least=1,
        most=1000,
        kept=False,
    )
    on: str = option(
        "", "machine", "Run on a Ray cluster; OUT must be on shared storage.", metavar="ray|ray://ADDRESS", kept=False
    )
    time_limit: float | None = option(
        None, "machine", "Stop an episode that takes longer than this.", metavar="MINUTES", least=0.01, kept=False
    )
    watch: float | None = option(
        None,
        "machine",
        "Keep running and check for new episodes this often.",
        metavar="MINUTES",
        least=0.01,
        kept=False,
    )
    allow_private: bool = option(
        False, "machine", "Also allow downloads from this machine and its local network.", kept=False
    )
    quiet: bool = option(
        False,
        "always",
        "Say nothing but what went wrong; results still go to stdout.",
        flags=("-q", "--quiet"),
        kept=False,
    )
    verbose: bool = option(
        False, "always", "Say when each stage begins, instead of showing bars.", flags=("-v", "--verbose"), kept=False
    )
    log: Path | None = option(
        None, "always", "Also write all messages to this file, with the time.", metavar="FILE", kept=False
    )
    debug: bool = option(False, "always", "Print the full traceback of an error.", kept=False)

    @property
    def speaker_bounds(self) -> tuple[int | None, int | None]:
        """The fewest and the most voices; None leaves an end open."""
        return self.speakers or self.min_speakers, self.speakers or self.max_speakers

    @property
    def contradiction(self) -> str:
        """What cannot be true at once, in a sentence; empty where all can.

        >>> Settings(min_speakers=5, max_speakers=2).contradiction
        'at least 5 and at most 2 speakers: min_speakers is more than max_speakers'
        """
        least, most = self.speaker_bounds
        if least and most and least > most:
            return f"at least {least} and at most {most} speakers: min_speakers is more than max_speakers"
        return ""

    @property
    def loudness_lufs(self) -> float | None:
        """The loudness of the clean audio in LUFS; None leaves it as it is."""
        return LOUDNESS_LUFS if self.loudness else None

    @property
    def time_limit_s(self) -> float | None:
        return self.time_limit * 60 if self.time_limit else None

    @property
    def watch_s(self) -> float | None:
        return self.watch * 60 if self.watch else None

    def command(self, name: str, *arguments: str, groups: tuple[Group, ...] = get_args(Group)) -> list[str]:
        """The command line that gives these settings, word by word; ``groups``: the options that the command takes.

        >>> Settings(loudness=True, memory=False).command("run", "a.mp3", "-b.mp3")
        ['cleancast', 'run', 'a.mp3', './-b.mp3', '--loudness', '--no-memory']
        """
        words = ["cleancast", name, *(f"./{word}" if word.startswith("-") else word for word in arguments)]
        for declared in fields(self):
            value, how = getattr(self, declared.name), option_of(declared)
            if value != declared.default and how.group in groups:
                words += _words(declared.name, value, how)
        return words


def flags_of(name: str, how: Option) -> tuple[str, ...]:
    """The flags of a setting: its own, or its name with dashes."""
    return how.flags or (f"--{name.replace('_', '-')}",)


def _words(name: str, value: Any, how: Option) -> list[str]:
    if how.words:
        return how.words(value)
    flag = flags_of(name, how)[0]
    if isinstance(value, bool):
        return [flag.split("/")[0 if value else -1]]
    return [flag, *(map(str, value) if isinstance(value, tuple) else [str(value)])]
