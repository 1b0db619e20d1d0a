"""What makes a stage run again, one thing at a time; and what the run's own table promises."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from weakref import ref

import pytest

from pipeline import provenance, walk
from pipeline.batch.progress import Quiet
from pipeline.cache import EpisodeFolder
from pipeline.errors import WeightsError
from pipeline.library.recordings import describe_source
from pipeline.ports import Tool
from pipeline.recording import SoundFile
from pipeline.run import FINDING, MAKING, OF_TRACKS, Run, finding
from pipeline.run import given as begin
from pipeline.settings import Settings
from pipeline.timeline import Span
from pipeline.walk import PROGRESS, Stage, Value, constant
from pipeline.wiring import scripted_tools

SOUND = b"x" * 1000


@dataclass(frozen=True)
class Made:
    spans: tuple[Span, ...]


calls: list[str] = []


def find(words: str, limit: float, tool: Callable[[], str]) -> Made:
    calls.append("find")
    return Made((Span(0.0, limit), Span(limit, limit + len(words))))


def shift(made: Made, by: float) -> Made:
    calls.append("shift")
    return Made(tuple(Span(span.start + by, span.end + by) for span in made.spans))


def record(made: Made, place: Path) -> SoundFile:
    calls.append("record")
    (place / "clean.mp3").write_bytes(SOUND)
    return SoundFile("clean.mp3", len(SOUND), hashlib.sha256(SOUND).hexdigest())


TABLE = (
    Stage("find", "made", "words limit tool", find, Made),
    Stage("shift", "shifted", "made by", shift, Made),
    Stage("record", "clean", "made place", record, SoundFile),
)


@pytest.fixture(autouse=True)
def nothing_called() -> Iterator[None]:
    calls.clear()
    walk.code_key.cache_clear()
    yield
    walk.code_key.cache_clear()


def tool(identity: str) -> Value:
    return Value(identity, Tool(identity, lambda: "a network"))


def given(place: Path, **changed: Value) -> dict[str, Value]:
    start = {
        "words": constant("some words"),
        "limit": constant(2.0),
        "by": constant(1.0),
        "unrelated": constant(1),
        "tool": tool("engine cpu int8"),
        "place": Value("", partial(Path, place)),
    }
    return start | changed


def go(place: Path, **changed: Value) -> tuple[str, ...]:
    """The stages that were not reused."""
    calls.clear()
    values, fresh = walk.walk(TABLE, given(place, **changed), folder=EpisodeFolder(place), reporter=Quiet())
    assert tuple(calls) == fresh and values["shifted"].get().spans
    return fresh


def test_nothing_is_made_twice(tmp_path):
    assert go(tmp_path) == ("find", "shift", "record")
    assert go(tmp_path) == ()


def test_an_input_that_changed_makes_its_stage_run_again(tmp_path):
    go(tmp_path)
    assert go(tmp_path, by=constant(2.0)) == ("shift",)
    assert go(tmp_path, words=constant("other words")) == ("find", "shift", "record")


def test_an_input_that_no_stage_takes_changes_nothing(tmp_path):
    go(tmp_path)
    assert go(tmp_path, unrelated=constant(2)) == ()


def test_a_stage_whose_outcome_is_the_same_as_before_leaves_later_stages_alone(tmp_path):
    go(tmp_path)
    assert go(tmp_path, words=constant("SOME WORDS")) == ("find",), "as many letters, so the same spans"


@pytest.mark.parametrize("identity", ["engine cuda int8", "engine cpu bfloat16", "other-engine cpu int8"])
def test_another_device_or_precision_makes_the_stage_run_again(tmp_path, identity):
    go(tmp_path)
    assert go(tmp_path, tool=tool(identity)) == ("find",)


def test_other_code_makes_its_stage_run_again(tmp_path, monkeypatch):
    go(tmp_path)
    real = walk.provenance
    monkeypatch.setattr(walk, "provenance", lambda target: real(target) + "new" * target.endswith(":shift"))
    walk.code_key.cache_clear()
    assert go(tmp_path) == ("shift",)


@pytest.fixture
def version_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Puts another version of an installed package in the place of the real one."""
    real, asked = provenance.version, {}
    monkeypatch.setattr(provenance, "version", lambda name: asked.get(name) or real(name))

    def put(package: str, version: str) -> None:
        asked[package] = version
        walk.code_key.cache_clear()
        provenance.provenance.cache_clear()
        provenance._version.cache_clear()

    yield put
    walk.code_key.cache_clear()
    provenance.provenance.cache_clear()
    provenance._version.cache_clear()


def function_of(name: str) -> Callable[..., object]:
    return next(stage.function for stage in (*FINDING, *MAKING) if stage.name == name)


def test_another_version_of_a_package_changes_the_key_of_the_code_that_uses_it(version_of):
    uses, others = function_of("pauses"), function_of("published")
    before = walk.code_key(uses), walk.code_key(others)
    version_of("numpy", "0.0.1")
    assert walk.code_key(uses) != before[0]
    assert walk.code_key(others) == before[1]
    version_of("typer", "0.0.1")
    version_of("numpy", "")
    assert (walk.code_key(uses), walk.code_key(others)) == before


