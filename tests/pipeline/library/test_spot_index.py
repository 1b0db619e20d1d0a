"""What episodes tell each other: the index may be lost, damaged or locked, and the order makes no difference."""

import errno
import json
import shutil
import sqlite3
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.batch.rounds import run_sources
from pipeline.batch.single import run_one
from pipeline.cache import EpisodeFolder
from pipeline.formats.records.result_json import parse_result
from pipeline.library.edits.history import History
from pipeline.library.edits.kinds import AdVerdict
from pipeline.library.edits.store import change_history
from pipeline.library.repeats import marks
from pipeline.library.spot_index import FILE, keep_index, known_spots
from pipeline.settings import Settings
from tests.trees import tree

RATE = 16_000
COPY = "Plank makes boards for people who like to float. Try one today at plank dot com, code TIDE."
SHOWS = (
    "We talk about birds today. Owls hunt small mice quietly. Geese fly south every autumn. Robins guard gardens.",
    "Tides are the slow breath of the sea. Every boat must follow them. Captains have known this for long.",
    "A lighthouse needs no wind. Its keeper counts the ships at night. The lamp turns twice in a minute.",
)


def write_case(folder: Path, said: str, ad: tuple[int, int] | None) -> None:
    """A recording of noise in which this is heard, and where a detector alone finds an ad in it."""
    folder.mkdir(parents=True)
    words = [[round(0.4 * n + 0.1, 2), round(0.4 * n + 0.4, 2), word] for n, word in enumerate(said.split())]
    samples = np.random.default_rng(len(said)).normal(size=round(words[-1][1] + 1) * RATE) * 1000
    with wave.open(str(folder / f"{folder.name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    (folder / "words.json").write_text(json.dumps({"words": words}))
    spans = [[words[ad[0]][0], words[ad[1] - 1][1]]] if ad else []
    (folder / "ads.json").write_text(json.dumps({"ads": spans}))


@pytest.fixture
def cases(tmp_path) -> list[Path]:
    """Three episodes with the same spot, which the detector finds in the first alone."""
    length = len(COPY.split())
    folders = []
    for number, show in enumerate(SHOWS):
        first = len(show.split())
        folder = tmp_path / "in" / f"ep{number}"
        write_case(folder, f"{show} {COPY} {show}", (first, first + length) if number == 0 else None)
        folders.append(folder)
    return folders


def run(case: Path, out: Path, **options):
    return run_one(case / f"{case.name}.wav", Settings(out=out, scripted=case, show="Harbour", **options))


def said_in(folder: EpisodeFolder) -> str:
    return (folder.path / "transcript.txt").read_text()


def test_a_spot_of_an_earlier_episode_is_cut_in_the_next(cases, tmp_path):
    out = tmp_path / "out"
    run(cases[0], out)
    folder, result = run(cases[1], out)
    (ad,) = result.ads
    assert ad.evidence[-1].kind == "repeat" and "“ep0”" in ad.evidence[-1].text
    assert "Plank" not in said_in(folder) and "Captains" in said_in(folder)


def test_another_shows_spot_is_known_too(cases, tmp_path):
    run(cases[0], tmp_path / "out")
    options = Settings(out=tmp_path / "out", scripted=cases[1], show="Lighthouse")
    _, result = run_one(cases[1] / "ep1.wav", options)
    assert len(result.ads) == 1


def test_without_memory_nothing_is_asked_or_told(cases, tmp_path):
    out = tmp_path / "out"
    run(cases[0], out, memory=False)
    assert run(cases[1], out)[1].ads == ()
    run(cases[0], out)
    assert run(cases[2], out, memory=False)[1].ads == ()


def unreadable(_file: Path) -> object:
    raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("harm", ["gone", "garbage", "half", "locked", "a record that could not be read"])
def test_the_index_can_be_lost_without_loss(cases, tmp_path, harm, monkeypatch):
    out = tmp_path / "out"
    folder, _ = run(cases[0], out)
    run(cases[1], out)
    index = folder.path.parent / FILE
    held = None
    if harm == "gone":
        index.unlink()
    elif harm == "garbage":
        index.write_bytes(b"no database at all" * 100)
    elif harm == "half":
        index.write_bytes(index.read_bytes()[: index.stat().st_size // 2])
    elif harm.startswith("a record"):
        index.unlink()
        with monkeypatch.context() as patch:
            patch.setattr("pipeline.library.spot_index.read_json", unreadable)
            keep_index(folder.path.parent)
    else:
        monkeypatch.setattr("pipeline.library.spot_index.WAIT_S", 0.05)
        index.unlink()
        held = sqlite3.connect(index, isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")
    _, result = run(cases[2], out)
    assert len(result.ads) == 1
    if held:
        held.close()


def test_a_run_again_gives_the_same_bytes(cases, tmp_path):
    out = tmp_path / "out"
    run(cases[0], out)
    folder, _ = run(cases[1], out)
    before = tree(folder.path, "run.json", FILE)
    run(cases[1], out)
    assert tree(folder.path, "run.json", FILE) == before


def test_the_order_of_the_runs_makes_no_difference_in_the_end(cases, tmp_path):
    """Whoever ran first knows in the end what the later ones found."""
    from pipeline.batch.jobs import Outcome
    from pipeline.batch.learning import learn_from_each_other

    seen = []
    for name, order in (("a", (0, 1, 2)), ("b", (2, 1, 0))):
        out = tmp_path / name
        folders = {n: run(cases[n], out)[0] for n in order}
        outcomes = [Outcome(n, "", "done", folder=str(folders[n].path), publishers=("said",)) for n in order]
        assert {outcome.publishers for outcome in learn_from_each_other(outcomes)} == {("said",)}
        seen.append({n: tree(folder.path, "run.json", FILE) for n, folder in sorted(folders.items())})
    assert [parse_result(f["result.json"].decode()).ads != () for f in seen[0].values()] == [True] * 3
    assert seen[0] == seen[1]


def test_one_command_over_a_folder_learns_too(cases, tmp_path, monkeypatch, capsys):
    """Three recordings, in an order in which the spot is found last."""
    asked = []
    learn = "pipeline.batch.learning.learn_from_each_other"
    monkeypatch.setattr(learn, lambda outcomes: asked.append(1) or outcomes)
    for case in cases:
        shutil.copy(case / f"{case.name}.wav", tmp_path / "in")
    run_sources([str(tmp_path / "in")], Settings(out=tmp_path / "out", scripted=cases[0], show="Harbour"))
    assert asked == [1]


def test_what_was_taken_back_is_no_longer_told(cases, tmp_path):
    out = tmp_path / "out"
    folder, result = run(cases[0], out)
    (ad,) = result.ads
    taken_back = History((AdVerdict(ad.start, ad.end, "keep"),))
    change_history(folder, lambda _: taken_back, sha256=result.episode.sha256)
    run(cases[0], out)
    assert run(cases[1], out)[1].ads == ()


def test_an_episode_is_not_told_of_itself(cases, tmp_path):
    folder, result = run(cases[0], tmp_path / "out")
    words = [w.text.lower().strip(".,") for w in result.transcript.words]
    new = replace(folder, path=folder.path.with_name("new"))
    assert known_spots(folder, marks(words, ()), recording="another") == ()
    assert len(known_spots(new, marks(words, ()), recording="another")) == 1
    assert known_spots(new, marks(words, ()), recording=result.episode.sha256) == ()
