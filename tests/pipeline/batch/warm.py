"""A command line that is started once and forked for each run, so that a run costs its work and not its imports.

The forked program is killed, stopped and left like any other. Its episodes are worked on in the program itself, not in
workers: what is about workers starts the real command instead. The program is fresh and has one thread, so forking it
is safe, as forking the tests' own process would not be.
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
from contextlib import contextmanager, suppress
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

    def start(self, *words: object, **mishaps: str) -> None:
        assert self.process.stdin is not None
        asked = {"words": [str(word) for word in words], "mishaps": mishaps, "notes": str(self.notes)}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        self.pid = self._answer(PATIENCE_S)

    def end(self) -> tuple[int, str, str]:
        """Exit status, standard output and standard error of the run that was started, once it has ended."""
        code = self._answer(PATIENCE_S)
        said, talk = ((self.notes / name).read_text("utf-8", "replace") for name in ("said", "talk"))
        return code, said, talk

    def run(self, *words: object, **mishaps: str) -> tuple[int, str, str]:
        self.start(*words, **mishaps)
        return self.end()

    def ended_within(self, seconds: float) -> bool:
        """Whether the run ends by itself by then."""
        return bool(select.select([self.process.stdout], [], [], seconds)[0])

    def _answer(self, patience_s: float) -> int:
        assert self.process.stdout is not None
        if not self.ended_within(patience_s):
            with suppress(ProcessLookupError):
                os.killpg(self.pid or self.process.pid, signal.SIGKILL)
            raise TimeoutError("a run did not end")
        return int(self.process.stdout.readline())


@contextmanager
def warm_program(notes: Path) -> Iterator[WarmProgram]:
    """The program, which keeps what its runs print in the folder ``notes``."""
    notes.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.batch.warm"],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD},
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

    pipeline.batch.rounds.Many._batch = work_here  # type: ignore[method-assign]
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            _run(asked)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(asked: dict[str, Any]) -> NoReturn:
    """The life of a forked program: the command, with these words."""
    os.setsid()
    os.environ.update(asked["mishaps"])
    for number, name in ((0, ""), (1, "said"), (2, "talk")):
        flags = os.O_RDONLY if not name else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(Path(asked["notes"]) / name if name else os.devnull, flags, 0o644), number)
    sys.argv = ["cleancast", *asked["words"]]
    code: object = 1
    try:
        from pipeline.cli import main

        main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(ValueError, OSError):
                stream.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    _serve()
