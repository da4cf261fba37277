"""Processor time and memory of a responder with all its processes."""

import os
import re

from server_fixture import Failure

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def family(pid):
    """A process and its descendants."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            children.setdefault(int(_stat(name)[1]), []).append(int(name))
        except Failure:
            continue
    members = [pid]
    for member in members:
        members += children.get(member, [])
    return members


def cpu_seconds(pids):
    """User and system time of processes with all their threads, so far."""
    ticks = 0
    for pid in pids:
        fields = _stat(pid)
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_PER_SECOND


def memory_megabytes(pid, field):
    """A line of /proc/PID/status, such as VmHWM (the peak) or VmRSS, in units of 2^20 bytes."""
    return _kilobytes(f"/proc/{pid}/status", field) / 1024


def shared_memory_megabytes(pids):
    """Resident memory of processes in units of 2^20 bytes; a page that several of them share counts once."""
    return sum(_kilobytes(f"/proc/{pid}/smaps_rollup", "Pss") for pid in pids) / 1024


def _kilobytes(path, field):
    with open(path, encoding="ascii") as file:
        found = re.search(rf"^{field}:\s+(\d+) kB", file.read(), re.MULTILINE)
    if found is None:
        raise Failure(f"{path} has no {field}")
    return int(found.group(1))


def _stat(pid):
    """The fields of /proc/PID/stat behind the name of the process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError as error:
        raise Failure(f"process {pid} has ended") from error
