"""The rows about resident memory."""

import os

import processes
from front import Front
from measure import Loader, Target
from report import Row

LIMIT_MEGABYTES = 16
THREADS = 16
CLIENTS = 64
LONG_LIMIT_MEGABYTES = 24
# What a sample may lie above the first of the last half and still count as the same: a few pages.
FLAT = 1.02
CHUNK_SECONDS = 2
PEERS = {
    "sort": "C: hiredis, sort", "php": "php-fpm", "original": "Python, as the original", "best": "Python, at its best",
}


def rows_after_load(responders):
    """Hookline after all that the other rows asked of it: against the limit, and beside the peers."""
    ours = responders["hookline"]
    rows = [
        Row("memory, peak", "limit", processes.memory_megabytes(ours.pids[0], "VmHWM"), LIMIT_MEGABYTES, "MB",
            limit=1, is_maximum=True, reason="The peak is that of the busiest moment, with 8 threads answering."),
        Row("memory, after load", "limit", processes.memory_megabytes(ours.pids[0], "VmRSS"), LIMIT_MEGABYTES, "MB"),
    ]
    resident = processes.shared_memory_megabytes(ours.pids)
    return rows + [
        Row("memory, all processes", label, resident, processes.shared_memory_megabytes(responders[name].pids), "MB")
        for name, label in PEERS.items()
    ]


class MemoryBench:
    """Many requests of all kinds to one responder of 16 threads as it is shipped, and its memory meanwhile."""

    def __init__(self, fixture, starter, redis, directory, folder):
        self.responder = starter.hookline("long", redis, directory, cached=True, threads=THREADS)
        self.front = Front(fixture, "memory", [self.responder])
        self.loader = Loader(fixture, self.front)
        self.script = os.path.join(folder, "load", "mixture.lua")

    def rows(self, requests):
        target = Target(self.front.address(self.responder), self.responder.pids, script=self.script)
        samples, served = [], 0
        while served < requests:
            served += self.loader.load(target, CLIENTS, CHUNK_SECONDS).served
            samples.append((served, processes.memory_megabytes(self.responder.pids[0], "VmRSS")))
        name = f"memory, {THREADS} threads, {requests} requests"
        last_half = [megabytes for count, megabytes in samples if count * 2 >= served]
        return [
            Row(name, "limit", samples[-1][1], LONG_LIMIT_MEGABYTES, "MB", limit=1, is_maximum=True,
                reason="16 threads, each with what it needs to read and write a full log, and the cache, if any."),
            Row(name + ", last half", "its beginning", max(last_half), last_half[0], "MB", limit=FLAT, is_maximum=True,
                reason="Memory was still growing at the end."),
        ]
