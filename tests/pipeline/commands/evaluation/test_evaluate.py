"""``cleancast eval``: cases in every arrangement, several settings at once, and what is said where something lacks."""

import json
import shutil

import pytest

from pipeline.commands.evaluation.cases import find_cases
from pipeline.commands.evaluation.evaluate import Asked, evaluate_cases
from pipeline.commands.evaluation.score import score_system
from pipeline.commands.evaluation.variants import read_variant
from pipeline.errors import CleancastError
from pipeline.settings import Settings


@pytest.fixture(scope="module")
def cases(tmp_path_factory, library):
    """Two cases in folders of their own, both of the library's recordings."""
    root = tmp_path_factory.mktemp("cases")
    for number in range(2):
        folder = root / f"case{number}"
        shutil.copytree(library / "case", folder)
        shutil.copy(library / "in" / f"ep{number}.wav", folder / "audio.wav")
        (folder / "case.json").write_text(json.dumps({"show": "Birds", "title": f"Part {number}"}))
    return root


def test_cases_are_run_and_compared_with_other_settings(tmp_path, cases, library, capsys):
    settings = Settings(out=tmp_path / "out", scripted=library / "case", memory=False)
    assert evaluate_cases(Asked([cases], variants=["ads=keep"], as_json=True), settings) == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert [case["id"] for case in report["cases"]] == ["case0", "case1"]
    assert report["pooled"]["wer_raw"]["rate"] == 0.0 and report["pooled"]["ads"]["f1"] == 1.0
    assert "may be chance" in told.err  # the comparison stands beside the data
    comparison = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert comparison["systems"] == ["out", "ads=keep"]
    by_label = {row["label"]: row["values"] for row in comparison["figures"]}
    assert by_label["ads F1"] == [1.0, 0.0]
    earlier = score_system("earlier", tmp_path / "out", [(one.files, one.case()) for one in find_cases(cases)])
    assert (len(earlier.system.scores), earlier.problems) == (2, ())


def test_a_table_names_recordings_and_references(tmp_path, cases):
    table = tmp_path / "cases.csv"
    rows = ["id,audio,words,ads,title"]
    rows += [
        f'{n},{cases}/case{n}/audio.wav,{cases}/case{n}/words.json,{cases}/case{n}/ads.json,"Birds, {n}"'
        for n in (0, 1)
    ]
    table.write_text("\n".join(rows) + "\n")
    first, second = find_cases(table)
    assert (first.name, second.case().title, first.audio.name) == ("0", "Birds, 1", "audio.wav")
    assert len(first.case().words) == 25 and first.case().ads is not None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("audio,colour\na.wav,red\n", "unknown column 'colour'"),
        ("audio,reference\n,x.txt\n", "line 2: names no recording"),
        ("audio,reference\na.wav,x.txt\n", "line 2: .*x.txt does not exist"),
        ("audio,title\na.wav,Birds\n", "line 2: names no reference of a.wav"),
        ("name\nx\n", "should be a CSV table"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_line(tmp_path, text, told):
    (tmp_path / "a.wav").write_bytes(b"")
    (tmp_path / "cases.csv").write_text(text)
    with pytest.raises(CleancastError, match=told):
        find_cases(tmp_path / "cases.csv")


def test_flat_files_are_cases_too_and_what_lacks_is_told_apart(tmp_path):
    with pytest.raises(CleancastError, match="nowhere: does not exist"):
        find_cases(tmp_path / "nowhere")
    with pytest.raises(CleancastError, match="holds no case: neither a recording"):
        find_cases(tmp_path)
    for name in ("ep1.mp3", "ep2.mp3"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(CleancastError, match="has 2 recordings but no reference"):
        find_cases(tmp_path)
    (tmp_path / "ep1.txt").write_text("Hello.")
    (tmp_path / "ep2.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n")
    assert [(one.name, one.audio.name) for one in find_cases(tmp_path)] == [("ep1", "ep1.mp3"), ("ep2", "ep2.mp3")]
    (tmp_path / "ep3.txt").write_text("Hello.")
    with pytest.raises(CleancastError, match="a case needs one recording"):
        find_cases(tmp_path)


def test_another_recording_is_scored_without_what_holds_for_the_first(cases, tmp_path):
    (cases / "case0" / "reference.txt").write_text("Owls hunt.")
    (one,) = find_cases(cases / "case0", audio=tmp_path / "mine.mp3")
    assert (one.audio.name, list(one.files.texts)) == ("mine.mp3", ["reference.txt"])
    with pytest.raises(CleancastError, match="holds 2 cases"):
        find_cases(cases, audio=tmp_path / "mine.mp3")
    (cases / "case0" / "reference.txt").unlink()


def test_variants_are_settings():
    made = read_variant("model=small, min-speakers=2,memory=no,second-opinion=http://x m", Settings())
    assert (made.model, made.min_speakers, made.memory, made.second_opinion) == ("small", 2, False, ("http://x", "m"))
    for text, told in (("size=2", "options: "), ("model", "option=value"), ("speakers=many", "cannot be 'many'")):
        with pytest.raises(CleancastError, match=told):
            read_variant(text, Settings())


def test_a_place_without_a_case_is_one_sentence(tmp_path, capsys):
    assert evaluate_cases(Asked([tmp_path / "nowhere"]), Settings(out=tmp_path / "out")) == 1
    assert capsys.readouterr() == ("", f"cleancast: {tmp_path / 'nowhere'}: does not exist\n")
    assert not (tmp_path / "out").exists()
