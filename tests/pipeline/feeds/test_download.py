"""Downloads from a real server with one fault at a time: the right bytes, or one clear sentence and no half file."""

from __future__ import annotations

import random
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import FetchError, StoreError
from pipeline.feeds.addresses import is_public, shown
from pipeline.feeds.download import Limits, Net, download, fetch_page

SOUND = b"ID3\x03" + random.Random(7).randbytes(300_000)
WAITED: list[float] = []
NET = Net(allow_private=True, limits=Limits(connect_s=2, read_s=0.6, whole_s=20), sleep=WAITED.append)


@pytest.fixture(autouse=True)
def no_waits() -> None:
    WAITED.clear()


def whole_files(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.glob("*/*") if not p.name.startswith("."))


def test_a_recording_is_fetched_once_and_kept(web, tmp_path) -> None:
    url = web.put("/show/my%20episode.mp3", SOUND)
    shares: list[float] = []
    path = download(url, tmp_path, net=NET, progress=shares.append)
    assert path.read_bytes() == SOUND and path.name == "my_episode.mp3"
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert download(url, tmp_path, net=NET) == path and len(web.asked) == 1
    assert list(tmp_path.rglob("*.*")) == [path], "nothing else is left"


@pytest.mark.parametrize(
    "fault",
    [
        {"faults": 2, "fail_with": 500},
        {"faults": 1, "fail_with": 503},
        {"faults": 1, "fail_with": 429, "headers": {"Retry-After": "7"}},
        {"faults": 1, "cut_after": 100_000},
        {"faults": 2, "cut_after": 1000},
        {"faults": 1, "cut_after": 100_000, "etag": "", "modified": ""},
        {"faults": 1, "cut_after": 100_000, "etag": "", "modified": "Tue, 01 Sep 2026 10:00:00 GMT"},
        {"faults": 1, "cut_after": 100_000, "etag": 'W/"weak"'},
        {"faults": 1, "cut_after": 100_000, "ranges": False},
        {"packed": True},
        {"pause_s": 0.3, "parts": 4},
        {"kind": "application/octet-stream"},
        {"kind": ""},
    ],
    ids=str,
)
def test_faults_that_pass(web, tmp_path, fault) -> None:
    url = web.put("/a.mp3", SOUND, **fault)
    assert download(url, tmp_path, net=NET).read_bytes() == SOUND
    assert whole_files(tmp_path) and not list(tmp_path.glob(".*"))


def test_a_cut_off_download_goes_on_where_it_was(web, tmp_path) -> None:
    url = web.put("/a.mp3", SOUND, faults=1, cut_after=100_000)
    download(url, tmp_path, net=NET)
    first, second = web.asked_for("/a.mp3")
    assert "range" not in first and second["range"] == "bytes=100000-" and second["if-range"] == '"one"'


def test_another_run_goes_on_where_the_first_gave_up(web, tmp_path) -> None:
    url = web.put("/a.mp3", SOUND, faults=1, cut_after=100_000)
    with pytest.raises(FetchError, match="ended after 100000 of 300004 bytes"):
        download(url, tmp_path, net=replace(NET, limits=Limits(tries=1)))
    assert whole_files(tmp_path) == [], "no half file is handed on"
    assert download(url, tmp_path, net=NET).read_bytes() == SOUND
    assert web.asked[-1][1]["range"] == "bytes=100000-"


