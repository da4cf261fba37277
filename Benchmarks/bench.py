"""Measures Hookline beside its C peers; see docs/benchmarks.md for what the rows mean."""

import argparse
import datetime
import json
import os
import signal
import sys
import urllib.request
from dataclasses import dataclass

import measure
import sample
from delivery import DeliveryBench
from measure import Target
from stage import Failure, Stage

THREADS = 8
MEMORY_LIMIT_MEGABYTES = 16
QUICK = os.environ.get("BENCH_QUICK", "0") not in ("", "0")
ROUNDS = 3 if QUICK else 5
ROUND_SECONDS = 1 if QUICK else 4
CGI_RUNS = 100 if QUICK else 500
DELIVERY_ROUNDS = 2 if QUICK else 3
# Of the worker, of Celery, of the bare loop.
DELIVERIES = (4000, 400, 20000) if QUICK else (20000, 1500, 50000)
LOG_PATH = f"/api/0/sentry-apps/{sample.APP_SLUG}/requests/"
ONE_EVENT_PATH = LOG_PATH + "?eventType=issue.assigned"


@dataclass
class Row:
    """One line of the table. `limit` is what the ratio must reach, or stay under when `is_maximum`."""

    name: str
    peer: str
    hookline: float
    peer_value: float
    unit: str
    limit: float | None = None
    is_maximum: bool = False
    round_ratios: tuple[float, ...] = ()

    @property
    def ratio(self):
        return self.hookline / self.peer_value

    @property
    def verdict(self):
        if self.limit is None:
            return ""
        met = self.ratio <= self.limit if self.is_maximum else self.ratio >= self.limit
        return "pass" if met else "miss"

    @property
    def target(self):
        if self.limit is None:
            return ""
        return ("<= " if self.is_maximum else ">= ") + f"{self.limit:g}"

    @property
    def spread(self):
        return f"{min(self.round_ratios):.2f}-{max(self.round_ratios):.2f}" if self.round_ratios else ""


