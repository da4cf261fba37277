"""What one answer costs as the work grows: more apps, longer lists, larger rows.

Hookline beside itself and, where the work is least and most, beside the C peer.
"""

import datetime

import grown
import sample
from front import Front
from measure import Loader, Target, ask
from report import cost_row, processor_row
from responders import THREADS, import_directory

CLIENTS = 16
SCRIPT_NAME = "load/apps.lua"
PEER = "C: hiredis, sort"
BEFORE = "/api/0/sentry-apps/"
AFTER = "/requests/"
# The shapes that the C peer reads, too: the least work and the most.
LEAST = ("list", grown.LENGTHS[0], grown.USUAL_BYTES)
MOST = ("bytes", 100, grown.SIZES[-1])


class GrowthBench:
    """One responder for each number of apps, with a Redis and a directory of its own, and one for lists and rows."""

    def __init__(self, fixture, starter, script_folder, app_counts):
        self.now = datetime.datetime.now(datetime.UTC)
        self.fixture = fixture
        self.starter = starter
        self.script = f"{script_folder}/{SCRIPT_NAME}"
        self.app_counts = app_counts
        self.shapes = [("list", length, grown.USUAL_BYTES) for length in grown.LENGTHS]
        self.shapes += [("bytes", 100, size) for size in grown.SIZES]
        self.responders = {count: self._start_with_apps(count) for count in app_counts}
        self.responders["shapes"] = self._start_with_shapes()
        self.responders |= {("peer", shape): self._start_peer(shape) for shape in (LEAST, MOST)}
        self.front = Front(fixture, "growth", list(self.responders.values()))
        self.loader = Loader(fixture, self.front)

    def _start_with_apps(self, count):
        slugs = [grown.slug("app", number) for number in range(1, count + 1)]
        return self._start(f"apps-{count}", slugs, grown.many_apps(count, self.now))

    def _start_with_shapes(self):
        lists = (
            pair
            for number, (_, length, size) in enumerate(self.shapes)
            for pair in grown.full_app(number, length, size, self.now)
        )
        return self._start("shapes", [self._slug(*shape) for shape in self.shapes], lists)

    def _start_peer(self, shape):
        app_id = grown.FIRST_ID + self.shapes.index(shape)
        redis = self.fixture.path("redis-shapes.sock")
        return self.starter.peer(f"sort-{shape[0]}", "log", redis, app_id, THREADS, "sort")

    def _start(self, name, slugs, lists):
        redis = self.fixture.start_redis("redis-" + name)
        sample.fill(redis, lists)
        directory = import_directory(self.fixture, self.starter.programs, grown.directory_document(slugs), name)
        return self.starter.hookline(name, redis, directory)

    @staticmethod
    def _slug(kind, length, size):
        return grown.slug(kind, length if kind == "list" else size)

    def rows(self, plan):
        targets = {count: self._target_of_apps(count) for count in self.app_counts}
        targets |= {shape: self._target_of_shape(shape, "shapes") for shape in self.shapes}
        targets |= {name: self._target_of_shape(name[1], name) for name in (("peer", LEAST), ("peer", MOST))}
        rounds = self.loader.in_turns(targets, CLIENTS, plan.growth_rounds, plan.growth_seconds)
        fewest, *more = self.app_counts
        shortest, *longer = (shape for shape in self.shapes if shape[0] == "list")
        smallest, *larger = (shape for shape in self.shapes if shape[0] == "bytes")
        return [
            *(cost_row(f"growth, {n} apps", _many(fewest, "app"), rounds[n], rounds[fewest]) for n in more),
            *(
                cost_row(f"growth, {s[1]} entries a list", "1 entry a list", rounds[s], rounds[shortest])
                for s in longer
            ),
            *(
                cost_row(f"growth, {s[2]}-byte rows", f"{smallest[2]}-byte rows", rounds[s], rounds[smallest])
                for s in larger
            ),
            processor_row("growth, 1 entry a list", PEER, rounds[LEAST], rounds["peer", LEAST]),
            processor_row(f"growth, {MOST[2]}-byte rows", PEER, rounds[MOST], rounds["peer", MOST]),
        ]

    def _target_of_apps(self, count):
        responder = self.responders[count]
        address = self.front.address(responder)
        target = Target(
            address, responder.pids, script=self.script, arguments=(str(count), BEFORE + "app-", AFTER))
        ask(Target(f"{address}{BEFORE}{grown.slug('app', count)}{AFTER}", responder.pids))
        return target

    def _target_of_shape(self, shape, name):
        responder = self.responders[name]
        target = Target(f"{self.front.address(responder)}{BEFORE}{self._slug(*shape)}{AFTER}", responder.pids)
        ask(target)
        return target


def _many(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
