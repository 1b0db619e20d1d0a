"""What every test has: a home of its own, and at the top of the report the versions a bug report needs."""

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from hypothesis import settings

from tests.paths import SHARED

if "PYTEST_XDIST_WORKER" in os.environ:  # one of several processes: before torch counts the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("cleancast", deadline=None)  # a busy machine's clock is no property of the code
settings.load_profile("cleancast")


def pytest_report_header() -> str:
    def shown(name: str) -> str:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            return f"{name} -"

    return ", ".join(shown(name) for name in ("torch", "openai-whisper", "faster-whisper", "pyannote.audio"))


@pytest.fixture
def shared_data() -> Path:
    """The development data beside the checkout; tests that want it skip where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the development data is not beside this checkout")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """What a test printed goes between processes as UTF-8: file names that are none are written out."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report
