"""`python -m tests.fuzz SECONDS [TARGET...]`: each parser against a coverage-guided fuzzer, for so long.

Needs atheris (`pip install -e '.[fuzz]'`). What the fuzzer learnt stays in out/fuzz/<target>, from where the next
run goes on; a finding is written to out/fuzz/findings/ and ends that target with exit status 1.
"""

from __future__ import annotations

import subprocess
import sys

from tests.paths import ROOT

CORPUS = ROOT / "out" / "fuzz"
SLOWEST_S = 10  # an input that takes longer counts as a hang
MEMORY_MB = 2_000
LONGEST_BYTES = 20_000


def main() -> int:
    """One process for each target, one after the other: libFuzzer ends its process."""
    match sys.argv[1:]:
        case ["--one", name, seconds]:
            fuzz(name, int(seconds))
            return 0
        case [seconds, *names] if seconds.isdigit():
            return run_all(int(seconds), names)
    print(__doc__, file=sys.stderr)
    return 2


def run_all(seconds: int, names: list[str]) -> int:
    from tests.fuzz.targets import TARGETS

    if unknown := set(names) - set(TARGETS):
        print(f"no such target: {', '.join(sorted(unknown))}; there are: {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    found = []
    for name in names or TARGETS:
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "--one", name, str(seconds)], cwd=ROOT, capture_output=True, text=True
        )
        lines = done.stderr.splitlines()
        last = next((line for line in reversed(lines) if line.startswith("Done ")), "")
        print(f"{name:12} {last or 'FINDING'}", flush=True)
        if done.returncode:
            found.append(name)
            print("\n".join([*done.stdout.splitlines()[-20:], *lines[-4:]]), flush=True)
    return 1 if found else 0


def fuzz(name: str, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["pipeline"], enable_loader_override=False):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    corpus, findings = CORPUS / name.replace(" ", "-"), CORPUS / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"good-{number}").write_bytes(seed)
    words = CORPUS / f"{corpus.name}.dict"
    words.write_text("".join(f'"{_escaped(piece)}"\n' for piece in target.pieces))
    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={seconds}",
            f"-timeout={SLOWEST_S}",
            f"-rss_limit_mb={MEMORY_MB}",
            f"-max_len={LONGEST_BYTES}",
            f"-dict={words}",
            f"-artifact_prefix={findings}/{corpus.name}-",
            str(corpus),
        ],
        target.check,
    )
    atheris.Fuzz()


def _escaped(piece: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in piece[:60])


if __name__ == "__main__":
    sys.exit(main())
