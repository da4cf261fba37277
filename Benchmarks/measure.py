"""Load, processor time and memory."""

import os
import re
import statistics
from dataclasses import dataclass

from stage import Failure

CONNECTIONS = 8
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Target:
    """A responder behind nginx: where to send the load, and the process that answers it."""

    url: str
    pid: int


@dataclass
class Round:
    """One bounded load on one target."""

    requests: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self):
        return self.requests / self.seconds

    @property
    def requests_per_cpu_second(self):
        return self.requests / self.cpu_seconds


def cpu_seconds(pid):
    """User and system time of a process with all its threads, so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def memory_megabytes(pid, field):
    """A line of /proc/PID/status, such as VmHWM (the peak) or VmRSS, in units of 2^20 bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        found = re.search(rf"^{field}:\s+(\d+) kB", file.read(), re.MULTILINE)
    if found is None:
        raise Failure(f"/proc/{pid}/status has no {field}")
    return int(found.group(1)) / 1024


def load(stage, target, seconds):
    """Loads a target for some seconds; every answer must be a success."""
    before = cpu_seconds(target.pid)
    text = stage.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", target.url])
    after = cpu_seconds(target.pid)
    if "Non-2xx" in text or "Socket errors" in text:
        raise Failure(f"load on {target.url} fails:\n{text}")
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    if requests == 0 or after <= before:
        raise Failure(f"nothing measured at {target.url}:\n{text}")
    return Round(requests, requests / rate, after - before)


def load_in_turns(stage, targets, seconds, rounds):
    """Loads the targets one after the other, several times over; returns the rounds of each target."""
    for target in targets:
        load(stage, target, 1)
    results = [[] for _ in targets]
    for _ in range(rounds):
        for target, result in zip(targets, results):
            result.append(load(stage, target, seconds))
    return results


def cgi_medians(stage, clock, programs, environment, runs):
    """The median microseconds from start to last byte of CGI programs that are run in turns."""
    settings = [f"{name}={value}" for name, value in environment.items()]
    text = stage.run(["env", "-i", *settings, clock, str(runs), *programs])
    columns = zip(*(map(float, line.split()) for line in text.splitlines()))
    return [statistics.median(column) for column in columns]