class Bench:
    """The measured programs, started and checked."""

    def __init__(self, stage, programs, peers):
        self.stage = stage
        self.programs = programs
        self.peers = peers
        self.redis = stage.start_redis()
        sample.fill(self.redis, sample.stored_lists(datetime.datetime.now(datetime.timezone.utc)))
        self.directory = "sqlite:" + stage.path("directory.sqlite")
        self._import_directory()
        self._start_responders()

    def _import_directory(self):
        document = self.stage.path("directory.json")
        with open(document, "w", encoding="utf-8") as file:
            json.dump(sample.directory_document(), file)
        hookline = os.path.join(self.programs, "hookline")
        self.stage.run([hookline, "directory", "import", "--directory", self.directory, document])

    def _start_responders(self):
        hookline, hookline_pid = self._start_hookline("hookline", "off")
        logging, logging_pid = self._start_hookline("hookline-logging", "on")
        sort, sort_pid = self._start_peer("log", self.redis, str(sample.APP_ID), str(THREADS), "sort")
        merge, merge_pid = self._start_peer("log", self.redis, str(sample.APP_ID), str(THREADS), "merge")
        one, one_pid = self._start_peer("log", self.redis, str(sample.APP_ID), str(THREADS), "one")
        sockets = [hookline, logging, sort, merge, self.stage.path("fixed.sock"), one]
        addresses = self.stage.start_nginx(sockets, sample.MEMBER)
        self.log = Target(addresses[0] + LOG_PATH, hookline_pid)
        self.one_event = Target(addresses[0] + ONE_EVENT_PATH, hookline_pid)
        self.log_with_access_log = Target(addresses[1] + LOG_PATH, logging_pid)
        self.sort_peer = Target(addresses[2] + LOG_PATH, sort_pid)
        self.merge_peer = Target(addresses[3] + LOG_PATH, merge_pid)
        self.one_event_peer = Target(addresses[5] + ONE_EVENT_PATH, one_pid)
        size = len(fetch(self.one_event.url))
        _, fixed_pid = self._start_peer("fixed", str(size), str(THREADS))
        self.fixed_peer = Target(addresses[4] + ONE_EVENT_PATH, fixed_pid)

    def _start_hookline(self, name, access_log):
        path = self.stage.path(name + ".sock")
        arguments = [
            os.path.join(self.programs, "hookline-fcgi"), "--listen", "unix:" + path, "--redis", "unix:" + self.redis,
            "--directory", self.directory, "--threads", str(THREADS), "--access-log", access_log,
        ]
        return path, self.stage.start(name, arguments, path).pid

    def _start_peer(self, program, *arguments):
        name = "-".join([program, arguments[-1]]) if program == "log" else program
        path = self.stage.path(name + ".sock")
        command = [os.path.join(self.peers, program), path, *arguments]
        return path, self.stage.start(name, command, path).pid

    def check(self):
        """Both sides answer the same rows in the same order, or nothing is measured."""
        ours = [(row["date"], row["webhookUrl"]) for row in json.loads(fetch(self.log.url))]
        for peer in (self.sort_peer, self.merge_peer):
            theirs = [(row["date"], row["webhook_url"]) for row in json.loads(fetch(peer.url))]
            if len(ours) != 100 or ours != theirs:
                raise Failure(f"{self.log.url} has {len(ours)} rows, {peer.url} {len(theirs)}, or they differ in order")
        one_event = json.loads(fetch(self.one_event.url))
        if len(one_event) != 100 or {row["eventType"] for row in one_event} != {"issue.assigned"}:
            raise Failure(f"{self.one_event.url} does not answer 100 rows of issue.assigned")
        theirs = json.loads(fetch(self.one_event_peer.url))
        if [row["date"] for row in one_event] != [row["date"] for row in theirs]:
            raise Failure(f"{self.one_event.url} and {self.one_event_peer.url} do not answer the same rows")
        if len(fetch(self.fixed_peer.url)) != len(fetch(self.one_event.url)):
            raise Failure("the fixed body has another size than the one-event answer")

    def all_events_rows(self):
        targets = [self.log, self.sort_peer, self.merge_peer, self.log_with_access_log]
        ours, sort, merge, logging = self._load(targets)
        return [
            processor_row("all events", "C: hiredis, sort", ours, sort, limit=1.5),
            processor_row("all events, peer merges", "C: hiredis, merge", ours, merge),
            processor_row("all events, access log on", "C: hiredis, sort", logging, sort),
        ]

    def one_event_rows(self):
        ours, fixed, reading = self._load([self.one_event, self.fixed_peer, self.one_event_peer])
        return [
            throughput_row("one event", "C: fixed body", ours, fixed, limit=0.8),
            throughput_row("one event, peer reads it", "C: hiredis, as stored", ours, reading),
            processor_row("one event, processor", "C: fixed body", ours, fixed),
        ]

    def memory_rows(self):
        peak = measure.memory_megabytes(self.log.pid, "VmHWM")
        resident = measure.memory_megabytes(self.log.pid, "VmRSS")
        return [
            Row("memory, peak", "limit", peak, MEMORY_LIMIT_MEGABYTES, "MB", limit=1, is_maximum=True),
            Row("memory, after load", "limit", resident, MEMORY_LIMIT_MEGABYTES, "MB"),
        ]

    def cgi_rows(self):
        environment = {
            "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "GET",
            "REQUEST_URI": LOG_PATH, "QUERY_STRING": "", "REQUEST_SCHEME": "https", "HTTPS": "on",
            "REMOTE_USER": sample.MEMBER, "HOOKLINE_REDIS": "unix:" + self.redis,
            "HOOKLINE_DIRECTORY": self.directory, "PEER_REDIS": self.redis, "PEER_APP": str(sample.APP_ID),
        }
        programs = [
            os.path.join(self.programs, "hookline-fcgi"), os.path.join(self.peers, "log-cgi"),
            os.path.join(self.peers, "log-cgi-static"),
        ]
        self._check_cgi(programs[0], environment)
        ours, dynamic, static = measure.cgi_medians(
            self.stage, os.path.join(self.peers, "cgi-clock"), programs, environment, CGI_RUNS)
        return [
            Row("CGI, start to last byte", "C: CGI", ours, dynamic, "µs", limit=3, is_maximum=True),
            Row("CGI, peer linked statically", "C: CGI, static", ours, static, "µs"),
        ]

    def _check_cgi(self, program, environment):
        settings = [f"{name}={value}" for name, value in environment.items()]
        answer = self.stage.run(["env", "-i", *settings, program], stdin=None)
        body = answer.replace("\r\n", "\n").partition("\n\n")[2]
        if len(json.loads(body)) != 100:
            raise Failure(f"{program} as a CGI program answers:\n{answer[:500]}")

    def _load(self, targets):
        return measure.load_in_turns(self.stage, targets, ROUND_SECONDS, ROUNDS)


