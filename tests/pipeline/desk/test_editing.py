"""What the desk's page sees and changes: edits, who may send them, and what becomes of the outputs."""

import json
import time

import feedparser
import pytest

from pipeline.batch.single import run_one
from pipeline.cache import EpisodeFolder
from pipeline.library.edits.history import FILE, History
from pipeline.library.edits.kinds import AdVerdict
from pipeline.library.edits.store import change_history, read_history
from pipeline.library.recall import recall
from tests.pipeline.desk.conftest import ORIGIN

API = "/-/api/harbour/the-slow-breath"
KEEP = {"kind": "ad_verdict", "start": 21.5, "end": 32.5, "verdict": "keep"}


@pytest.fixture
def episode(out):
    return out / "harbour" / "the-slow-breath"


def edit(client, *edits, revision=None):
    revision = client.get(API).json()["revision"] if revision is None else revision
    return client.post(f"{API}/edits", json={"revision": revision, "edits": list(edits)})


def wait_for_outputs(client):
    until = time.monotonic() + 60
    while (state := client.get(f"{API}/state").json())["state"] not in ("made", "failed"):
        assert time.monotonic() < until, state
        time.sleep(0.05)
    return state


def test_what_a_page_shows(client):
    seen = client.get(API).json()
    assert seen["title"] == "The Slow Breath" and len(seen["words"]) > 60 and seen["recording"]
    (ad,) = seen["ads"]
    assert ad["verdict"] == "cut" and seen["cuts"] == ad["would"] and seen["edits"] == [] and seen["redo"] == ""
    assert {s["label"] for s in seen["speakers"]} == {"A", "B"} and all(s["voice"] for s in seen["speakers"])
    (row,) = client.get("/-/api/waiting").json()
    assert (row["show"], row["episode"], row["held"], row["cut"]) == ("harbour", "the-slow-breath", 0, 1)


def test_an_edit_is_seen_at_once_kept_and_published(client, episode):
    seen = edit(client, KEEP).json()
    assert seen["ads"][0]["verdict"] == "keep" and seen["cuts"] == [] and seen["edits"][0]["fits"]
    assert json.loads((episode / FILE).read_text())["edits"] == [KEEP]
    assert wait_for_outputs(client) == {"state": "made", "reason": ""}
    assert "Plank" in (episode / "transcript.txt").read_text()
    (entry,) = feedparser.parse(client.get("/harbour/feed.xml").content).entries
    assert entry.itunes_duration != ""
    assert client.get(API).json() == seen


def test_undo_and_redo_last_over_a_restart(client, episode):
    before = client.get(API).json()
    seen = edit(client, KEEP, {"kind": "phrase", "was": "Ada", "text": "Ida", "show": True}).json()
    assert [e["text"] for e in seen["edits"]] == ["keep 0:21 to 0:32", "in the show: “Ada” → “Ida”"]
    undone = client.post(f"{API}/undo", json={"revision": seen["revision"]}).json()
    assert undone["redo"] == "in the show: “Ada” → “Ida”" and len(undone["edits"]) == 1
    again = client.post(f"{API}/redo", json={"revision": undone["revision"]}).json()
    assert again["words"] == seen["words"] and "Ida" in [word[2] for word in again["words"]]
    removed = client.post(f"{API}/remove", json={"revision": again["revision"], "place": 0}).json()
    assert [e["text"] for e in removed["edits"]] == ["in the show: “Ada” → “Ida”"]
    last = client.post(f"{API}/undo", json={"revision": removed["revision"]}).json()
    assert last["words"] == before["words"] and last["ads"] == before["ads"]
    assert client.post(f"{API}/remove", json={"revision": last["revision"], "place": 7}).status_code == 404


def test_the_second_of_two_writers_is_told_and_nothing_is_lost(client, out, episode):
    old = client.get(API).json()["revision"]
    assert edit(client, KEEP, revision=old).status_code == 200
    late = edit(client, {"kind": "phrase", "was": "boat", "text": "ship"}, revision=old)
    assert late.status_code == 412 and "another window" in late.json()["error"]
    sha256 = recall(EpisodeFolder(episode)).episode.sha256
    assert len(read_history(EpisodeFolder(episode), sha256=sha256).edits) == 1


def test_a_run_in_the_folder_keeps_what_is_edited_meanwhile(client, out, episode):
    with EpisodeFolder(episode).locked():
        assert edit(client, KEEP).status_code == 200, "the run holds its stages, not the edits"
        until = time.monotonic() + 20
        while client.get(f"{API}/state").json()["state"] != "busy":
            assert time.monotonic() < until
            time.sleep(0.05)
    recalled = recall(EpisodeFolder(episode))
    settings = recalled.settings
    from dataclasses import replace

    run_one(recalled.path, replace(settings, title=recalled.episode.title, show=recalled.episode.show))
    assert "Plank" in (episode / "transcript.txt").read_text()


