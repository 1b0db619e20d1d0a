"""What is served of an output folder, to whom, and what is not."""

import json
import re
from urllib.parse import urlsplit

import feedparser
import pytest
from defusedxml.ElementTree import fromstring

from pipeline.desk.server import access_for
from pipeline.feeds.publishing import feed_text
from pipeline.follow.status import Looked, Status, write_status
from pipeline.formats.feeds.opml import parse_opml
from tests.pipeline.desk.conftest import ORIGIN, client_of

EPISODE = "/harbour/the-slow-breath"


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        (None, 200, (0, None)),
        ("bytes=0-99", 206, (0, 100)),
        ("bytes=100-", 206, (100, None)),
        ("bytes=-10", 206, (-10, None)),
        ("bytes=5-5", 206, (5, 6)),
        ("bytes=0-99999999", 206, (0, None)),
    ],
)
def test_parts_of_the_sound(client, out, asked, status, span):
    whole = (out / EPISODE.strip("/") / "clean.mp3").read_bytes()
    headers = {"Range": asked} if asked else {}
    answer = client.get(f"{EPISODE}/clean.mp3", headers=headers)
    assert answer.status_code == status and answer.content == whole[slice(*span)]
    assert answer.headers["content-length"] == str(len(answer.content))
    assert client.head(f"{EPISODE}/clean.mp3", headers=headers).content == b""


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=9-3", "lines=1-2"])
def test_parts_that_are_not_there(client, asked):
    assert client.get(f"{EPISODE}/clean.mp3", headers={"Range": asked}).status_code in (400, 416)


@pytest.fixture
def secrets(out):
    """Things beside the outputs that nobody should get."""
    (out.parent / "secret.txt").write_text("secret")
    episode = out / EPISODE.strip("/")
    (out / "link.txt").symlink_to(out.parent / "secret.txt")
    (out / "linked").symlink_to(out.parent)
    (out / ".hidden").write_text("secret")
    (episode / "peek.json").symlink_to(episode / "stages" / "found.json")
    (episode / "inside").symlink_to(episode / "stages")
    (episode / "edits.json").write_text("secret")
    (out / "downloads").mkdir()
    (out / "downloads" / "a.mp3").write_text("secret")
    return out


@pytest.mark.parametrize(
    "path",
    [
        *("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", f"{EPISODE}/../../../secret.txt", "//etc/passwd"),
        *("/link.txt", "/linked/secret.txt", "/.hidden", f"{EPISODE}/stages/found.json", "/..\\secret.txt"),
        *("/nothing", f"{EPISODE}/clean.mp3/x", "/%00", f"/{'a' * 5000}", "/linked/", "/downloads/a.mp3"),
        *(f"{EPISODE}/peek.json", f"{EPISODE}/inside/found.json", f"{EPISODE}/edits.json", f"{EPISODE}/EDITS.json"),
        *("/-/static/../application.py", "/-/static/%2e%2e/application.py", "/-/desk/../x/y", "/-/api/..%2f/x"),
    ],
)
def test_nothing_else_is_served(client, secrets, path):
    answer = client.get(path)
    assert answer.status_code == 404 and "secret" not in answer.text


def test_a_show_may_be_called_downloads_or_stages(client, out):
    for name in ("downloads", "stages"):
        (out / "harbour").rename(out / name)
        assert client.get(f"/{name}/the-slow-breath/transcript.txt").status_code == 200
        (out / name).rename(out / "harbour")


