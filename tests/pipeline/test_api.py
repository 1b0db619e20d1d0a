"""The Python API: its page is run as it is printed, it is silent, and its names are all there are."""

import contextlib
import io
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import fields

import pytest

import pipeline.api as cleancast
from pipeline import wiring
from tests.paths import ROOT

VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n<v Ann>Hello there\n\n00:00:02.000 --> 00:00:03.000\n<v Bob>Hi.\n"
BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "python.md").read_text(), re.M | re.S)


@pytest.fixture(scope="module")
def desk(tmp_path_factory, harbour):
    """A folder with the files that the page names; networks are those of the scripted case."""
    folder = tmp_path_factory.mktemp("desk")
    scripted = wiring.scripted_tools(harbour)
    shutil.copy(harbour / "audio.wav", folder / "episode.mp3")
    shutil.copy(harbour / "words.json", folder / "words.json")
    (folder / "talk.vtt").write_text(VTT)
    (folder / "reference.txt").write_text("Hello where. Hi.\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "_networks", lambda *_: scripted)
        patch.setattr(wiring, "ad_detector", lambda: scripted.find_ads)
        patch.chdir(folder)
        yield folder


def test_the_page_runs_as_it_is_printed(desk):
    names: dict[str, object] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for block in BLOCKS:
            exec(compile(block, "docs/python.md", "exec"), names)
    text = said.getvalue()
    assert text.startswith("Welcome to the harbour show. I am Ada Holm")
    assert "'transcript.html', 'transcript.json'" in text
    assert "21.5 to 32.5 s: sponsor, cut" in text and "True" in text
    assert "WordErrors(hits=2, substitutions=1, deletions=0, insertions=0)\n0.333\n1\n" in text
    assert "WER raw (0.3333333333333333, 0.3333333333333333) unknown" in text
    assert text.splitlines()[-1].startswith("nowhere.mp3: ")
    assert (desk / "talk.srt").is_file() and (desk / "shorter.mp3").stat().st_size > 1000
    shown = names["shown"]
    assert ("transcribe", 1.0) in shown and all(0 <= share <= 1 for _, share in shown)


def test_nothing_is_printed_and_no_signal_is_taken(desk, capsys):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    told = []
    result = cleancast.transcribe("episode.mp3", message=told.append)
    assert cleancast.output_folder(result).joinpath("result.json").is_file()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert capsys.readouterr() == ("", "")
    assert "2 speakers" in told[0]


def test_a_result_comes_back_from_its_files_and_is_scored_alike(desk):
    result = cleancast.transcribe("episode.mp3")
    cleancast.write(result, "made/result.json")
    again = cleancast.read("made/result.json")
    assert cleancast.report([cleancast.score("words.json", again)]) == cleancast.report(
        [cleancast.score("words.json", "made/result.json")]
    )
    for name in ("made/talk.ctm", "made/talk.stm"):
        cleancast.write(result, name)
        assert [w.text for w in cleancast.read(name).transcript.words] == [w.text for w in result.transcript.words]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: cleancast.read("nowhere.vtt"), "nowhere.vtt: does not exist"),
        (lambda: cleancast.write(cleancast.read("talk.vtt"), "talk.docx"), "talk.docx: is not called like"),
        (lambda: cleancast.score("broken.stm", "talk.vtt"), "broken.stm, line 1"),
        (lambda: cleancast.read("two.stm"), "two.stm: holds 2 recordings"),
    ],
)
def test_what_goes_wrong_is_an_exception_with_a_sentence(desk, call, told):
    (desk / "broken.stm").write_text("a 1 ann x y hello")
    (desk / "two.stm").write_text("a 1 ann 0 1 hello\nb 1 ann 0 1 you")
    with pytest.raises(cleancast.CleancastError, match=re.escape(told)):
        call()


def test_every_name_of_the_api_is_there_and_typed():
    assert sorted(cleancast.__all__) == sorted(set(cleancast.__all__))
    assert all(hasattr(cleancast, name) for name in cleancast.__all__)
    assert {one.name for one in fields(cleancast.Settings)} >= {"out", "language", "speakers", "model", "diarizer"}


def test_importing_it_loads_no_network():
    code = "import sys, pipeline.api; print({'torch', 'pyannote.audio', 'whisper'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ran.stdout == "set()\n", ran.stderr
