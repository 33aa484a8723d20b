"""Reads what processes have cost from /proc: CPU time and memory."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_MIB = 1024 * 1024
_KIB = 1024


@dataclass(frozen=True)
class Usage:
    """One line of ``/proc/PID/stat``: CPU seconds of the process, and of its children that have ended."""

    parent: int
    own: float
    ended_children: float


def usage(pid: int) -> Usage | None:
    """What a process has used; ``None`` when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name of the program is in parentheses and may hold anything, so count from its end (proc(5))
    fields = stat.rpartition(")")[2].split()
    own, ended = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return Usage(int(fields[1]), own / _TICKS, ended / _TICKS)


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (found := usage(int(entry.name))) is not None:
            children[found.parent].append(int(entry.name))
    members = [pid]
    for member in members:
        members += children[member]
    return members


def family_seconds(pid: int) -> float:
    """CPU seconds that a process and its descendants have used, the ended ones too."""
    found = [each for each in map(usage, family(pid)) if each is not None]
    return sum(each.own + each.ended_children for each in found)


def seconds_of_each(pids: list[int]) -> dict[int, float]:
    """CPU seconds of each process that is there."""
    found = {pid: usage(pid) for pid in pids}
    return {pid: each.own for pid, each in found.items() if each is not None}


@dataclass(frozen=True)
class Memory:
    """MiB of one process: all that it sees (RSS), and with what it shares divided by the sharers (PSS)."""

    rss: float
    pss: float


def memory(pid: int) -> Memory:
    """The memory of a process now."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    sizes = {line.partition(":")[0]: int(line.split()[1]) * _KIB / _MIB for line in lines}
    return Memory(sizes["Rss"], sizes["Pss"])
