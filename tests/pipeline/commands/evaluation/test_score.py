"""``cleancast score`` on folders as other tools leave them."""

import csv
import io
import json

import pytest

from pipeline.commands.evaluation.gather import gather
from pipeline.commands.evaluation.score import name_systems, score_files
from pipeline.errors import StoreError

VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n<v Ann>Hello there\n\n00:00:02.000 --> 00:00:03.000\n<v Bob>Hi.\n"
STM = "ep1 1 Ann 0.0 2.0 Hello there\nep1 1 Bob 2.0 3.0 Hi\nep2 1 Ann 0.0 1.0 Good day\n"


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def run(found, references, tmp_path, *, printed="json", against=()):
    return score_files(found, references, against=against, language="", printed=printed, out=tmp_path / "out")


@pytest.fixture
def truth(tmp_path):
    return write(tmp_path / "truth", ep1__stm=STM.replace("ep2", ";; ep2"), ep2__txt="Good day\n")


def test_folders_are_matched_by_name(tmp_path, truth, capsys):
    tool = write(tmp_path / "tool", **{"EP1__vtt": VTT, "ep2__txt": "Good bay\n", "ep9__txt": "Other.\n"})
    assert run(tool, truth, tmp_path) == 0
    told = capsys.readouterr()
    cases = {case["id"]: case for case in json.loads(told.out)["cases"]}
    assert (cases["ep1"]["wer_raw"]["rate"], cases["ep2"]["wer_raw"]["rate"]) == (0.0, 0.5)
    assert cases["ep1"]["cpwer"]["rate"] == 0.0 and "cpwer" not in cases["ep2"]
    assert "without a reference: ep9" in told.err
    assert (tmp_path / "out" / "report.html").is_file() and (tmp_path / "out" / "report.json").is_file()


def test_what_a_tool_lacks_or_cannot_be_read_is_named_and_fails(tmp_path, truth, capsys):
    tool = write(tmp_path / "tool", ep1__ctm="ep1 1 zero 1 Hello\n")
    write(tmp_path / "tool", ep2__txt="Good day")
    assert run(tool, truth, tmp_path) == 1
    told = capsys.readouterr()
    assert f"{tool / 'ep1.ctm'}, line 1: expected a start" in told.err
    assert [case["id"] for case in json.loads(told.out)["cases"]] == ["ep2"]
    (tool / "ep1.ctm").unlink()
    assert run(tool, truth, tmp_path) == 1
    assert "tool: has nothing for ep1" in capsys.readouterr().err
    with pytest.raises(StoreError, match="nothing of other could be scored"):
        run(write(tmp_path / "other", ep8__txt="x"), truth, tmp_path)


def test_one_file_of_many_recordings_against_another(tmp_path, capsys):
    write(tmp_path, ref__stm=STM, hyp__ctm="ep1 1 0.5 0.2 Hello\nep1 1 1 0.2 Hi\nep2 1 0 0.5 Good\nep2 1 0.6 0.3 day\n")
    assert run(tmp_path / "hyp.ctm", tmp_path / "ref.stm", tmp_path) == 0
    cases = {case["id"]: case["wer_raw"] for case in json.loads(capsys.readouterr().out)["cases"]}
    assert (cases["ep1"]["deletions"], cases["ep2"]["rate"]) == (1, 0.0)


def test_two_files_need_no_equal_names(tmp_path, capsys):
    write(tmp_path, a__txt="Hello there.", b__txt="Hello where.")
    assert run(tmp_path / "b.txt", tmp_path / "a.txt", tmp_path, printed="table") == 0
    assert "50.00 %  1 substituted" in capsys.readouterr().out


def test_two_sides_that_have_nothing_in_common_are_said(tmp_path, capsys):
    write(tmp_path, ref__rttm="SPEAKER a 1 0.0 2.0 <NA> <NA> A <NA> <NA>\n", hyp__txt="Hello there.\n")
    with pytest.raises(StoreError, match="nothing of hyp could be scored"):
        run(tmp_path / "hyp.txt", tmp_path / "ref.rttm", tmp_path)
    assert "hyp: has nothing that its reference has, too" in capsys.readouterr().err


def test_systems_are_compared_and_every_number_is_in_the_csv(tmp_path, truth, capsys):
    one = write(tmp_path / "x" / "tool", ep1__vtt=VTT, ep2__txt="Good bay")
    other = write(tmp_path / "y" / "tool", ep1__vtt=VTT, ep2__txt="Good day")
    assert run(one, truth, tmp_path, printed="csv", against=[other]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["system"], row["recording"], row["wer_raw.rate"]) for row in rows] == [
        ("x-tool", "ep1", "0.0"), ("x-tool", "ep2", "0.5"), ("x-tool", "(all)", "0.2"),
        ("y-tool", "ep1", "0.0"), ("y-tool", "ep2", "0.0"), ("y-tool", "(all)", "0.0"),
    ]  # fmt: skip
    comparison = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert comparison["systems"] == ["x-tool", "y-tool"]
    assert comparison["words"]["only"] == [0, 1]
    assert (tmp_path / "out" / "comparison.html").is_file() and (tmp_path / "out" / "x-tool" / "report.json").is_file()