DAMAGE: dict[str, Callable[[Path], object]] = {
    "gone": lambda file: file.unlink(),
    "emptied": lambda file: file.write_bytes(b""),
    "halved": lambda file: file.write_bytes(SOUND[:500]),
    "replaced": lambda file: file.write_bytes(b"y" * len(SOUND)),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_sound_file_that_is_not_as_it_was_written_is_made_again(tmp_path, damage):
    go(tmp_path)
    damage(tmp_path / "clean.mp3")
    assert go(tmp_path) == ("record",)
    assert (tmp_path / "clean.mp3").read_bytes() == SOUND and go(tmp_path) == ()


def test_an_outcome_that_is_not_good_is_made_again(tmp_path):
    table = (replace(TABLE[0], good=lambda made: False),)
    for _ in range(2):
        calls.clear()
        walk.walk(table, given(tmp_path), folder=EpisodeFolder(tmp_path), reporter=Quiet())
        assert calls == ["find"]


# -- beside the walk -----------------------------------------------------------------------------------------------


def beside_table(aside: Callable[[str], Made], main: Callable[[float], Made]) -> tuple[Stage, ...]:
    return (
        Stage("aside", "aside", "words", aside, Made, beside=True),
        Stage("main", "main", "limit", main, Made),
        Stage("both", "both", "aside main", lambda aside, main: Made(aside.spans + main.spans), Made),
    )


def test_a_stage_beside_the_walk_works_while_the_next_one_does(tmp_path):
    at_work, gone_on = Event(), Event()

    def aside(words: str) -> Made:
        at_work.set()
        assert gone_on.wait(20)
        return Made((Span(0.0, 1.0),))

    def main(limit: float) -> Made:
        assert at_work.wait(20)
        gone_on.set()
        return Made((Span(2.0, 3.0),))

    for expected in (("aside", "main", "both"), ()):
        values, fresh = walk.walk(
            beside_table(aside, main), given(tmp_path), folder=EpisodeFolder(tmp_path), reporter=Quiet()
        )
        assert fresh == expected, "in the order of the table"
        assert values["both"].get() == Made((Span(0.0, 1.0), Span(2.0, 3.0)))


def test_what_fails_beside_the_walk_fails_the_walk(tmp_path):
    def refuse(words: str) -> Made:
        raise WeightsError("it", "not here")

    table = beside_table(refuse, lambda limit: Made(()))
    for stages in (table, table[:2]):  # also where no stage asks for it
        with pytest.raises(WeightsError, match="not here"):
            walk.walk(stages, given(tmp_path), folder=EpisodeFolder(tmp_path), reporter=Quiet())
    assert (tmp_path / "stages/main.json").exists() and not (tmp_path / "stages/aside.json").exists()


def test_a_lazy_outcome_is_made_once_whichever_threads_ask(tmp_path):
    def sound(words: str) -> str:
        calls.append("sound")
        sleep(0.05)
        return words

    def hear(sound: str) -> Made:
        return Made((Span(0.0, len(sound)),))

    table = (
        Stage("decode", "sound", "words", sound, lazy=True),
        *(Stage(name, name, "sound", hear, Made, beside=name != "c") for name in "abc"),
    )
    walk.walk(table, given(tmp_path), folder=EpisodeFolder(tmp_path), reporter=Quiet())
    assert calls == ["sound"]


# -- the table of a run --------------------------------------------------------------------------------------------


@pytest.fixture
def beginnings(harbour, tmp_path) -> set[str]:
    """The names of what a run begins with."""
    path = harbour / "audio.wav"
    episode = describe_source(path)
    run = Run(episode, path, EpisodeFolder(tmp_path), scripted_tools(harbour), Settings(), Quiet())
    return set(begin(run))


@pytest.mark.parametrize("stage", (*FINDING, *OF_TRACKS, *MAKING), ids=lambda stage: stage.name)
def test_a_row_names_the_parameters_of_its_function(stage):
    assert set(stage.inputs.split()) == set(inspect.signature(stage.function).parameters)


@pytest.mark.parametrize("table", [FINDING, finding(Settings(tracks=True))], ids=["one recording", "tracks"])
def test_every_input_is_made_in_an_earlier_row_or_given(beginnings, table):
    known = beginnings | {PROGRESS}
    for stage in (*table, *MAKING):
        assert {*stage.inputs.split(), *stage.when.split()} <= known, stage.name
        known |= {stage.makes}


def test_names_and_outcomes_are_each_made_once(beginnings):
    made = [stage.makes for stage in (*FINDING, *MAKING)]
    assert len(made) == len(set(made)) and len({stage.name for stage in (*FINDING, *MAKING)}) == len(made)
    assert not set(made) & beginnings


def test_what_is_lazy_goes_only_into_stages_whose_outcome_is_kept():
    lazy = {stage.makes for stage in (*FINDING, *MAKING) if stage.lazy}
    for stage in (*FINDING, *MAKING):
        assert not lazy & set(stage.inputs.split()) or stage.kept is not None, stage.name
        assert not lazy & set(stage.when.split()), f"{stage.name} would make it to find out whether it is needed"


def test_tools_of_later_stages_are_loaded_while_the_first_is_at_work_and_not_at_all_where_all_is_reused(tmp_path):
    loaded: list[str] = []

    def tool(name: str) -> Tool[str]:
        return Tool(name, lambda: loaded.append(name) or name, prepare=lambda it: loaded.append(f"{it} prepared"))

    def first(words: str) -> Made:
        deadline = monotonic() + 20
        while "late prepared" not in loaded and monotonic() < deadline:
            sleep(0.001)
        return Made((Span(0.0, 1.0),))

    def last(made: Made, late: str) -> Made:
        return made

    table = (Stage("first", "made", "words", first, Made), Stage("last", "end", "made late", last, Made),
             Stage("idle", "idle", "unused", lambda unused: Made(()), Made, when="off"))  # fmt: skip

    def begun() -> dict[str, Value]:
        tools = {name: Value(name, tool(name)) for name in ("late", "unused")}
        return {"words": constant("a"), "off": constant(False), **tools}

    walk.walk(table, begun(), folder=EpisodeFolder(tmp_path), reporter=Quiet())
    assert loaded == ["late", "late prepared"]
    walk.walk(table, begun(), folder=EpisodeFolder(tmp_path), reporter=Quiet())
    assert loaded == ["late", "late prepared"]


def test_what_fails_while_it_is_loaded_ahead_fails_where_it_is_used(tmp_path):
    def refuse() -> str:
        raise WeightsError("it", "not here")

    broken = {**given(tmp_path), "tool": Value("broken", Tool("broken", refuse))}
    early = Stage("early", "seen", "by", lambda by: Made(()), Made)
    with pytest.raises(WeightsError, match="not here"):
        walk.walk((early, *TABLE), broken, folder=EpisodeFolder(tmp_path), reporter=Quiet())


def test_tools_of_stages_after_one_that_takes_much_memory_wait_until_it_is_through(tmp_path):
    loaded: list[str] = []
    early, late = Event(), Event()

    def tool(name: str, found: Event) -> Value:
        return Value(name, Tool(name, lambda: loaded.append(name) or name, prepare=lambda _it: found.set()))

    def first(words: str) -> Made:
        assert early.wait(20)
        return Made(())

    def greedy(made: Made, soon: str) -> Made:
        assert loaded == ["soon"]
        return Made(())

    def between(big: Made) -> Made:
        assert late.wait(20)
        return Made(())

    def again(seen: Made, then: str) -> Made:
        assert loaded == ["soon", "then"]
        return Made(())

    table = (Stage("first", "made", "words", first, Made), Stage("greedy", "big", "made soon", greedy, Made),
             Stage("between", "seen", "big", between, Made), Stage("again", "much", "seen then", again, Made),
             Stage("last", "end", "much least", lambda much, least: much, Made))  # fmt: skip
    tools = {"soon": tool("soon", early), "then": tool("then", late), "least": tool("least", Event())}
    begun = {"words": constant("a"), **tools}
    gates = ("greedy", "again")
    walk.walk(table, begun, folder=EpisodeFolder(tmp_path), reporter=Quiet(), load_after=gates)
    assert loaded == ["soon", "then", "least"]


def test_what_waits_to_be_loaded_does_not_hold_up_a_walk_that_fails(tmp_path):
    def refuse(words: str) -> Made:
        raise WeightsError("it", "not here")

    table = (
        Stage("greedy", "big", "words", refuse, Made),
        Stage("last", "end", "big then", lambda big, then: big, Made),
    )
    begun = {"words": constant("a"), "then": tool("then")}
    with pytest.raises(WeightsError, match="not here"):
        walk.walk(table, begun, folder=EpisodeFolder(tmp_path), reporter=Quiet(), load_after=("greedy",))


def test_a_lazy_outcome_is_let_go_of_after_the_last_stage_that_asks_for_it(tmp_path):
    class Sound:
        """What a weak reference can point to."""

    kept: list[ref[Sound]] = []

    def decode(words: str) -> Sound:
        kept.append(ref(sound := Sound()))
        return sound

    def hear(sound: Sound) -> Made:
        assert kept[0]() is sound
        return Made(())

    def after(b: Made) -> Made:
        assert kept[0]() is None and len(kept) == 1
        return b

    table = (
        Stage("decode", "sound", "words", decode, lazy=True),
        Stage("a", "a", "sound", hear, Made, beside=True),
        Stage("skipped", "skipped", "sound", hear, Made, when="off"),
        Stage("b", "b", "sound", hear, Made),
        Stage("both", "both", "a b", lambda a, b: a, Made),
        Stage("after", "end", "b", after, Made),
    )
    begun = {**given(tmp_path), "off": constant(False)}
    walk.walk(table, begun, folder=EpisodeFolder(tmp_path), reporter=Quiet())
