"""A command line that is started once and forked for each run, so that a run costs its work and not its imports.

The forked program is killed, stopped and left like any other. Its episodes are worked on in the program itself, not in
workers: what is about workers starts the real command instead. The program is fresh and has one thread, so forking it
is safe, as forking the tests' own process would not be. ``rehearse`` runs a command in the program itself: what the
runs after it would all load and compile (templates, validators, modules) is there already.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 300.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass
class WarmProgram:
    """``start`` a run and ``end`` it, or ``run`` both; one at a time. ``pid`` leads the session of the run."""

    process: subprocess.Popen[str]
    notes: Path
    pid: int = 0
    patience_s: float = PATIENCE_S

    def rehearse(self, *words: object) -> None:
        self._ask({"words": [str(word) for word in words], "rehearse": True})
        assert self._answer(PATIENCE_S) == 0, words

    def start(self, *words: object, **mishaps: str) -> None:
        self._ask({"words": [str(word) for word in words], "mishaps": mishaps, "notes": str(self.notes)})
        self.pid = self._answer(PATIENCE_S)

    def end(self) -> tuple[int, str, str]:
        """Exit status, standard output and standard error of the run that was started, once it has ended."""
        code = self._answer(self.patience_s)
        said, talk = ((self.notes / name).read_text("utf-8", "replace") for name in ("said", "talk"))
        return code, said, talk

    def run(self, *words: object, **mishaps: str) -> tuple[int, str, str]:
        self.start(*words, **mishaps)
        return self.end()

    def ended_within(self, seconds: float) -> bool:
        """Whether the run ends by itself by then."""
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def _ask(self, asked: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()

    def _answer(self, patience_s: float) -> int:
        assert self.process.stdout is not None
        if not self.ended_within(patience_s):
            with suppress(ProcessLookupError):
                os.killpg(self.pid or self.process.pid, signal.SIGKILL)
            if self.pid:
                self._answer(10.0)  # the status of what was just killed
            raise TimeoutError("a run did not end")
        return int(self.process.stdout.readline())


@contextmanager
def warm_program(notes: Path, **surroundings: str) -> Iterator[WarmProgram]:
    """The program, which keeps what its runs print in the folder ``notes``; with more words of the environment."""
    notes.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.batch.warm"],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD, **surroundings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield WarmProgram(process, notes)
    finally:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()


def _serve() -> None:
    """Fork for each line of standard input; print the run's process id, and its exit status once it has ended."""
    from tests.pipeline.batch import mishaps  # arms itself, before anything else is imported

    mishaps.set_clock()
    from pipeline.run import FINDING, MAKING
    from pipeline.walk import code_key
    from pipeline.wiring import scripted_tools
    from tests.pipeline.inline import work_here

    for stage in (*FINDING, *MAKING):
        code_key(stage.function)
    scripted_tools(ROOT / "audio/seed")
    import pipeline.batch.rounds
    import pipeline.batch.workers.pool

    pipeline.batch.rounds.Many._batch = work_here  # type: ignore[method-assign]
    pipeline.batch.workers.pool.worker_ahead = nullcontext  # type: ignore[assignment]
    for line in sys.stdin:
        asked = json.loads(line)
        if asked.get("rehearse"):
            print(_rehearse(asked["words"]), flush=True)
            continue
        pid = os.fork()
        if not pid:
            _run(asked)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _rehearse(words: list[str]) -> int:
    """Run a command here; its status."""
    said = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    try:
        return _command(words)
    finally:
        sys.stdout.flush()
        os.dup2(said, 1)


def _run(asked: dict[str, Any]) -> NoReturn:
    """The life of a forked program: the command, with these words."""
    os.setsid()
    for number, name in ((0, ""), (1, "said"), (2, "talk")):
        flags = os.O_RDONLY if not name else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(Path(asked["notes"]) / name if name else os.devnull, flags, 0o644), number)
    from tests.pipeline.batch import mishaps

    mishaps.prepare(asked["mishaps"])
    code = 1
    try:
        code = _command(asked["words"])
        for stream in (sys.stdout, sys.stderr):
            with suppress(ValueError):
                stream.flush()
    except OSError:
        code = 120  # Python's own, where what was printed cannot be written
    finally:
        os._exit(code)


def _command(words: list[str]) -> int:
    """Run a command as its own program would; its exit status."""
    sys.argv = ["cleancast", *words]
    try:
        from pipeline.cli import main

        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _serve()