def fetch(url):
    """The body of a successful answer."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.read()
    except OSError as error:
        raise Failure(f"{url}: {error}") from error


def throughput_row(name, peer, ours, theirs, limit=None):
    """Requests per second of two responders that were loaded in turns."""
    values = [sum(r.requests for r in rounds) / sum(r.seconds for r in rounds) for rounds in (ours, theirs)]
    ratios = tuple(a.rate / b.rate for a, b in zip(ours, theirs))
    return Row(name, peer, *values, "requests/s", limit=limit, round_ratios=ratios)


def processor_row(name, peer, ours, theirs, limit=None):
    """Requests per processor second of two responders that were loaded in turns."""
    values = [sum(r.requests for r in rounds) / sum(r.cpu_seconds for r in rounds) for rounds in (ours, theirs)]
    ratios = tuple(a.requests_per_cpu_second / b.requests_per_cpu_second for a, b in zip(ours, theirs))
    return Row(name, peer, *values, "requests/CPU s", limit=limit, round_ratios=ratios)


def delivery_row(name, peer, ours, theirs, limit=None):
    """Deliveries per processor second of two senders that worked in turns."""
    values = [sum(r.count for r in rounds) / sum(r.cpu_seconds for r in rounds) for rounds in (ours, theirs)]
    ratios = tuple(a.per_cpu_second / b.per_cpu_second for a, b in zip(ours, theirs))
    return Row(name, peer, *values, "deliveries/CPU s", limit=limit, round_ratios=ratios)


def print_table(rows):
    cells = [("row", "peer", "hookline", "peer value", "unit", "ratio", "rounds", "target", "")]
    cells += [
        (
            r.name, r.peer, f"{r.hookline:.1f}", f"{r.peer_value:.1f}", r.unit, f"{r.ratio:.2f}", r.spread, r.target,
            r.verdict,
        )
        for r in rows
    ]
    widths = [max(len(line[n]) for line in cells) for n in range(len(cells[0]))]
    for line in cells:
        padded = [
            text.rjust(width) if n in (2, 3, 5) else text.ljust(width)
            for n, (text, width) in enumerate(zip(line, widths))
        ]
        print("  ".join(padded).rstrip())


def write_json(rows, path):
    values = [
        {
            "row": r.name, "peer": r.peer, "hookline": round(r.hookline, 3), "peer_value": round(r.peer_value, 3),
            "unit": r.unit, "ratio": round(r.ratio, 3),
        }
        for r in rows
    ]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(values, file, indent=2, ensure_ascii=False)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help="folder of hookline and hookline-fcgi")
    parser.add_argument("--peers", required=True, help="folder of the compiled peers")
    parser.add_argument("--json", required=True, help="file to write the rows to")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with Stage() as stage:
            bench = Bench(stage, arguments.programs, arguments.peers)
            bench.check()
            rows = bench.all_events_rows() + bench.one_event_rows() + bench.memory_rows() + bench.cgi_rows()
            deliveries = DeliveryBench(stage, arguments.programs, arguments.peers, bench.redis, DELIVERIES)
            rows += deliveries.rows(DELIVERY_ROUNDS, delivery_row)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    print_table(rows)
    write_json(rows, arguments.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