def test_cases_and_runs_are_told_by_the_files_they_hold(tmp_path):
    write(tmp_path / "cases" / "one", reference__txt="Hello.", **{"ads__json": '{"ads": []}'})
    write(tmp_path / "cases" / "two", **{"case__json": '{"id": "second"}', "words__json": '{"words": []}'})
    found = gather(tmp_path / "cases")
    assert [(one.names, sorted(one.texts)) for one in found] == [
        (("one",), ["ads.json", "reference.txt"]),
        (("two", "second"), ["case.json", "words.json"]),
    ]
    flat = write(tmp_path / "flat", **{"a.ads__json": '{"ads": []}', "a__json": '{"chapters": []}', "a__rttm": ""})
    (one,) = gather(flat)
    assert (one.names[0], sorted(one.texts)) == ("a", ["ads.json", "chapters.json", "reference.rttm"])


def test_a_runs_result_is_matched_by_the_folder_of_its_recording(tmp_path):
    episode = {"source": "/cases/two/audio.mp3", "title": "Number two"}
    write(tmp_path / "out" / "show" / "number-two", result__json=json.dumps({"episode": episode}), transcript__vtt=VTT)
    (one,) = gather(tmp_path / "out")
    assert one.names == ("number-two", "two", "audio", "Number two")
    assert list(one.texts) == ["result.json"]


def test_what_is_missing_is_said_in_a_sentence(tmp_path, truth):
    for found, references in ((tmp_path / "nowhere", truth), (truth, tmp_path / "nowhere")):
        with pytest.raises(StoreError, match="nowhere: does not exist"):
            run(found, references, tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match="holds no file of a known kind"):
        run(tmp_path / "empty", truth, tmp_path)


def test_systems_of_the_same_name_are_told_apart(tmp_path):
    assert name_systems([tmp_path / "a" / "out", tmp_path / "b" / "out"]) == ("a-out", "b-out")
    assert name_systems([tmp_path / "a.vtt", tmp_path / "b.vtt"]) == ("a", "b")
    assert name_systems([tmp_path, tmp_path])[0].endswith("-1")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "ep1.json",
            '{"segments": [{"start": 0, "end": 2, "text": " Hello there"}, {"start": 2, "end": 3, "text": "Hi."}]}',
        ),
        ("ep1.tsv", "start\tend\ttext\n0\t2000\tHello there\n2000\t3000\tHi.\n"),
        ("ep1.srt", "1\n00:00:00,000 --> 00:00:02,000\nHello there\n\n2\n00:00:02,000 --> 00:00:03,000\nHi.\n"),
    ],
)
def test_what_whisper_writes_is_scored_in_whatever_format(tmp_path, truth, capsys, name, text):
    (truth / "ep2.txt").unlink()
    write(tmp_path / "whisper", **{name.replace(".", "__"): text})
    assert run(tmp_path / "whisper", truth, tmp_path) == 0
    (case,) = json.loads(capsys.readouterr().out)["cases"]
    assert (case["wer_raw"]["rate"], case["wer_raw"]["words"]) == (0.0, 3)


def test_a_tool_that_writes_every_format_is_read_once_and_a_file_of_everything_in_all_its_parts(
    tmp_path, truth, capsys
):
    (truth / "ep2.txt").unlink()
    segments = '{"language": "en", "segments": [{"start": 0, "end": 3, "text": "Hello there hi"}]}'
    whisper = write(tmp_path / "whisper", ep1__json=segments, ep1__txt="Nothing.", ep1__srt="", ep1__vtt="WEBVTT\n")
    write(whisper, ep1__tsv="start\tend\ttext\n0\t3000\tOther words\n")
    (one,) = gather(whisper)
    assert one.texts["words.json"] == segments
    assert run(whisper, truth, tmp_path) == 0
    assert json.loads(capsys.readouterr().out)["cases"][0]["wer_raw"]["rate"] == 0.0
    everything = {"id": "birds", "title": "Birds", "language": "english", "ads": [[1, 2]], "words": [[0, 1, "Hi"]]}
    (one,) = gather(write(tmp_path / "all", ep3__json=json.dumps(everything)))
    assert one.names == ("ep3", "birds") and sorted(one.texts) == ["ads.json", "case.json", "words.json"]
    assert json.loads(one.texts["case.json"]) == {"id": "birds", "title": "Birds"}


def test_what_is_no_reference_is_said_and_fails_only_if_somebody_asks_for_it(tmp_path, truth, capsys):
    write(truth, **{"ep1.facts__json": '{"fixture": true}'})
    tool = write(tmp_path / "tool", ep1__vtt=VTT, ep2__txt="Good day")
    assert run(tool, truth, tmp_path) == 0
    assert f"not a reference: {truth / 'ep1.facts.json'}" in capsys.readouterr().err
    write(tool, **{"ep1.facts__txt": "Hello."})
    assert run(tool, truth, tmp_path) == 1
