"""The rows about resident memory."""

import collections
import os
import threading
import time

import fastcgi
import processes
import sample
from front import Front
from measure import Loader, Target
from report import Row
from responders import import_directory
from server_fixture import Failure

LIMIT_MEGABYTES = 16
THREADS = 16
CLIENTS = 64
LONG_LIMIT_MEGABYTES = 24
# What a sample may lie above the first of the last half and still count as the same: a few pages.
FLAT = 1.02
CHUNK_SECONDS = 2
ATTACK_LIMIT_MEGABYTES = 64
ATTACK_THREADS = 64
ATTACKERS = 96
# The default of HOOKLINE_MAX_EVENT_BYTES, the limit of other bodies, and the longest one that nginx passes on.
EVENT_BYTES = 256 << 10
NAMES_BYTES = 8 << 10
LONGEST_BODY = 1 << 20
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


class BodyBench:
    """The longest bodies that are taken, and longer ones, to a responder of 64 threads by more clients than that.

    Of what costs the most memory: many small values, and characters that are three times as long in the queue.
    """

    def __init__(self, fixture, programs, starter, redis):
        document = sample.directory_document()
        document["users"][1]["is_superuser"] = True
        directory = import_directory(fixture, programs, document, "bodies")
        token = fixture.run([
            programs.path("hookline"), "token", "create", "--directory", directory, "--user", sample.STRANGER,
            "--scope", "hookline:enqueue",
        ]).split()[-1]
        self.responder = starter.hookline("bodies", redis, directory, cached=True, threads=ATTACK_THREADS)
        self.statuses = collections.Counter()
        events = f"/api/0/sentry-app-installations/{document['installations'][0]['uuid']}/events/"
        interaction = f"/api/0/sentry-apps/{sample.APP_SLUG}/interaction/"
        authorization = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
        user = {"AUTH_TYPE": "nginx", "REMOTE_USER": sample.MEMBER, "HTTP_SEC_FETCH_SITE": "same-origin"}
        numbers = _filled(b'{"event":"issue.created","data":{"n":[', b"0,", b"0]}}", EVENT_BYTES)
        letters = _filled(b'{"event":"issue.created","data":{"n":"', "\u00e9".encode(), b'"}}', EVENT_BYTES)
        members = _filled(b'{"event":"issue.created","data":{', b'"":0,', b'"":0}}', EVENT_BYTES)
        views, few = (
            _filled(b'{"tsdbField":"sentry_app_viewed","n":[', b"0,", b"0]}", length)
            for length in (LONGEST_BODY, NAMES_BYTES))
        self.requests = [
            (events, authorization, numbers), (events, authorization, letters), (events, authorization, members),
            (interaction, user, views), (interaction, user, few), (events, {}, numbers),
        ]

    def rows(self, seconds):
        end = time.monotonic() + seconds
        attackers = [threading.Thread(target=self._attack, args=(number, end)) for number in range(ATTACKERS)]
        for attacker in attackers:
            attacker.start()
        for attacker in attackers:
            attacker.join()
        if self.statuses[202] == 0 or self.statuses[413] == 0 or self.statuses[401] == 0 or self.statuses[500] > 0:
            raise Failure(f"bodies are answered by {dict(self.statuses)}")
        return [
            Row(f"memory, {ATTACK_THREADS} threads, {ATTACKERS} clients sending bodies", "limit",
                processes.memory_megabytes(self.responder.pids[0], "VmHWM"), ATTACK_LIMIT_MEGABYTES, "MB",
                limit=1, is_maximum=True, is_required=True, reason="Bodies take more than HOOKLINE_BODY_MEMORY_BYTES."),
        ]

    def _attack(self, number, end):
        while time.monotonic() < end:
            path, extra, body = self.requests[number % len(self.requests)]
            number += 1
            answer = fastcgi.ask(self.responder.socket, {
                "REQUEST_METHOD": "POST", "REQUEST_URI": path, "QUERY_STRING": "", "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(body)), **extra,
            }, body)
            self.statuses[answer.status] += 1


def _filled(beginning, part, end, length):
    """`beginning` and `end` with as many parts between them as `length` has room for."""
    return beginning + part * ((length - len(beginning) - len(end)) // len(part)) + end
