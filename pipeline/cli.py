"""The command line: each command is one call; stdout is data, stderr is talk.

Exit status: 0 done, 1 something failed (one line on stderr says what), 2 the command was misspelt.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from pipeline.ads.verdict import REMOVED_KINDS
from pipeline.errors import CleancastError
from pipeline.result import AdKind

app = typer.Typer(
    name="cleancast",
    help="Podcast in; clean audio, a speaker-labelled transcript and show notes out, with the error measured.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models_app = typer.Typer(help="The networks' weights: fetch, list, check.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(models_app, name="models")

Out = Annotated[Path, typer.Option("-o", "--out", help="Where the outputs go: OUT/<show>/<episode>/.")]
Model = Annotated[str, typer.Option(help="Whisper size (tiny, base, small, medium, large-v3, turbo) or a file.")]
Engine = Annotated[
    Literal["auto", "faster-whisper", "openai-whisper"],
    typer.Option(help="faster-whisper, openai-whisper, or auto: the faster one here."),
]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto.")]
Language = Annotated[str | None, typer.Option(help="Language code such as en; heard from the sound if not given.")]
AdsOption = Annotated[
    Literal["cut", "mark", "keep"],
    typer.Option("--ads", help="cut them out, mark them in the transcript, or keep (do not look)."),
]
Remove = Annotated[
    str, typer.Option("--remove", metavar="KINDS", help="What to cut: sponsor, spot, promo, self, credits.")
]
Spans = Annotated[
    list[str] | None,
    typer.Option("--span", metavar="N|TIME|FROM-TO", help="An ad by its number or a time of the original; a stretch."),
]
EpisodeFolder = Annotated[Path, typer.Argument(metavar="EPISODE_FOLDER", help="OUT/<show>/<episode>.")]
Original = Annotated[Path | None, typer.Option("--audio", help="Where the original recording is now, if it moved.")]
KINDS = ",".join(REMOVED_KINDS)
Memory = Annotated[bool, typer.Option("--memory/--no-memory", help="Know the ads and voices of other episodes again.")]
Loudness = Annotated[bool, typer.Option("--loudness", help="Set the clean audio to -16 LUFS (EBU R128).")]
SecondOpinion = Annotated[
    tuple[str, str] | None,
    typer.Option("--second-opinion", metavar="URL MODEL", help="Ask an OpenAI-compatible model about doubtful ads."),
]
RewriteNotes = Annotated[
    tuple[str, str] | None,
    typer.Option("--rewrite-notes", metavar="URL MODEL", help="Have such a model word summary, titles and points."),
]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, max=1000, help="Episodes at a time; the cores are divided among them. One if not given."),
]
On = Annotated[str, typer.Option(metavar="ray|ray://ADDRESS", help="Work on a Ray cluster; OUT must be shared.")]
TimeLimit = Annotated[float | None, typer.Option(min=0.01, metavar="MINUTES", help="Stop an episode after that.")]
Watch = Annotated[float | None, typer.Option(min=0.01, metavar="MINUTES", help="Look again for new ones, for ever.")]
AllowPrivate = Annotated[bool, typer.Option(help="Fetch from this machine and its network, too.")]
LOUDNESS_LUFS = -16.0
"""What podcast platforms ask of stereo speech."""
Scripted = Annotated[
    Path | None,
    typer.Option(help="Hear what this case folder says: no networks.", exists=True, file_okay=False),
]
DEBUG = "CLEANCAST_DEBUG"


def main() -> None:
    """The entry point: runs a command and turns what went wrong into one line and an exit status."""
    refuse_strangers_modules()
    debug = "--debug" in sys.argv
    if debug:
        sys.argv.remove("--debug")
        os.environ[DEBUG] = "1"
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        app()
    except CleancastError as error:
        _fail(str(error), debug=debug)
    except Stopped as stopped:
        words = "stopped; run the same command again to go on from the last finished stage"
        _fail(words, debug=debug, status=128 + stopped.number)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our stdout went away: nothing left to say
        sys.exit(1)
    except MemoryError:
        _fail("out of memory; close other programs or choose a smaller --model, then run again", debug=debug)
    except Exception as error:
        _fail(f"internal error ({type(error).__name__}: {error}); run again with --debug and report it", debug=debug)


class Stopped(BaseException):
    """Ctrl-C or a polite kill; not KeyboardInterrupt, which typer ends with a word of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _stop(number: int, _frame: object) -> None:
    for again in (signal.SIGINT, signal.SIGTERM):
        signal.signal(again, signal.SIG_IGN)  # a second one must not cut the ending short
    raise Stopped(number)


