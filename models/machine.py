"""What this machine reports about itself, as far as it decides where networks run: read without loading any."""

from __future__ import annotations

import ctypes
import platform
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Machine:
    """``cpu_flags`` as Linux lists them (empty elsewhere); ``cuda``: torch was built for it and a device answers."""

    cpu_flags: frozenset[str] = frozenset()
    cuda: bool = False

    @property
    def bfloat16(self) -> bool:
        """Whether the CPU multiplies in bfloat16."""
        return bool(self.cpu_flags & {"avx512_bf16", "amx_bf16"})


@cache
def read_machine() -> Machine:
    """The machine that this program runs on."""
    return Machine(cpu_flags(), _torch_has_cuda() and _cuda_devices() > 0)


def cpu_flags(info: Path = CPU_INFO) -> frozenset[str]:
    """The features of the first CPU; empty where the system does not list them."""
    with suppress(OSError):
        line = re.search(r"^flags\s*:(.*)$", info.read_text(), re.M)
        return frozenset(line[1].split()) if line else frozenset()
    return frozenset()


def processor(info: Path = CPU_INFO) -> str:
    """What the processor is called."""
    with suppress(OSError):
        line = re.search(r"^model name\s*:(.*)$", info.read_text(), re.M)
        if line:
            return line[1].strip()
    return platform.processor() or platform.machine()


def _torch_has_cuda() -> bool:
    """Whether torch was built for CUDA, by its version file: importing torch takes a second."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    with suppress(OSError):
        text = Path(spec.origin).with_name("version.py").read_text()
        return re.search(r"^cuda\b.*=\s*['\"]\d", text, re.M) is not None
    return False


def _cuda_devices() -> int:
    """How many CUDA devices the driver sees; 0 without a driver."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        with suppress(OSError):
            driver, count = ctypes.CDLL(name), ctypes.c_int(0)
            if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
                return count.value
    return 0
