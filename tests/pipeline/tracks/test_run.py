"""A conversation in tracks, through the run: each voice is heard alone and keeps its name."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.scripted import ScriptedTranscriber
from pipeline.batch import single
from pipeline.batch.prepare import Preparer
from pipeline.batch.progress import Quiet
from pipeline.batch.sources import find_tracks
from pipeline.cache import EpisodeFolder
from pipeline.errors import AudioError, CleancastError
from pipeline.feeds.download import Net
from pipeline.library.make_again import make_edited
from pipeline.library.recall import note_run, recall
from pipeline.ports import Tool
from pipeline.run import Run, nothing_to_note, run_episode
from pipeline.settings import Settings
from pipeline.timeline import Span, Word
from pipeline.tracks.joining import join_tracks
from pipeline.tracks.sheet import read_sheet
from pipeline.wiring import scripted_tools
from tests.audio.made import tone, write_wav

SAID = {
    "maya": ((0.0, 4.0, "Welcome to our little show about boats."), (6.0, 9.0, "Tell us more of it.")),
    "liam": ((3.5, 6.0, "Thank you for having me."), (9.0, 12.0, "The tide was high that day.")),
}


class Listener(ScriptedTranscriber):
    """Hears what was scripted for the track that it is given, which it knows by its pitch."""

    heard: list[tuple[Span, ...]]

    def __init__(self):
        super().__init__(())
        self.heard = []

    def transcribe(self, wave, speech, **options):
        self.heard.append(tuple(speech))
        pitch = np.argmax(np.abs(np.fft.rfft(wave.samples))) / wave.duration
        said = SAID["maya" if pitch < 300 else "liam"]
        words = []
        for start, end, text in said:
            step = (end - start) / len(text.split())
            words += [Word(start + i * step, start + (i + 0.9) * step, w) for i, w in enumerate(text.split())]
        self.words = tuple(words)
        return super().transcribe(wave, speech, **options)


@pytest.fixture
def folder(tmp_path):
    """Two tracks; Liam's was started two seconds later."""
    talk = tmp_path / "boats"
    talk.mkdir()
    for name, hertz, late_s in (("maya", 200, 0.0), ("liam", 400, 2.0)):
        samples = np.zeros(round(16_000 * (12.0 - late_s)), np.float32)
        for start, end, _ in SAID[name]:
            at = round((start - late_s) * 16_000)
            sound = tone(end - start, hertz)
            samples[at : at + len(sound)] = sound[: len(samples) - at]
        write_wav(talk / f"{name}.wav", samples)
    return talk


def prepared(folder, out, **settings):
    chosen = Settings(tracks=True, track_start=(("Liam", 2.0),), out=out, memory=False, **settings)
    (found,) = find_tracks([str(folder)])
    return Preparer(chosen, Net())(found, 0), chosen


def tools_of(case, listener):
    def absent():
        raise AssertionError("nobody has to be told apart")

    tools = scripted_tools(case)
    return replace(tools, transcriber=Tool("listener", lambda: listener), diarizer=Tool("none", absent))


def test_each_voice_is_heard_on_its_track_and_named_by_it(harbour, folder, tmp_path):
    job, settings = prepared(folder, tmp_path / "out")
    assert job.episode.title == "boats"
    listener = Listener()
    target = EpisodeFolder(tmp_path / "out" / "e")
    source = Path(job.path)
    run = Run(job.episode, source, target, tools_of(harbour, listener), settings, Quiet())
    result = run_episode(run).result
    assert {s.label: s.shown for s in result.speakers} == {"Speaker 1": "Liam", "Speaker 2": "Maya"}
    said = {s.shown: " ".join(w.text for w in result.transcript.words if w.speaker == s.label) for s in result.speakers}
    assert said == {name.title(): " ".join(text for *_, text in spoken) for name, spoken in SAID.items()}
    starts = [word.start for word in result.transcript.words]
    assert starts == sorted(starts) and result.episode.duration == pytest.approx(12.0, abs=0.05)
    overlapping = [t for t in result.turns if t.start < 3.6 < t.end]
    assert {t.speaker for t in overlapping} == {"Speaker 1", "Speaker 2"}
    note_run(target, job.episode, source, settings)
    assert make_edited(target, recall(target), source, reporter=Quiet(), note=nothing_to_note) == result


def test_a_track_on_which_nobody_speaks_is_said(harbour, folder, tmp_path):
    write_wav(folder / "olive.wav", np.zeros(16_000 * 12, np.float32))
    job, settings = prepared(folder, tmp_path / "out")
    run = Run(
        job.episode, Path(job.path), EpisodeFolder(tmp_path / "e"), tools_of(harbour, Listener()), settings, Quiet()
    )
    result = run_episode(run).result
    assert [w.text for w in result.warnings if w.kind == "silent track"] == ["nobody speaks on the track of Olive"]
    assert "Olive" not in {s.shown for s in result.speakers}


def test_a_folder_of_tracks_is_one_recording_for_python_too(harbour, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(single, "tools_for", lambda _settings: tools_of(harbour, Listener()))
    chosen = Settings(tracks=True, track_start=(("liam", 2.0),), out=tmp_path / "out", memory=False)
    made, result = single.run_one(folder, chosen, reporter=Quiet())
    assert made.path.name == "boats" and sorted(s.name for s in result.speakers) == ["Liam", "Maya"]


def test_the_same_tracks_are_mixed_once_and_other_names_are_another_recording(folder, tmp_path):
    paths = [str(folder / "liam.wav"), str(folder / "maya.wav")]
    mix = join_tracks(paths, tmp_path)
    before = mix.stat().st_mtime_ns
    assert join_tracks(paths, tmp_path) == mix and mix.stat().st_mtime_ns == before
    swapped = join_tracks(paths[::-1], tmp_path)
    assert swapped != mix and swapped.read_bytes() != mix.read_bytes()
    assert [track.name for track in read_sheet(swapped)] == ["Maya", "Liam"]
    with pytest.raises(CleancastError, match="there is no such track; they are Liam, Maya"):
        join_tracks(paths, tmp_path, starts=[("Olive", 1.0)])


def test_one_track_is_no_conversation(folder, tmp_path):
    with pytest.raises(AudioError, match="two or more"):
        join_tracks([str(folder / "liam.wav")], tmp_path)
    with pytest.raises(AudioError, match="no such file or folder"):
        find_tracks(["https://a.example/talk.mp3"])
    (tmp_path / "mix.flac").write_bytes(b"")
    with pytest.raises(AudioError, match="no longer beside it"):
        read_sheet(tmp_path / "mix.flac")


def test_folders_are_one_recording_each_and_files_one_together(folder, tmp_path):
    files = sorted(str(p) for p in folder.iterdir())
    several = find_tracks([str(folder), *files])
    assert [(r.title, len(r.tracks)) for r in several] == [("boats", 2), ("boats", 2)]
    assert [(r.title, r.tracks) for r in find_tracks(files[:1])] == [("liam", tuple(files[:1]))]


def test_the_words_of_a_command_are_printed_back():
    chosen = Settings(tracks=True, track_start=(("Liam", 2.0),))
    assert chosen.command("run", "a.wav", "b.wav")[2:] == ["a.wav", "b.wav", "--tracks", "--track-start", "Liam=2.0"]


def test_the_sheet_is_small_and_plain(folder, tmp_path):
    mix = join_tracks([str(p) for p in sorted(folder.iterdir())], tmp_path)
    assert json.loads((mix.parent / "tracks.json").read_text())["tracks"][0] == {"name": "Liam", "file": "track-1.flac"}