def test_an_edit_that_fits_nothing_is_shown_everywhere(client, episode):
    lost = {"kind": "words", "start": 2.0, "end": 3.0, "was": "Zanzibar", "text": "Zanzibar!"}
    seen = edit(client, lost).json()
    assert [e["fits"] for e in seen["edits"]] == [False]
    wait_for_outputs(client)
    assert "fits nothing any more" in (episode / "episode.html").read_text()
    assert json.loads((episode / FILE).read_text())["edits"] == [lost]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_pages_elsewhere_change_nothing(client, episode, headers, status):
    body = json.dumps({"revision": client.get(API).json()["revision"], "edits": [KEEP]})
    sent = {"Content-Type": "application/json", **headers}
    assert client.post(f"{API}/edits", content=body, headers=sent).status_code == status
    assert not (episode / FILE).exists()


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"edits": []}', '{"revision": 3, "edits": []}', '{"revision": "\\ud800"}']
)
def test_what_is_no_request_is_refused_in_words(client, body):
    answer = client.post(f"{API}/edits", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500 and answer.text


def test_a_flood_is_refused(client):
    answer = client.post(f"{API}/edits", content=b" " * 3_000_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_only_known_episodes_have_a_desk(client):
    for path in (
        "/-/api/harbour/nothing",
        "/-/desk/harbour/nothing",
        "/-/desk/harbour/%2e%2e",
        "/-/api/%2e%2e/harbour",
    ):
        assert client.get(path).status_code == 404, path


def test_the_sound_to_look_at_and_to_listen_to(client, out, episode):
    peaks = client.get(f"{API}/peaks")
    assert len(peaks.content) == pytest.approx(54 * int(peaks.headers["x-peaks-a-second"]), abs=2)
    assert max(peaks.content[:100]) > 40 and max(peaks.content[525:545]) == 0, "a tone, and the silence after it"
    clip = client.get(f"{API}/clip?start=19&end=23")
    assert clip.content[:4] == b"RIFF" and len(clip.content) == pytest.approx(4 * 24_000 * 2, abs=500)
    for query in ("", "?start=1", "?start=5&end=4", "?start=nan&end=4", "?start=0&end=inf", "?start=0&end=9000"):
        assert 400 <= client.get(f"{API}/clip{query}").status_code < 500, query
    recalled = recall(EpisodeFolder(episode))
    part = client.get(f"{API}/recording", headers={"Range": "bytes=0-3"})
    assert part.status_code == 206 and part.content == b"RIFF"
    recalled.path.unlink()
    assert client.get(f"{API}/recording").status_code == 404 and not client.get(API).json()["recording"]


def test_the_pages_run_no_inline_script_and_ask_nobody_else(client):
    for path in ("/-/desk", "/-/desk/harbour/the-slow-breath", "/status"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert (
            "<script>" not in answer.text
            and "style=" not in answer.text
            and "//" not in answer.text.replace("<!--", "")
        )
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_spellings_voices_and_spots_are_told_to_the_shows_next_episode(client, out, harbour):
    voice = [{"start": 10.0, "end": 20.0}]
    edit(
        client,
        KEEP,
        {"kind": "phrase", "was": "tides", "text": "Tydes", "show": True},
        {"kind": "voice_name", "voice": voice, "name": "Bo Li", "role": "guest"},
    )
    assert wait_for_outputs(client)["state"] == "made"
    (first,) = json.loads((out / "harbour/the-slow-breath/stages/voices.json").read_text())["data"][-1:]
    assert (
        first["name"] == "Bo Li"
        and not json.loads((out / "harbour/the-slow-breath/stages/spots.json").read_text())["data"]
    ), "what was kept is no spot"
    from pipeline.settings import Settings

    other = out.parent / "in" / "second.wav"
    other.write_bytes((harbour / "audio.wav").read_bytes() + b"\0\0")
    _, result = run_one(other, Settings(out=out, scripted=harbour, title="Second", show="Harbour"))
    assert "Tydes" in result.transcript.text and "about tides" not in result.transcript.text
    assert result.shown("B") == "Bo Li" and result.shown("A") != "Bo Li"


def test_a_verdict_of_the_command_line_is_seen_at_the_desk(client, episode):
    folder = EpisodeFolder(episode)
    sha256 = recall(folder).episode.sha256
    change_history(folder, lambda _: History((AdVerdict(21.5, 32.5, "keep"),)), sha256=sha256)
    assert client.get(API).json()["ads"][0]["verdict"] == "keep"
    assert ORIGIN.startswith("http")