def test_other_names_for_this_machine_are_refused(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403
    assert client.get("/", headers={"Host": "localhost:1234"}).status_code == 200
    assert client.get("/", headers={"Host": "[::1]:80"}).status_code == 200


def test_the_feed_is_served_with_addresses_that_lead_back(client, out):
    answer = client.get("/harbour/feed.xml")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("application/rss+xml")
    (entry,) = feedparser.parse(answer.content).entries
    assert entry.enclosures[0].href.startswith(ORIGIN)
    sound = client.get(urlsplit(entry.enclosures[0].href).path)
    assert len(sound.content) == int(entry.enclosures[0].length)
    assert b"harbour/the-slow-breath" in client.get("/").content, "the index"
    (out / "index.html").unlink()
    assert 'href="/harbour/"' in client.get("/").text, "a plain list without it"
    assert 'href="/harbour/feed.xml"' in client.get("/harbour/").text
    assert re.fullmatch(r"cleancast:[0-9a-f]{64}", entry.id)
    assert (
        feed_text(out / "harbour", base_url="https://a.b").count("https://a.b/harbour/the-slow-breath/clean.mp3") == 1
    )


def test_all_feeds_as_one_list(client):
    text = client.get("/feeds.opml").text
    assert parse_opml(text.encode()) == (f"{ORIGIN}/harbour/feed.xml",)
    assert fromstring(text).find("body/outline").get("text") == "Harbour"


def test_health_says_how_the_folder_is(client, out):
    said = client.get("/health").json()
    assert said["status"] == "ok" and (said["shows"], said["episodes"], said["held_ads"]) == (1, 1, 0)
    assert said["disk_free_bytes"] > 0 and said["failed"] == []
    failed = {"status": "failed", "source": "a.mp3", "title": "<b>x", "reason": "gone"}
    (out / "batch.json").write_text(json.dumps({"episodes": [failed]}))
    looked = Looked("Birds", last_s=1e9, next_s=1.1e9, failures=2, error="<i>away")
    write_status(out, Status({"k": looked}), now_s=1e9, free_bytes=1, floor_bytes=0)
    answer = client.get("/health")
    assert answer.status_code == 503 and answer.json()["status"] == "late", "nobody follows any more"
    (followed,) = answer.json()["followed"]
    assert followed["last_look"].startswith("2001-09-09T01:46:40") and followed["failures"] == 2
    page = client.get("/status").text
    assert "Birds" in page and "&lt;i&gt;away" in page
    assert "&lt;b&gt;x" in page and "gone" in page


def test_beyond_this_machine_a_password_is_asked_for(out):
    assert access_for("127.0.0.1").local and not access_for("0.0.0.0").local and access_for("0.0.0.0").password
    with client_of(out, password="open sesame", local=False) as browser:
        assert browser.get("/").status_code == 401
        assert browser.get(f"{EPISODE}/clean.mp3").headers["www-authenticate"].startswith("Basic")
        assert browser.get("/", headers={"Accept": "text/html"}).headers["location"] == "/-/login"
        assert browser.post("/-/login", data={"password": "sesame"}).status_code == 401
        assert browser.get("/", auth=("anybody", "open sesame")).status_code == 200, "players know this one"
        api = "/-/api/harbour/the-slow-breath/undo"
        assert browser.post(api, json={"revision": ""}, auth=("x", "open sesame")).status_code == 401
        answer = browser.post("/-/login", data={"password": "open sesame"})
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "sesame" not in cookie
        assert browser.get("/-/desk").status_code == 200


def test_a_private_feed_has_its_key_in_its_address_and_opens_nothing_else(out):
    with client_of(out, password="open sesame", local=False) as browser:
        prefix = browser.app.state.access.feed_prefix
        feed = browser.get(f"{prefix}/harbour/feed.xml")
        (entry,) = feedparser.parse(feed.content).entries
        assert urlsplit(entry.enclosures[0].href).path.startswith(prefix)
        assert browser.get(urlsplit(entry.enclosures[0].href).path).status_code == 200
        (address,) = parse_opml(browser.get(f"{prefix}/feeds.opml").content)
        assert urlsplit(address).path == f"{prefix}/harbour/feed.xml"
        assert browser.get(f"{prefix}/-/desk").status_code == 401
        assert browser.get(f"{prefix[:-1]}x/harbour/feed.xml").status_code == 401
        assert browser.post(f"{prefix}/-/api/harbour/the-slow-breath/undo", json={}).status_code == 401


def test_without_the_desk_nothing_can_be_changed(out):
    with client_of(out, desk=False) as browser:
        assert browser.get("/-/desk").status_code == 404
        assert browser.post("/-/api/harbour/the-slow-breath/undo", json={"revision": ""}).status_code in (404, 405)