def test_a_file_that_changed_meanwhile_is_fetched_anew(web, tmp_path) -> None:
    url = web.put("/a.mp3", SOUND, faults=1, cut_after=100_000, etag_after_fault='"two"')
    assert download(url, tmp_path, net=NET).read_bytes() == SOUND[::-1], "no mix of two versions"


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"status": 404}, "nothing at this URL"),
        ({"status": 401}, "requires a login"),
        ({"faults": 99, "fail_with": 500}, r"answered 500 \(attempts: 4\)"),
        ({"faults": 99, "cut_after": 1000, "etag": ""}, "ended after 1000 of 300004 bytes"),
        ({"claimed": 400_000, "etag": ""}, "of 400000 bytes"),
        ({"faults": 9, "fail_with": 503, "headers": {"Retry-After": "7200"}}, "asked to wait 7200 s"),
        ({"pause_s": 1.0}, "no answer within"),
        ({"status": 302, "headers": {"Location": "/a.mp3"}}, "redirects more than 10 times"),
        ({"status": 302, "headers": {"Location": "file:///etc/passwd"}}, "only http and https"),
        ({"status": 302, "headers": {"Location": "ftp://a.b/c"}}, "only http and https"),
        ({"headers": {"Content-Encoding": "br"}}, "which was not requested"),
        ({"kind": "text/html; charset=utf-8"}, "a web page"),
        ({"kind": "application/rss+xml"}, "cleancast feed"),
    ],
    ids=str,
)
def test_faults_that_stay_are_said_in_a_sentence(web, tmp_path, fault, says) -> None:
    url = web.put("/a.mp3", SOUND, **fault)
    with pytest.raises(FetchError, match=says) as error:
        download(url, tmp_path, net=NET)
    assert whole_files(tmp_path) == [] and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "empty"), (b"<!DOCTYPE html><html>", "web page"), (b"<?xml version='1.0'?>\n<rss>", "feed")],
)
def test_what_is_no_sound_is_refused_whatever_it_is_called(web, tmp_path, data, says) -> None:
    with pytest.raises(FetchError, match=says):
        download(web.put("/a.mp3", data), tmp_path, net=NET)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", [{}, {"packed": True}, {"claimed": 10**12}], ids=str)
def test_a_file_over_the_limit_is_not_kept(web, tmp_path, fault) -> None:
    url = web.put("/a.mp3", b"\0" * 5_000_000, **fault)
    with pytest.raises(FetchError, match="larger than the limit of 1 MB"):
        download(url, tmp_path, net=replace(NET, limits=Limits(largest_bytes=1_000_000)))
    assert list(tmp_path.iterdir()) == []


def test_the_whole_takes_no_longer_than_its_limit(web, tmp_path) -> None:
    url = web.put("/a.mp3", SOUND, pause_s=0.2, parts=50)
    with pytest.raises(FetchError, match="time limit"):
        download(url, tmp_path, net=replace(NET, limits=Limits(whole_s=1.0, read_s=5)))


def test_redirects_are_followed_ten_times_and_no_more(web, tmp_path) -> None:
    for n in range(12):
        web.put(f"/{n}", status=302, headers={"Location": f"/{n + 1}"})
    web.put("/12", SOUND)
    assert download(f"{web.base}/2", tmp_path, net=NET).read_bytes() == SOUND
    web.asked.clear()
    with pytest.raises(FetchError, match="redirects more than 10 times"):
        download(f"{web.base}/1", tmp_path, net=NET)
    assert len(web.asked) == 11


def test_retries_back_off(web, tmp_path) -> None:
    with pytest.raises(FetchError):
        download(web.put("/a.mp3", SOUND, faults=99), tmp_path, net=NET)
    assert WAITED == [1, 2, 4]
    WAITED.clear()
    download(web.put("/b.mp3", SOUND, faults=1, fail_with=429, headers={"Retry-After": "7"}), tmp_path, net=NET)
    assert WAITED == [7]


def test_two_downloads_of_one_address_are_one(web, tmp_path) -> None:
    url = web.put("/a.mp3", SOUND, pause_s=0.1, parts=3)
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(download(url, tmp_path, net=NET))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and found[0].read_bytes() == SOUND and len(web.asked) == 1


def test_a_folder_that_cannot_be_written_is_said(web, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be saved"):
        download(web.put("/a.mp3", SOUND), tmp_path / "file" / "downloads", net=NET)


def test_pages_are_asked_for_again_only_if_changed(web) -> None:
    url = web.put("/feed", b"<rss/>", kind="text/xml", packed=True)
    page = fetch_page(url, net=NET)
    assert (page.data, page.media_type, page.etag) == (b"<rss/>", "text/xml", '"one"')
    assert fetch_page(url, net=NET, etag=page.etag).unchanged
    assert fetch_page(web.put("/feed", b"<rss>2</rss>", etag='"two"'), net=NET, etag=page.etag).data == b"<rss>2</rss>"


# ---- which machines may be asked


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1"),
        *("::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "198.18.0.1", "192.0.2.1", "2001:db8::1"),
    ],
)
def test_private_addresses(address) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_public_addresses(address) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_not_asked(web, tmp_path, host) -> None:
    web.put("/a.mp3", SOUND)
    with pytest.raises(FetchError, match="--allow-private"):
        download(f"http://{host}:{web.port}/a.mp3", tmp_path, net=Net())
    assert web.asked == []


