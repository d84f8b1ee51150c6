"""Takes files out of the page cache, says whether they are, and reads what a process holds."""

import ctypes
import gc
import mmap
import os
from collections.abc import Iterable
from pathlib import Path

import numpy

LIBC = ctypes.CDLL(None, use_errno=True)


def drop(paths: Iterable[Path]) -> bool:
    """Ask the system to forget the files' pages; True where mincore then finds none of them."""
    gc.collect()
    found = list(paths)
    for path in found:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    return sum(resident(path) for path in found) == 0


def resident(path: Path) -> int:
    """Return how many pages of a file are in the page cache."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = numpy.frombuffer(mapped, dtype=numpy.uint8)
        pages = -(-len(view) // mmap.PAGESIZE)
        told = (ctypes.c_ubyte * pages)()
        address = ctypes.c_void_p(view.ctypes.data)
        if LIBC.mincore(address, ctypes.c_size_t(len(view)), told):
            raise OSError(ctypes.get_errno(), "mincore failed")
        del view
        return sum(flag & 1 for flag in told)


def anonymous_bytes(settle: bool = False) -> int:
    """Return this process's anonymous memory; settled, freed heap is given back first."""
    if settle:
        gc.collect()
        LIBC.malloc_trim(0)
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Anonymous:"))
