"""The busy app, Hookline and all its peers behind one nginx, started and checked."""

import datetime
import json

import sample
from front import Front
from measure import Loader, Target, ask
from reads import LOG_PATH, ONE_EVENT_PATH
from responders import THREADS, Responder, Starter, import_directory
from server_fixture import Failure

C_PEERS = ("sort", "merge", "one")
FIXED_PEERS = {"fixed-log": LOG_PATH, "fixed-one": ONE_EVENT_PATH}
# Reads what Hookline reads, and answers a fixed body, too.
RECEIVING_PEER = "receiving"
SIZED_PEERS = {**FIXED_PEERS, RECEIVING_PEER: LOG_PATH}
OTHER_PEERS = ("php", "php-best", "original", "best")


class BenchFixture:
    """`responders` has Hookline ("hookline" without a cache of answers, "logging", "cached" where the program has one)
    and the peers by name.
    """

    def __init__(self, fixture, programs):
        self.fixture = fixture
        self.starter = Starter(fixture, programs)
        self.redis = fixture.start_redis()
        sample.fill(self.redis, sample.stored_lists(datetime.datetime.now(datetime.UTC)).items())
        self.directory = import_directory(fixture, programs, sample.directory_document(), "directory")
        self.responders = {r.name: r for r in self._start()}
        # Their bodies are as large as Hookline's answers, so they start when those are known.
        fixed = [Responder(name, fixture.path(name + ".sock"), []) for name in SIZED_PEERS]
        self.front = Front(fixture, "nginx", [*self.responders.values(), *fixed])
        self._start_sized()
        self.loader = Loader(fixture, self.front)
        self._check()

    def _start(self):
        starter, redis, directory = self.starter, self.redis, self.directory
        yield starter.hookline("hookline", redis, directory)
        yield starter.hookline("logging", redis, directory, access_log="on")
        if starter.knows_cache:
            yield starter.hookline("cached", redis, directory, cached=True)
        for way in C_PEERS:
            yield starter.peer(way, "log", redis, sample.APP_ID, THREADS, way)
        yield starter.peer("small", "small", redis, sample.APP_ID, THREADS)
        yield from starter.php(redis)
        for name in ("original", "best"):
            yield starter.python(name, redis)

    def _start_sized(self):
        for name, path in SIZED_PEERS.items():
            size = len(self._body("hookline", path))
            program = ("receive", self.redis, sample.APP_ID) if name == RECEIVING_PEER else ("fixed",)
            self.responders[name] = self.starter.peer(name, *program, size, THREADS)

    def _check(self):
        """All sides answer the same rows in the same order, or nothing is measured."""
        for path, readers in ((LOG_PATH, ("sort", "merge")), (ONE_EVENT_PATH, ("one",))):
            rows = self._rows("hookline", path)
            if len(rows) != 100:
                raise Failure(f"Hookline answers {len(rows)} rows to {path}")
            for name in [*OTHER_PEERS, *(["cached"] if self.starter.knows_cache else [])]:
                if self._rows(name, path) != rows:
                    raise Failure(f"{name} answers other rows than Hookline to {path}, or in another order")
            expected = [(row["date"], row["webhookUrl"]) for row in rows]
            for name in readers:
                if [(row["date"], row["webhook_url"]) for row in self._rows(name, path)] != expected:
                    raise Failure(f"{name} answers other rows than Hookline to {path}, or in another order")
        for name, path in SIZED_PEERS.items():
            if len(self._body(name, path)) != len(self._body("hookline", path)):
                raise Failure(f"the body of {name} has another size than Hookline's answer")

    def _rows(self, name, path):
        return json.loads(self._body(name, path))

    def _body(self, name, path):
        responder = self.responders[name]
        return ask(Target(self.front.address(responder) + path, responder.pids))[1]
