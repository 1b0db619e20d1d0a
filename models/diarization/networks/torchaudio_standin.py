"""Lets pyannote import torchaudio where torchaudio's compiled half does not load.

The ``torchaudio`` wheel on PyPI is built against CUDA; beside a CPU build of torch its shared library is refused and
the whole import dies, although pyannote and our filterbank need its Python half only. Importing through here puts a
stand-in for ``torchaudio._extension`` in place, and only when the real one does not load.
"""

from __future__ import annotations

import os
import sys
import warnings
from types import ModuleType
from typing import Any


def import_torchaudio() -> ModuleType:
    """The torchaudio module, with its compiled half where it loads and without it where it does not."""
    if "torchaudio" in sys.modules:
        return sys.modules["torchaudio"]
    try:
        import torchaudio
    except (ImportError, OSError):
        for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules["torchaudio._extension"] = _extension_without_library()
        import torchaudio
    return torchaudio  # type: ignore[no-any-return,unused-ignore]


def import_pyannote() -> None:
    """Import pyannote.audio (about 4 s), without its metrics and without its warning that it cannot decode files.

    Sound is always handed over in memory, so the missing decoder does not matter.
    """
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"  # before the first import: nothing here phones home
    import_torchaudio()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyannote.audio.pipelines  # noqa: F401


def _extension_without_library() -> ModuleType:
    def nothing_to_check() -> None:
        """The compiled half is absent, so no CUDA version can disagree."""

    def fail_if_no_align(_function: Any) -> Any:
        def refuse(*_args: Any, **_kwargs: Any) -> Any:
            raise RuntimeError("torchaudio's forced alignment needs its compiled half, which does not load here.")

        return refuse

    module = ModuleType("torchaudio._extension")
    module._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
    module._IS_ALIGN_AVAILABLE = False  # type: ignore[attr-defined]
    module._check_cuda_version = nothing_to_check  # type: ignore[attr-defined]
    module.fail_if_no_align = fail_if_no_align  # type: ignore[attr-defined]
    return module
