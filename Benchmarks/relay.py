"""The rows of the relay: taking webhooks of the original, beside the same in Flask."""

import hashlib
import hmac
import json
import threading
import time
import uuid
from dataclasses import dataclass

import processes
import sample
from front import Front
from measure import Loader, Target, ask
from reads import CLIENTS
from report import Row, latency_row, processor_row
from responders import FOLDER, import_directory

PEER = "Python: Flask, redis-py"
SLUG = "relayed"
PATH = f"/relay/{SLUG}/"
SECRET = "5" * 64
# About what a webhook about an issue has.
BODY_BYTES = 3000
# All that is taken stays in the queue.
SETTINGS = ("HOOKLINE_QUEUE_MAX_DEPTH=10000000", "HOOKLINE_QUEUE_MAX_BYTES=1000000000000")
EARLY_SECONDS = 5


@dataclass
class WebhookTarget(Target):
    """The relay; each load has ids of its own, since a repetition is taken once."""

    def command(self, clients, seconds):
        self.arguments = (*self.arguments[:3], uuid.uuid4().hex)
        return super().command(clients, seconds)


class RelayBench:
    """Hookline and the Flask application behind one nginx, each with a Redis of its own."""

    def __init__(self, fixture, programs, starter):
        self.body = self._body()
        self.signature = hmac.new(SECRET.encode(), self.body.encode(), hashlib.sha256).hexdigest()
        directory = import_directory(fixture, programs, self._document(), "relay-directory")
        ours = starter.hookline("relay-hookline", fixture.start_redis("redis-relay"), directory, settings=SETTINGS)
        peer = starter.python("relay", fixture.start_redis("redis-relay-peer"))
        front = Front(fixture, "nginx-relay", [ours, peer])
        self.loader = Loader(fixture, front)
        self.targets = {"hookline": self._target(front, ours), "flask": self._target(front, peer)}
        for target in self.targets.values():
            self._check(target)

    def rows(self, plan):
        rounds = self.loader.in_turns(self.targets, CLIENTS, plan.rounds, plan.seconds)
        ours, theirs = rounds["hookline"], rounds["flask"]
        return [
            processor_row("relay, intake", PEER, ours, theirs, limit=10),
            latency_row(
                f"relay, {CLIENTS} clients, p99 beside its p50", PEER, ours, theirs, "p99", "p50", limit=1,
                is_maximum=True, reason="The clients share the processors with nginx, Redis and wrk."),
            self._memory(plan.relay_seconds),
        ]

    def _memory(self, seconds):
        """The responder's memory at the end of a load beside that soon after its beginning."""
        target = self.targets["hookline"]
        load = threading.Thread(target=self.loader.load, args=(target, CLIENTS, seconds))
        load.start()
        time.sleep(EARLY_SECONDS)
        early = processes.memory_megabytes(target.pids[0], "VmRSS")
        load.join()
        late = processes.memory_megabytes(target.pids[0], "VmRSS")
        return Row(
            f"relay, memory after {seconds} s", f"the same after {EARLY_SECONDS} s", late, early, "MB", limit=1.1,
            is_maximum=True)

    def _target(self, front, responder):
        return WebhookTarget(
            front.address(responder) + PATH, responder.pids, {}, 202, f"{FOLDER}/load/relay.lua",
            (PATH, self.body, self.signature))

    def _check(self, target):
        """Both take a webhook with a valid signature, and no other."""
        headers = {
            "Content-Type": "application/json", "Sentry-Hook-Resource": "issue", "Request-ID": uuid.uuid4().hex,
            "Sentry-Hook-Signature": self.signature,
        }
        ask(Target(target.url, target.pids, headers, 202), self.body.encode())
        ask(Target(target.url, target.pids, headers | {"Sentry-Hook-Signature": "0" * 64}, 401), self.body.encode())

    @staticmethod
    def _body():
        issue = {"id": "1042", "title": "Timeout", "project": {"slug": "web"}, "culprit": ""}
        webhook = {"action": "created", "installation": {"uuid": str(uuid.uuid4())}, "data": {"issue": issue}}
        issue["culprit"] = "x" * (BODY_BYTES - len(json.dumps(webhook)))
        return json.dumps(webhook)

    @staticmethod
    def _document():
        document = sample.directory_document()
        document["apps"].append({
            "id": 77, "slug": SLUG, "owner_id": 1, "status": "internal", "client_secret": SECRET,
            "targets": [{"name": "ci", "url": "https://ci.example/in"}],
        })
        return document