def refuse_strangers_modules() -> None:
    """Exit in words when another ``models``, ``audio`` or ``pipeline`` shadows ours (three plain names)."""
    home = Path(__file__).resolve().parent.parent
    for name in ("models", "audio"):
        spec = find_spec(name)
        where = Path(spec.origin).resolve() if spec and spec.origin else None
        if where is None or where.parent.parent != home:
            _fail(
                f"'{name}' was found at {where}, not in {home}; check PYTHONPATH and the folder you are in", debug=False
            )


def _fail(message: str, *, debug: bool, status: int = 1) -> None:
    if debug:
        import traceback

        traceback.print_exc()
    print(f"cleancast: {_printable(message)}", file=sys.stderr)
    sys.exit(status)


def _printable(text: str) -> str:
    """One line without control characters: names of files and tags come from strangers."""
    return "".join(c if c.isprintable() else " " for c in text)


@app.command()
def run(
    sources: Annotated[list[str], typer.Argument(metavar="AUDIO|URL|FOLDER...", help="What to work on.")],
    out: Out = Path("out"),
    title: Annotated[str, typer.Option(help="The episode's title; its tags if not given.")] = "",
    show: Annotated[str, typer.Option(help="The show's name; its tags if not given.")] = "",
    description: Annotated[str, typer.Option(help="The episode's description: names in it mend the spelling.")] = "",
    language: Language = None,
    model: Model = "base",
    engine: Engine = "auto",
    device: Device = "auto",
    diarizer: Annotated[
        str, typer.Option(help="The local networks, or a pyannote pipeline on the hub (needs HF_TOKEN).")
    ] = "segmentation-3.0+campplus",
    ads: AdsOption = "cut",
    remove: Remove = KINDS,
    loudness: Loudness = False,
    second_opinion: SecondOpinion = None,
    rewrite_notes: RewriteNotes = None,
    memory: Memory = True,
    speakers: Annotated[int | None, typer.Option(min=1, help="How many voices there are, if you know.")] = None,
    min_speakers: Annotated[int | None, typer.Option(min=1)] = None,
    max_speakers: Annotated[int | None, typer.Option(min=1)] = None,
    speaker: Annotated[list[str] | None, typer.Option(help='A name you know: "Speaker 1=Jessica Mendoza".')] = None,
    notes_template: Annotated[
        Path | None, typer.Option(help="A jinja2 template of your own for notes.md.", exists=True, dir_okay=False)
    ] = None,
    scripted: Scripted = None,
    jobs: Jobs = None,
    on: On = "",
    time_limit: TimeLimit = None,
    watch: Watch = None,
    allow_private: AllowPrivate = False,
) -> None:
    """Transcribe, label, clean and describe episodes.

    Sources: sound files, folders, patterns ("*.mp3"), lists (.txt, .m3u, .opml, - for stdin) and web addresses.
    """
    from pipeline.commands import Options, run_sources

    options = Options(
        out=out,
        title=title,
        show=show,
        description=description,
        language=language,
        model=model,
        engine=engine,
        device=device,
        diarizer=diarizer,
        ads=ads,
        remove=_kinds(remove),
        loudness=LOUDNESS_LUFS if loudness else None,
        second_opinion=second_opinion,
        rewrite_notes=rewrite_notes,
        memory=memory,
        speakers=(speakers or min_speakers, speakers or max_speakers),
        names=tuple(_name(pair) for pair in speaker or []),
        notes_template=notes_template.read_text(encoding="utf-8") if notes_template else None,
        scripted=scripted,
        jobs=jobs,
        on=on,
        time_limit_s=time_limit * 60 if time_limit else None,
        watch_s=watch * 60 if watch else None,
        allow_private=allow_private,
        debug=DEBUG in os.environ,
    )
    raise typer.Exit(run_sources(sources, options))


