"""Deliveries per processor second: the worker, Celery with requests, and a bare libcurl loop, to one receiver."""

import json
import os
import re
import signal
import time
import urllib.request
from dataclasses import dataclass

import processes
import sample
from front import start_receiver
from report import delivery_row
from responders import import_directory
from server_fixture import Failure

# Debian's, which has Debian's Celery.
PYTHON = "/usr/bin/python3"
APPS = 8
CONCURRENCY = 64
BODY_BYTES = 1024
ROUND_DEADLINE_SECONDS = 300
FIRST_APP = 900
SECRET = "0" * 64
EVENT = "issue.created"


@dataclass
class DeliveryRound:
    """So many deliveries, and the processor time that their sender took."""

    count: int
    cpu_seconds: float

    @property
    def per_cpu_second(self):
        return self.count / self.cpu_seconds


class DeliveryBench:
    """The senders, each made ready once and loaded in turns: the worker with details of failures, as by default, and
    with those of all attempts, each with a Redis of its own.

    Work is queued while the sender is stopped (SIGSTOP), then the sender goes on until all of it is recorded: what is
    measured is sending, not waiting for work.
    """

    def __init__(self, fixture, programs, redis, counts):
        self.fixture = fixture
        self.programs = programs
        self.redis = redis
        self.worker_count, self.celery_count, self.bare_count = counts
        self.receiver = start_receiver(fixture)
        document = sample.delivery_document(FIRST_APP, APPS, self.receiver + "/hook", SECRET, EVENT)
        self.directory = import_directory(fixture, programs, document, "delivery")
        self.workers = {
            details: (self._start_worker(details, socket), socket)
            for details, socket in (("failures", redis), ("all", fixture.start_redis("redis-details")))
        }
        self.celery = self._start_celery()

    def _hookline(self, *arguments):
        return self.fixture.run([self.programs.path("hookline"), *arguments])

    def _start_worker(self, details, redis):
        settings = {
            "HOOKLINE_REDIS": "unix:" + redis,
            "HOOKLINE_DIRECTORY": self.directory,
            "HOOKLINE_ALLOWED_NETWORKS": "127.0.0.0/8",
            "HOOKLINE_CONCURRENCY": str(CONCURRENCY),
            "HOOKLINE_LOG_DETAILS": details,
            "HOOKLINE_LOG_LEVEL": "warning",
        }
        command = ["env", *(f"{k}={v}" for k, v in settings.items()), self.programs.path("hookline-worker")]
        return self.fixture.start("worker-" + details, command, None)

    def _start_celery(self):
        settings = {
            "PEER_REDIS": self.redis,
            "PEER_URL": self.receiver + "/hook",
            "PYTHONPATH": os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.celery_settings = [f"{k}={v}" for k, v in settings.items()]
        command = [
            "env", *self.celery_settings, PYTHON, "-m", "celery", "-A", "celery_sender", "worker", "--pool",
            "prefork", "--concurrency", "2", "--loglevel", "ERROR", "--without-gossip", "--without-mingle",
            "--without-heartbeat",
        ]
        return self.fixture.start("celery", command, None)

    def rows(self, rounds):
        for details in self.workers:
            self._worker_round(min(2000, self.worker_count), details)
        self._celery_round(min(200, self.celery_count))
        ours, celery, bare, detailed = [], [], [], []
        for _ in range(rounds):
            ours.append(self._worker_round(self.worker_count, "failures"))
            detailed.append(self._worker_round(self.worker_count, "all"))
            celery.append(self._celery_round(self.celery_count))
            bare.append(self._bare_round(self.bare_count))
        return [
            delivery_row("deliveries", "Celery, requests", ours, celery, 20),
            delivery_row("deliveries, peer only sends", "C: libcurl multi", ours, bare, 0.25),
            delivery_row("deliveries, details of all", "details of failures", detailed, ours, 0.87),
        ]

    def _worker_round(self, count, details):
        worker, redis = self.workers[details]
        path = self.fixture.path("events.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            for number in range(count):
                installation = sample.delivery_installation(FIRST_APP + number % APPS)
                event = {"installation": installation, "event": EVENT, "data": sample.delivery_data(BODY_BYTES)}
                file.write(json.dumps(event) + "\n")

        def fill():
            self._hookline(
                "event", "send", "--redis", "unix:" + redis, "--directory", self.directory, "--from", path)

        return self._round(worker.pid, count, fill, lambda: self._worker_is_idle(redis))

    def _worker_is_idle(self, redis):
        text = self._hookline("queue", "status", "--json", "--redis", "unix:" + redis)
        status = json.loads(text)
        return status["waiting"] == 0 and status["pending"] == 0

    def _celery_round(self, count):
        script = (
            "import celery_sender as s\n"
            f"data = {sample.delivery_data(BODY_BYTES)!r}\n"
            f"for n in range({count}):\n"
            f"    s.send_webhook.delay({FIRST_APP} + n % {APPS}, {EVENT!r}, 'a' * 36, data)\n"
        )

        def fill():
            self.fixture.run(["env", *self.celery_settings, PYTHON, "-c", script])

        return self._round(self.celery.pid, count, fill, lambda: True)

    def _bare_round(self, count):
        text = self.fixture.run([
            self.programs.peer("send"), self.receiver + "/hook", str(count), str(CONCURRENCY), str(BODY_BYTES)])
        answered, cpu = text.split()
        if int(answered) != count:
            raise Failure(f"the bare libcurl loop got {answered} answers to {count} requests")
        return DeliveryRound(count, float(cpu))

    def _round(self, pid, count, fill, is_idle):
        """Queues work while the sender stands still, then lets it go on until everything has arrived and is done."""
        group = processes.family(pid)
        _signal(group, signal.SIGSTOP)
        try:
            fill()
            arrived = self._arrived()
            before = processes.cpu_seconds(group)
        finally:
            _signal(group, signal.SIGCONT)
        deadline = time.monotonic() + ROUND_DEADLINE_SECONDS
        while self._arrived() - arrived < count or not is_idle():
            if time.monotonic() > deadline:
                raise Failure(f"{self._arrived() - arrived} of {count} deliveries after {ROUND_DEADLINE_SECONDS} s")
            time.sleep(0.05)
        return DeliveryRound(count, processes.cpu_seconds(group) - before)

    def _arrived(self):
        """Posts that the receiver has answered; asking it counts, too, so the questions are taken off."""
        with urllib.request.urlopen(self.receiver + "/status", timeout=10) as answer:
            text = answer.read().decode()
        self._questions = getattr(self, "_questions", 0) + 1
        return int(re.search(r"\d+ \d+ (\d+)", text).group(1)) - self._questions


def _signal(processes, number):
    for process in processes:
        os.kill(process, number)