def test_a_redirect_to_this_machine_is_not_followed(web, tmp_path) -> None:
    """The first machine counts as public by its look-up; where it leads does not."""
    web.put("/secret", SOUND)
    start = web.put("/a.mp3", status=302, headers={"Location": f"http://inner.example:{web.port}/secret"})
    allowed = {"outer.example": "127.0.0.1"}

    seen: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        seen.append(host)
        return ["10.0.0.1"] if host == "inner.example" else [allowed[host]]

    import pipeline.feeds.addresses as addresses

    original = addresses.is_public
    try:
        addresses.is_public = lambda address: address == "127.0.0.1"  # stands for a public machine here
        with pytest.raises(FetchError, match=r"inner\.example is on the local network"):
            download(
                start.replace("127.0.0.1", "outer.example"),
                tmp_path,
                net=replace(NET, allow_private=False, resolve=resolve),
            )
    finally:
        addresses.is_public = original
    assert seen == ["outer.example", "inner.example"] and not web.asked_for("/secret")


def test_a_name_is_looked_up_once_and_that_address_is_used(web, tmp_path) -> None:
    """DNS rebinding: the second answer would be another machine; it is never asked for."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    url = web.put("/a.mp3", SOUND).replace("127.0.0.1", "show.example")
    path = download(url, tmp_path, net=replace(NET, resolve=lambda host, port: next(answers)))
    assert path.read_bytes() == SOUND
    assert web.asked[0][1]["host"] == f"show.example:{web.port}"


def test_why_a_server_is_not_reached_is_said_in_words(tmp_path) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(FetchError, match="refuses the connection"):
            download(f"http://127.0.0.1:{taken.getsockname()[1]}/a.mp3", tmp_path, net=NET)
    with pytest.raises(FetchError, match="no server of this name"):
        download("http://show.example/a.mp3", tmp_path, net=replace(NET, resolve=lambda host, port: []))


def test_a_mix_of_public_and_private_answers_is_refused(tmp_path) -> None:
    net = replace(NET, allow_private=False, resolve=lambda host, port: ["8.8.8.8", "127.0.0.1"])
    with pytest.raises(FetchError, match="on the local network"):
        download("http://show.example/a.mp3", tmp_path, net=net)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.b/c", "gopher://a.b", "http://", "http://[::1", "https:///x"]
)
def test_only_web_addresses(url, tmp_path) -> None:
    with pytest.raises(FetchError):
        download(url, tmp_path, net=NET)


def test_names_and_passwords_stay_unsaid(web, tmp_path) -> None:
    url = web.put("/private/a.mp3", SOUND, status=404).replace("http://", "http://me:hunter2@") + "?token=s3cret"
    with pytest.raises(FetchError) as error:
        download(url, tmp_path, net=NET)
    assert "hunter2" not in str(error.value) and "s3cret" not in str(error.value)
    assert web.asked[0][1]["authorization"].startswith("Basic "), "the password itself reaches the server"
    web.put("/private/a.mp3", SOUND)
    path = download(url, tmp_path, net=NET)
    assert not any("hunter2" in p.name or "s3cret" in p.name for p in path.parent.parent.rglob("*"))
    assert shown("http://a.b/\ud800") == "http://a.b/%3F"
    assert "s3cret" not in shown("https://a.b/?s3cret") and "s3cret" not in shown("https://a.b/#s3cret")


def test_a_password_does_not_follow_to_another_machine(web, tmp_path) -> None:
    web.put("/b.mp3", SOUND)
    url = web.put("/a.mp3", status=302, headers={"Location": f"http://other.example:{web.port}/b.mp3"})
    net = replace(NET, resolve=lambda host, port: ["127.0.0.1"])
    download(url.replace("http://", "http://me:hunter2@"), tmp_path, net=net)
    assert "authorization" not in web.asked_for("/b.mp3")[0]