@app.command("feed")
def feed_command(
    urls: Annotated[list[str], typer.Argument(metavar="URL|FILE.opml...", help="Feeds, or a list of them.")],
    out: Out = Path("out"),
    new: Annotated[int | None, typer.Option(min=1, help="The N newest episodes, as far as they are not done.")] = None,
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Episodes published on that day or later.")] = "",
    match: Annotated[str, typer.Option(metavar="REGEX", help="Episodes whose title matches.")] = "",
    base_url: Annotated[str, typer.Option(help="Where OUT will be on the web; for the addresses in feed.xml.")] = "",
    language: Language = None,
    model: Model = "base",
    engine: Engine = "auto",
    device: Device = "auto",
    ads: AdsOption = "cut",
    remove: Remove = KINDS,
    loudness: Loudness = False,
    second_opinion: SecondOpinion = None,
    rewrite_notes: RewriteNotes = None,
    memory: Memory = True,
    scripted: Scripted = None,
    jobs: Jobs = None,
    on: On = "",
    time_limit: TimeLimit = None,
    watch: Watch = None,
    allow_private: AllowPrivate = False,
) -> None:
    """Run the new episodes of feeds, and make clean feeds of them.

    New are those published after what is already there; the first time, the newest one.
    The clean feed is OUT/<show>/feed.xml.
    """
    from pipeline.commands import Options, run_feeds

    options = Options(
        out=out,
        language=language,
        model=model,
        engine=engine,
        device=device,
        ads=ads,
        remove=_kinds(remove),
        loudness=LOUDNESS_LUFS if loudness else None,
        second_opinion=second_opinion,
        rewrite_notes=rewrite_notes,
        memory=memory,
        scripted=scripted,
        jobs=jobs,
        on=on,
        time_limit_s=time_limit * 60 if time_limit else None,
        watch_s=watch * 60 if watch else None,
        allow_private=allow_private,
        debug=DEBUG in os.environ,
    )
    day, pattern = _day(since), _pattern(match)
    raise typer.Exit(run_feeds(urls, options, newest=new, since=day, match=pattern, base_url=base_url))


