from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from pipeline.batch.sources import Recording, Subscription, describe_others, find_recordings
from pipeline.errors import AudioError, FormatError


@pytest.fixture
def library(tmp_path):
    for name in ("b.mp3", "a.MP3", "sub/c.ogg", ".hidden/d.mp3", "notes.txt", "out/show/ep/clean.mp3", "[x].wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def places(found) -> list[str]:
    return [Path(r.place).name for r in found]


def test_a_folder_gives_its_sound_files_but_not_its_outputs(library) -> None:
    assert places(find_recordings([str(library)], leave_out=library / "out")) == ["[x].wav", "a.MP3", "b.mp3", "c.ogg"]
    clean = str(library / "out/show/ep/clean.mp3")
    assert places(find_recordings([clean], leave_out=library / "out")) == ["clean.mp3"], "unless it is named itself"


def test_a_source_that_is_the_output_folder_too(tmp_path) -> None:
    for name in ("a.mp3", "x/y/b.mp3", "show/ep/clean.mp3", "show/ep/stages/c.mp3", "show/ep/d.mp3", "downloads/e.mp3"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert places(find_recordings([str(tmp_path)], leave_out=tmp_path)) == ["a.mp3", "b.mp3"]
    with pytest.raises(AudioError, match="but what cleancast has written"):
        find_recordings([str(tmp_path / "show")], leave_out=tmp_path)


def test_what_else_lies_in_a_folder_is_counted(library) -> None:
    for name in ("more/a.pdf", "more/b.PDF", "memo"):
        (library / name).parent.mkdir(exist_ok=True)
        (library / name).write_bytes(b"x")
    (told,) = describe_others([str(library), "-", "https://a.example/x"], leave_out=library / "out")
    assert told.endswith(
        "4 files are not taken, because the name is none of sound (2 .pdf, 1 without an ending, 1 .txt)"
    )
    assert describe_others([str(library / "sub"), str(library / "b.mp3")]) == ()
    with pytest.raises(AudioError, match=r"there are 2 \.pdf"):
        find_recordings([str(library / "more")])


def test_patterns_and_names_with_pattern_signs(library) -> None:
    assert places(find_recordings([f"{library}/**/*.ogg", f"{library}/b*"])) == ["c.ogg", "b.mp3"]
    assert places(find_recordings([f"{library}/[x].wav"])) == ["[x].wav"]


def test_lists_playlists_and_addresses(library, monkeypatch) -> None:
    (library / "my.m3u").write_text("#EXTM3U\n#EXTINF:12,The B\nb.mp3\nhttps://a.example/e.mp3\n")
    (library / "my.txt").write_text("\ufeffb.mp3\n\n# a comment\nsub/c.ogg\nmissing.mp3\n", encoding="utf-8")
    titled, address = find_recordings([str(library / "my.m3u")])
    assert titled == Recording(str(library / "b.mp3"), "The B")
    assert address.place == "https://a.example/e.mp3" and address.is_address
    assert places(find_recordings([str(library / "my.txt")])) == ["b.mp3", "c.ogg", "missing.mp3"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("x.mp3\ny.mp3\n"))
    assert places(find_recordings(["-"])) == ["x.mp3", "y.mp3"]
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(FormatError, match="no standard input"):
        find_recordings(["-"])


def test_each_is_worked_on_once(library) -> None:
    name = str(library / "b.mp3")
    assert places(find_recordings([name, name, str(library / "b*.mp3")])) == ["b.mp3"]


def test_subscriptions(library) -> None:
    (library / "my.opml").write_text('<opml><body><outline xmlUrl="https://a.example/feed"/></body></opml>')
    assert find_recordings([str(library / "my.opml")]) == (Subscription("https://a.example/feed"),)


@pytest.mark.parametrize(("name", "error"), [("empty", AudioError), ("*.flac", AudioError), ("empty.txt", FormatError)])
def test_what_names_nothing_is_said(library, name, error) -> None:
    (library / "empty").mkdir()
    (library / "empty.txt").write_text("# nothing\n")
    with pytest.raises(error, match="no "):
        find_recordings([str(library / name)])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.m3u", "#EXTM3U\n#EXTINF:11,One\nfile://{folder}/one%20%26%20zwei%C3%BC.mp3\n"),
        ("a.m3u", "one%20&%20zwei%C3%BC.mp3\n"),
        ("a.m3u", "file://one%20&%20zwei%C3%BC.mp3\n"),
        ("a.m3u", "one & zwei\u00fc.mp3\n"),
        ("a.m3u8", "file://localhost{folder}/one%20&%20zwei\u00fc.mp3\n"),
        ("a.pls", "[playlist]\nNumberOfEntries=1\nFile1=one & zwei\u00fc.mp3\nTitle1=One\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_playlists_name_files_in_every_way(tmp_path, name: str, text: str, encoding: str) -> None:
    sound = tmp_path / "one & zwei\u00fc.mp3"
    sound.write_bytes(b"x")
    (tmp_path / name).write_bytes(text.format(folder=tmp_path).encode(encoding))
    (found,) = find_recordings([str(tmp_path / name)])
    assert Path(found.place) == sound


@pytest.mark.parametrize("suffix", ["3gp", "mpga", "mka", "oga", "opus", "aiff", "amr", "webm", "ts", "M4A"])
def test_every_kind_of_sound_in_a_folder_counts(tmp_path, suffix: str) -> None:
    (tmp_path / f"a.{suffix}").write_bytes(b"x")
    assert len(find_recordings([str(tmp_path)])) == 1
