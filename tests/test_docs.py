"""What the documents say is what there is."""

import re
import subprocess
import sys

import pytest

from tests.paths import ROOT
from tests.readme import README, generated

DOCUMENTS = sorted(
    p.relative_to(ROOT).as_posix()
    for p in ROOT.rglob("*.md")
    if not {".venv", "out", "golden", ".pytest_cache"} & set(p.relative_to(ROOT).parts)
)


def test_the_figures_in_the_documents_are_those_of_the_committed_report_and_bench():
    for path, text in generated().items():
        assert path.read_text() == text, f"{path.name}: run python -m tests.readme"


def test_every_target_that_the_documents_name_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for name in DOCUMENTS:
        named = re.findall(r"(?:^    |`)make ([a-z-]+)", (ROOT / name).read_text(), re.M)
        assert set(named) <= targets, name


def test_every_command_that_the_readme_names_exists():
    shown = subprocess.run(
        [sys.executable, "-m", "pipeline", "--help"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    for command in re.findall(r"^    cleancast (\w+)", README.read_text(), re.M):
        assert re.search(rf"^  {command}\b", shown, re.M), command


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_link_leads_nowhere(name):
    file = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", file.read_text()):
        if "://" not in target:
            assert (file.parent / target).exists(), target


def test_make_alone_lists_the_targets():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True)
    assert listed.returncode == 0
    for target in ("setup", "eval", "test", "check", "bench", "demo", "clean"):
        assert re.search(rf"^{target}\b", listed.stdout, re.M)


def test_the_changelog_knows_the_version():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)
    assert version and f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text()