@app.command("serve")
def serve_command(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="An output folder.")] = Path("out"),
    host: Annotated[str, typer.Option(help="Who may ask: 127.0.0.1 is this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8765,
) -> None:
    """Show an output folder to a browser or podcast player on this machine."""
    from pipeline.feeds.serving import serve_folder

    serve_folder(out, host=host, port=port)


@app.command("ads")
def find_ads_in(
    file: Annotated[Path, typer.Argument(metavar="WORDS.json|FILE.vtt|FILE.srt", help="A transcript with times.")],
    explain: Annotated[bool, typer.Option("--explain", help="Say why, in words, instead of JSON.")] = False,
    remove: Remove = KINDS,
    second_opinion: SecondOpinion = None,
) -> None:
    """Print the ads of an existing transcript.

    {"ads": [{"start", "end", "score", "evidence"}]}, times in seconds.
    """
    from pipeline.commands import ads_of_transcript

    print(ads_of_transcript(file, explain=explain, remove=_kinds(remove), adviser=second_opinion))


@app.command("uncut")
def uncut_command(
    folder: EpisodeFolder,
    span: Spans = None,
    every: Annotated[bool, typer.Option("--all", help="Take every cut back.")] = False,
    audio: Original = None,
) -> None:
    """Take cuts back: they return from the original, and stay in whenever the episode is run again.

    Without --span or --all: list the ads of an episode and what became of them.
    """
    from pipeline.library.uncut import decide_or_show

    decide_or_show(folder, span or [], "keep", every=every, audio=audio)


@app.command("recut")
def recut_command(
    folder: EpisodeFolder,
    span: Spans = None,
    every: Annotated[bool, typer.Option("--all", help="Cut everything that was left in.")] = False,
    audio: Original = None,
) -> None:
    """Cut what was left in for your review, what you took back, or any stretch you name.

    Without --span or --all: list the ads of an episode and what became of them.
    """
    from pipeline.library.uncut import decide_or_show

    decide_or_show(folder, span or [], "cut", every=every, audio=audio)


@app.command("eval")
def evaluate(
    case: Annotated[
        list[Path] | None, typer.Option(help="A folder with audio.* and its references; the seed if not given.")
    ] = None,
    audio: Annotated[Path | None, typer.Option(help="Score this recording against the case's references.")] = None,
    out: Out = Path("out/eval"),
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json instead of the table.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail if a figure is worse than the baseline.")] = False,
    model: Model = "base",
    engine: Engine = "auto",
    device: Device = "auto",
    remove: Remove = KINDS,
) -> None:
    """Run cases with known answers; measure the errors.

    Writes report.json and report.html, prints the table.
    """
    from pipeline.commands import Options
    from pipeline.evaluate import evaluate_cases

    options = Options(out=out, model=model, engine=engine, device=device, remove=_kinds(remove), memory=False)
    raise typer.Exit(evaluate_cases(case or [], audio=audio, as_json=as_json, strict=strict, options=options))


@app.command("doctor")
def doctor_command(
    out: Out = Path("out"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Look at this machine: versions, weights, ffmpeg, device, space; say what is wrong and what mends it."""
    from pipeline.doctor import examine, print_checks, print_checks_json
    from pipeline.wiring import this_machine

    checks = examine(this_machine(), out=out)
    print(print_checks_json(checks) if as_json else print_checks(checks))
    raise typer.Exit(0 if all(check.good for check in checks) else 1)


@models_app.command("pull")
def models_pull(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all that a run needs if not given.")] = None,
) -> None:
    """Fetch weights, check their hashes and keep them in the cache folder."""
    from pipeline.wiring import pull_weights

    pull_weights(names or [])


@models_app.command("list")
def models_list() -> None:
    """What there is, what is here, its size and licence."""
    from pipeline.wiring import weights_table

    print(weights_table())


@models_app.command("verify")
def models_verify(names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Check every file that is here against its SHA-256."""
    from pipeline.wiring import verify_weights

    raise typer.Exit(verify_weights(names or []))


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise typer.BadParameter(f"--since wants a day such as 2026-09-01, not {text!r}") from None


def _kinds(text: str) -> tuple[AdKind, ...]:
    known = get_args(AdKind)
    named = [name.strip().lower() for name in text.split(",") if name.strip()]
    strange = [name for name in named if name not in known]
    if strange or not named:
        raise typer.BadParameter(f"--remove wants kinds of ads, of {', '.join(known)}, not {text!r}")
    return tuple(kind for kind in known if kind in named)


def _pattern(text: str) -> str:
    try:
        return re.compile(text).pattern
    except re.error as error:
        raise typer.BadParameter(f"--match is no regular expression ({error})") from None


def _name(pair: str) -> tuple[str, str]:
    label, found, name = pair.partition("=")
    if not (found and label.strip() and name.strip()):
        raise typer.BadParameter(f'--speaker wants "Speaker 1=Name", not {pair!r}')
    return label.strip(), name.strip()
