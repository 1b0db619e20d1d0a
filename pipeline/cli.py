"""The command line: reads words into Settings, nothing else; stdout is data, stderr is talk.

Exit status: 0 success, 1 failure (one line on stderr says what failed), 2 usage error.
"""

from __future__ import annotations

import inspect
import re
import shlex
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import Field, fields, replace
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import typer

from pipeline.errors import CleancastError, sentence_of
from pipeline.garbage import collect_rarely
from pipeline.help_text import GroupedCommand
from pipeline.messages import messages
from pipeline.settings import OF_FEEDS, Group, Option, Settings, flags_of, option_of

app = typer.Typer(
    name="cleancast",
    help="Podcast in; clean audio, a speaker-labelled transcript and show notes out, with the error measured.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models_app = typer.Typer(
    help="Download, list and verify the weights of the networks.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(models_app, name="models")
config_app = typer.Typer(help="Check a cleancast.toml.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(config_app, name="config")

CONFIGURED = frozenset({"run", "feed"})
"""Commands that take the defaults of a cleancast.toml in their output folder."""

EVERY_GROUP: tuple[Group, ...] = get_args(Group)
EpisodeFolder = Annotated[
    Path, typer.Argument(metavar="EPISODE_FOLDER", help="The folder of an episode: OUT/<show>/<episode>.")
]
Original = Annotated[Path | None, typer.Option("--audio", help="Path of the original recording, if it has moved.")]
Spans = Annotated[
    list[str] | None,
    typer.Option(
        "--span", metavar="N|TIME|FROM-TO", help="An ad's number, a time within it, or a range (times of the original)."
    ),
]
OutputFolder = Annotated[Path, typer.Argument(metavar="OUT", help="An output folder.")]
Host = Annotated[str, typer.Option(help="The address to listen on; 127.0.0.1 accepts only this machine.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def main() -> None:
    """The entry point: runs a command and turns an error into one line and an exit status."""
    collect_rarely()
    refuse_strangers_modules()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        app()
    except Stopped as stopped:
        words = "stopped; run the same command again to continue after the last finished stage"
        _fail(words, status=128 + stopped.number)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our stdout has closed it
        sys.exit(1)


class Stopped(BaseException):
    """SIGINT or SIGTERM; not KeyboardInterrupt, for which typer prints a message of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _stop(number: int, _frame: object) -> None:
    for again in (signal.SIGINT, signal.SIGTERM):
        signal.signal(again, signal.SIG_IGN)  # a second signal must not interrupt the clean-up
    raise Stopped(number)


def refuse_strangers_modules() -> None:
    """Exit with a message when another package called ``models`` or ``audio`` shadows ours."""
    home = Path(__file__).resolve().parent.parent
    for name in ("models", "audio"):
        spec = find_spec(name)
        where = Path(spec.origin).resolve() if spec and spec.origin else None
        if where is None or where.parent.parent != home:
            _fail(f"'{name}' was found at {where}, not in {home}; check PYTHONPATH and the folder you are in")


def _fail(message: str, *, status: int = 1) -> None:
    print(f"cleancast: {_printable(message)}", file=sys.stderr)
    sys.exit(status)


def _printable(text: str) -> str:
    """One line without control characters: file names and tags are untrusted."""
    return "".join(c if c.isprintable() else " " for c in text)


# -- from declarations to options ---------------------------------------------------------------------------------


def command(
    name: str,
    *groups: Group,
    to: typer.Typer = app,
    out: str = "",
    only: tuple[str, ...] = (),
    but: tuple[str, ...] = (),
    said: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., int | None]], Callable[..., int | None]]:
    """Make a function a command; its ``settings`` become the options of the named groups, and ``--debug``.

    ``out``: another default for the output folder. ``only``: the settings it takes, if not all of a group; ``but``:
    those of its groups that it does not take. ``said``: what the help says of a setting that means something else here.
    """
    shared = [
        declared
        for declared in fields(Settings)
        if (how := option_of(declared)).group == "always"
        or (how.group in groups and (not only or declared.name in only) and declared.name not in but)
    ]

    def register(function: Callable[..., int | None]) -> Callable[..., int | None]:
        asked = inspect.signature(function, eval_str=True).parameters
        own = [parameter for parameter in asked.values() if parameter.name not in ("settings", "of_shows")]
        names = {parameter.name for parameter in own}

        def call(context: typer.Context, **words: Any) -> None:
            given = {key: value for key, value in words.items() if key not in names}
            of_shows = _configured(given["out"]) if name in CONFIGURED else {}
            if of_shows:
                given = {key: value for key, value in given.items() if _is_typed(context, key)}
            of_shows = {source: _settings(given, base) for source, base in of_shows.items()}
            named = words.get("urls") or ("",)
            settings = of_shows.get(named[0] if len(named) == 1 else "") or of_shows.get("") or _settings(given)
            found = {"settings": settings, "of_shows": of_shows}
            more = {key: words[key] if key in names else found[key] for key in asked}
            status = _guarded(partial(_said, function, settings, **more), settings.debug)
            raise typer.Exit(status or 0)

        parameters = [_keyword(parameter) for parameter in own] + [_parameter(each, out, said or {}) for each in shared]
        first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        call.__signature__ = inspect.Signature([first, *parameters])  # type: ignore[attr-defined]
        call.__annotations__ = {parameter.name: parameter.annotation for parameter in (first, *parameters)}
        call.__doc__ = function.__doc__
        to.command(name, cls=GroupedCommand)(call)
        return function

    return register


def _said(function: Callable[..., int | None], heard: Settings, **words: Any) -> int | None:
    """The command, with as many messages as were asked for."""
    with messages(heard, shlex.join(["cleancast", *sys.argv[1:]])):
        return _guarded(partial(function, **words), heard.debug)


def _guarded(function: Callable[[], int | None], debug: bool) -> int | None:
    try:
        return function()
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise
    except Exception as error:
        if debug:
            import traceback

            traceback.print_exc()
        _fail(sentence_of(error))
    return 1


def _keyword(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)


def _parameter(declared: Field[Any], out: str, said: Mapping[str, str]) -> inspect.Parameter:
    """A setting as an option of typer; a plain string where the setting has a reader of its own."""
    how = option_of(declared)
    default, kind = declared.default, get_type_hints(Settings)[declared.name]
    if declared.name == "out" and out:
        default = Path(out)
    if how.read:
        words = how.words(default) if how.words and default else []
        many = how.words is not None and len(words) != 2
        kind, default = (list[str] | None, None) if many else (str, words[-1])
    option = typer.Option(
        *flags_of(declared.name, how),
        help=said.get(declared.name, how.help),
        metavar=how.metavar,
        min=how.least,
        max=how.most,
    )
    annotation = Annotated[kind, option]  # type: ignore[valid-type]
    return inspect.Parameter(declared.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _configured(out: Path) -> dict[str, Settings]:
    """What the output folder's cleancast.toml says of each feed or folder, and under "" of all others; nothing without
    one."""
    from pipeline.follow.place import find_config

    try:
        file = find_config(out)
        if file is None:
            return {}
        from pipeline.follow.config import read_config

        config = read_config(file)
    except CleancastError as error:
        raise typer.BadParameter(str(error)) from None
    found = {"": config.defaults, **{show.source: show.settings for show in config.shows}}
    return {source: replace(settings, out=out) for source, settings in found.items()}


def _settings(given: dict[str, Any], base: Settings | None = None) -> Settings:
    """The settings given on the command line, over others. Raises BadParameter with the message of the reader."""
    read: dict[str, Any] = {}
    for declared in fields(Settings):
        if declared.name in given:
            read[declared.name] = _read(given[declared.name], option_of(declared))
    settings = replace(base or Settings(), **read)
    for path in (settings.scripted, settings.notes_template):
        if path is not None and not path.exists():
            raise typer.BadParameter(f"{path} does not exist")
    if settings.contradiction:
        raise typer.BadParameter(settings.contradiction)
    return settings


def _is_typed(context: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _read(value: Any, how: Option) -> Any:
    if not how.read:
        return value
    try:
        return how.read(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


# -- the commands --------------------------------------------------------------------------------------------------


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    """Podcast in; clean audio, a speaker-labelled transcript and show notes out, with the error measured."""
    if version:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as version_of

        try:
            print(f"cleancast {version_of('cleancast')}")
        except PackageNotFoundError:
            print("cleancast (not installed)")
        raise typer.Exit


@command("run", *EVERY_GROUP)
def run(
    sources: Annotated[list[str], typer.Argument(metavar="AUDIO|URL|FOLDER...", help="What to process.")],
    settings: Settings,
) -> int:
    """Transcribe episodes, cut their ads and write notes.

    Takes audio files, folders, patterns ("*.mp3"), lists (.txt, .m3u, .opml, or - for stdin) and URLs.
    """
    from pipeline.batch.workers.pool import worker_ahead

    with worker_ahead(settings):
        from pipeline.batch.rounds import run_sources

        return run_sources(sources, settings)


@command("feed", *OF_FEEDS)
def feed(
    urls: Annotated[
        list[str], typer.Argument(metavar="URL|FILE.opml...", help="Podcast feeds, or an OPML file that lists them.")
    ],
    settings: Settings,
    of_shows: dict[str, Settings],
    new: Annotated[int | None, typer.Option(min=1, help="Process the N newest episodes that are not done yet.")] = None,
    since: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Process episodes published on or after this date.")
    ] = "",
    match: Annotated[str, typer.Option(metavar="REGEX", help="Process only episodes whose title matches.")] = "",
    base_url: Annotated[
        str, typer.Option(help="The URL at which OUT will be published; used for the links in feed.xml.")
    ] = "",
) -> int:
    """Process new episodes; write feeds without ads.

    An episode is new if it was published after those in OUT; on the first run, only the newest is processed.
    The feed without ads is OUT/<show>/feed.xml.
    """
    from pipeline.batch.rounds import run_feeds
    from pipeline.feeds.subscriptions import Choice

    choice = Choice(new, _day(since), _pattern(match))
    return run_feeds(urls, settings, choice, base_url=base_url, of_shows=of_shows)


@command("follow")
def follow(
    file: Annotated[
        Path, typer.Argument(metavar="OUT|FILE.toml", help="An output folder with a cleancast.toml, or such a file.")
    ] = Path("out"),
    once: Annotated[
        bool, typer.Option("--once", help="Look at what is due once, for cron; do not keep running.")
    ] = False,
) -> int:
    """Follow the feeds and folders of a cleancast.toml.

    Processes new episodes, writes feeds without ads, and removes what need not be kept.
    """
    from pipeline.follow.follower import follow as follow_file

    file = _config_file(file)
    return follow_file(file, read_config_file(file), once=once)


@command("check", to=config_app)
def config_check(
    file: Annotated[
        Path, typer.Argument(metavar="OUT|FILE.toml", help="An output folder with a cleancast.toml, or such a file.")
    ] = Path("out"),
) -> None:
    """Check a cleancast.toml; print what it means, show by show.

    The settings are printed as the options of cleancast run.
    """
    from pipeline.follow.describe import print_config

    print(print_config(read_config_file(_config_file(file))))


def _config_file(path: Path) -> Path:
    from pipeline.follow.place import FILE

    return path / FILE if path.is_dir() else path


def read_config_file(file: Path) -> Any:
    """What a cleancast.toml says. Raises CleancastError."""
    from pipeline.follow.config import read_config

    return read_config(file)


@command("serve")
def serve(out: OutputFolder = Path("out"), host: Host = "127.0.0.1", port: Port = 8765) -> None:
    """Serve an output folder to players.

    Beyond this machine (--host) a password is asked for; the feed addresses that are printed hold a key for players.
    """
    from pipeline.desk.server import serve_folder

    serve_folder(out, host=host, port=port)


@command("desk")
def desk(out: OutputFolder = Path("out"), host: Host = "127.0.0.1", port: Port = 8765) -> None:
    """Listen, decide and correct in a browser.

    Serves OUT like cleancast serve. Beyond this machine (--host) a password is asked for.
    """
    from pipeline.desk.server import serve_folder

    serve_folder(out, host=host, port=port, desk=True)


@command("ads", "ads", "models", only=("remove", "second_opinion"))
def ads(
    file: Annotated[Path, typer.Argument(metavar="WORDS.json|FILE.vtt|FILE.srt", help="A transcript with times.")],
    settings: Settings,
    explain: Annotated[bool, typer.Option("--explain", help="Print the reasons as text instead of JSON.")] = False,
) -> None:
    """Find the ads in an existing transcript.

    Prints {"ads": [{"start", "end", "score", "kind", "verdict", "evidence"}]}; times are in seconds. Likely ads
    that are left for you to decide are listed under "held".
    """
    from pipeline.commands.find_ads import ads_of_transcript

    print(ads_of_transcript(file, explain=explain, remove=settings.remove, adviser=settings.second_opinion))


@command("uncut")
def uncut(
    folder: EpisodeFolder,
    span: Spans = None,
    every: Annotated[bool, typer.Option("--all", help="Undo every cut.")] = False,
    audio: Original = None,
) -> None:
    """Undo cuts, now and in every later run.

    Without --span or --all, lists the ads of the episode and whether each was cut.
    """
    from pipeline.commands.uncut import decide_or_show

    decide_or_show(folder, span or [], "keep", every=every, audio=audio)


@command("recut")
def recut(
    folder: EpisodeFolder,
    span: Spans = None,
    every: Annotated[bool, typer.Option("--all", help="Cut every ad that was left in.")] = False,
    audio: Original = None,
) -> None:
    """Cut ads that were left in, or any other range.

    Without --span or --all, lists the ads of the episode and whether each was cut.
    """
    from pipeline.commands.uncut import decide_or_show

    decide_or_show(folder, span or [], "cut", every=every, audio=audio)


@command("export")
def export(
    folder: EpisodeFolder,
    labels: Annotated[Path, typer.Option("--labels", metavar="CASE", help="Write a case folder for eval.")],
    audio: Original = None,
) -> None:
    """Export an episode with your corrections.

    Ads, words, speakers and names become the references of a case: cleancast eval --case CASE.
    """
    from pipeline.commands.export import export_labels

    export_labels(folder, labels, audio=audio)
    print(labels)


@command(
    "eval",
    *("output", "networks", "ads", "voices", "models", "machine"),
    but=("watch", "allow_private"),
    out="out/eval",
    said={"out": "Where the outputs and the reports go."},
)
def evaluate(
    settings: Settings,
    case: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER|TABLE.csv",
            help="Recordings with references: a folder, a folder of such folders, or a table (default: the seed). "
            "May be repeated.",
        ),
    ] = None,
    audio: Annotated[Path | None, typer.Option(help="Score this recording against the references of the case.")] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OPTION=VALUE,...", help="Run the cases also with these options, and compare. May be repeated."
        ),
    ] = None,
    compare: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Compare with an earlier run of the same recordings. May be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json instead of the table.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 1 if a figure is worse than the baseline.")
    ] = False,
) -> int:
    """Measure error rates on recordings with references.

    Prints a table; writes report.json and report.html, and with --variant or --compare also comparison.html. Finished
    work is reused: run the same command again to continue.
    """
    from pipeline.commands.evaluation.evaluate import Asked, evaluate_cases

    asked = Asked(case or (), audio, variant or (), compare or (), as_json=as_json, strict=strict)
    return evaluate_cases(asked, settings)


@command(
    "score",
    *("output", "networks"),
    only=("out", "language"),
    out="out/score",
    said={
        "out": "Where the reports go.",
        "language": "The language of the transcripts; that of the references by default.",
    },
)
def score(
    transcripts: Annotated[
        Path, typer.Argument(metavar="TRANSCRIPT|FOLDER", help="What a tool made of recordings: a file or a folder.")
    ],
    settings: Settings,
    reference: Annotated[
        Path, typer.Option("--reference", "-r", metavar="FILE|FOLDER", help="What is true of the same recordings.")
    ],
    against: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE|FOLDER", help="Compare with what another tool made of them. May be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json instead of the table.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a row for each recording as CSV.")] = False,
) -> int:
    """Score transcripts of any tool; run no network.

    Reads text, WebVTT, SRT, STM, CTM, RTTM, JSON with words, ads or chapters, and the result.json of a run. In folders,
    files belong together by name. Prints a table; writes report.json and report.html; with --against also
    comparison.json and comparison.html.
    """
    from pipeline.commands.evaluation.score import score_files

    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other")
    printed: Any = "json" if as_json else "csv" if as_csv else "table"
    language = settings.language or ""
    return score_files(
        transcripts, reference, against=against or [], language=language, printed=printed, out=settings.out
    )


@command("doctor", "output", only=("out",), said={"out": "The output folder to check."})
def doctor(settings: Settings, as_json: AsJson = False) -> int:
    """Check this machine; say how to fix what is wrong.

    Looks at versions, weights, ffmpeg, device, memory and disk space.
    """
    from pipeline.commands.doctor import examine, print_checks, print_checks_json
    from pipeline.wiring import this_machine

    checks = examine(this_machine(), out=settings.out)
    print(print_checks_json(checks) if as_json else print_checks(checks))
    return 0 if all(check.good for check in checks) else 1


@command("pull", to=models_app)
def models_pull(
    names: Annotated[
        list[str] | None, typer.Argument(help="The weights to download (default: all that a run needs).")
    ] = None,
) -> None:
    """Download weights and check their hashes."""
    from pipeline.commands.weights import pull_weights

    pull_weights(names or [])


@command("list", to=models_app)
def models_list() -> None:
    """List weights: size, licence, whether downloaded."""
    from pipeline.commands.weights import weights_table

    print(weights_table())


@command("verify", to=models_app)
def models_verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="The weights to verify (default: all on this machine).")
    ] = None,
) -> int:
    """Check every downloaded file against its SHA-256."""
    from pipeline.commands.weights import verify_weights

    return verify_weights(names or [])


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise typer.BadParameter(f"--since expects a date such as 2026-09-01, not {text!r}") from None


def _pattern(text: str) -> str:
    try:
        return re.compile(text).pattern
    except re.error as error:
        raise typer.BadParameter(f"--match is not a valid regular expression ({error})") from None
