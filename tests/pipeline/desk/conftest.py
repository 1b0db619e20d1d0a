"""An output folder with one finished episode, and a browser that sends what a page of the desk would send."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipeline.batch.single import run_one
from pipeline.desk.application import make_application
from pipeline.desk.safety import Access
from pipeline.feeds.publishing import publish_index
from pipeline.settings import Settings

ORIGIN = "http://127.0.0.1:8765"


@pytest.fixture(scope="session")
def _harbour_out(harbour: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("desk")
    source = root / "in" / "tides.wav"
    source.parent.mkdir()
    shutil.copy(harbour / "audio.wav", source)
    run_one(source, Settings(out=root / "out", scripted=harbour, title="The Slow Breath", show="Harbour"))
    publish_index(root / "out")
    return root


@pytest.fixture
def out(_harbour_out: Path, tmp_path: Path) -> Path:
    """OUT/harbour/the-slow-breath and the recording beside OUT, as fresh copies."""
    shutil.copytree(_harbour_out, tmp_path, dirs_exist_ok=True)
    run = tmp_path / "out" / "harbour" / "the-slow-breath" / "stages" / "run.json"
    run.write_text(run.read_text().replace(str(_harbour_out), str(tmp_path)))
    return tmp_path / "out"


def client_of(out: Path, *, desk: bool = True, password: str = "", local: bool = True) -> TestClient:
    app = make_application(out, Access(local=local, password=password), desk=desk)
    app.state.maker.calm_s = 0.0
    return TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN}, follow_redirects=False)


@pytest.fixture
def client(out: Path) -> Iterator[TestClient]:
    with client_of(out) as browser:
        yield browser
