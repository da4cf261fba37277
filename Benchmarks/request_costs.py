"""What one request costs hookline-fcgi, in counts that do not depend on the machine; see docs/performance.md."""

import argparse
import datetime
import json
import os
import re
import signal
import sys
import time
from dataclasses import dataclass

import fastcgi
import sample
from server_fixture import Failure, ServerFixture

WARM_UP = 20
REQUESTS = 40
DEADLINE_SECONDS = 60
APP_PATH = f"/api/0/sentry-apps/{sample.APP_SLUG}/"
EVENT = "issue.assigned"
# Memory for answers where they are kept: the setting's default.
KEPT_BYTES = 4 << 20
HUNDRED_ROWS = "one event, 100 rows"
ONE_ROW = "one event, 1 row"
# As a browser behind the shipped nginx/hookline.params.
PARAMETERS = {
    "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_SOFTWARE": "nginx/1.22.1", "SERVER_PROTOCOL": "HTTP/2.0",
    "SERVER_ADDR": "127.0.0.1", "SERVER_PORT": "443", "SERVER_NAME": "hookline.example",
    "REMOTE_ADDR": "192.0.2.7", "REMOTE_PORT": "51234", "REQUEST_METHOD": "GET", "REQUEST_SCHEME": "https",
    "HTTPS": "on", "CONTENT_TYPE": "", "CONTENT_LENGTH": "", "REQUEST_ID": "6f4c2b1e8a9d4f70b3c5d7e9f1a2b3c4",
    "AUTH_TYPE": "nginx", "REMOTE_USER": sample.MEMBER, "AUTH_SUPERUSER": "0", "HTTP_HOST": "hookline.example",
    "HTTP_ACCEPT": "application/json", "HTTP_REFERER": "https://hookline.example/app.html",
    "HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64)", "HTTP_PROXY": "",
}
ALLOCATORS = ("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign")
COPIERS = re.compile(r"_*mem(cpy|move|set|pcpy)(_|$)")


@dataclass
class Kind:
    """A kind of request, and the status that says that it was answered as it should be."""

    name: str
    path: str
    status: int = 200
    user: str = sample.MEMBER
    entity_tag: str = ""

    @property
    def parameters(self):
        query = self.path.partition("?")[2]
        extra = {"REQUEST_URI": self.path, "QUERY_STRING": query, "REMOTE_USER": self.user}
        if self.entity_tag:
            extra["HTTP_IF_NONE_MATCH"] = self.entity_tag
        return PARAMETERS | extra


@dataclass
class Costs:
    """What one request of a kind costs, on average."""

    instructions: float = 0
    copying: float = 0
    allocations: float = 0
    calls: float = 0
    received: float = 0
    sent: float = 0


class Profile:
    """Redis with the sample's lists, and a responder of one thread under a tool."""

    def __init__(self, fixture, programs):
        self.fixture = fixture
        self.programs = programs
        self.redis = fixture.start_redis()
        lists = sample.stored_lists(datetime.datetime.now(datetime.UTC))
        rows = lists["sentry-app-webhook-request:{%d}:%s" % (sample.APP_ID, EVENT)]
        lists["sentry-app-webhook-error:{%d}:%s" % (sample.APP_ID, EVENT)] = rows[:1]
        sample.fill(self.redis, lists.items())
        self.directory = "sqlite:" + fixture.path("directory.sqlite")
        document = fixture.path("directory.json")
        with open(document, "w", encoding="utf-8") as file:
            json.dump(sample.directory_document(), file)
        hookline = os.path.join(programs, "hookline")
        fixture.run([hookline, "directory", "import", "--directory", self.directory, document])

    def start(self, name, tool, cache_bytes):
        """A responder under a tool that keeps so many bytes of answers; its process and its socket."""
        path = self.fixture.path(name + ".sock")
        # The directory's answers count for the whole run: when they are asked for again is the clock's affair.
        arguments = [
            os.path.join(self.programs, "hookline-fcgi"), "--listen", "unix:" + path, "--redis", "unix:" + self.redis,
            "--directory", self.directory, "--directory-cache-seconds", "300", "--threads", "1", "--access-log", "off",
            "--log-cache-bytes", str(cache_bytes),
        ]
        return self.fixture.start(name, [*tool, *arguments], path), path

    def kinds(self, path, cache_bytes):
        """What is asked; the responder at `path` tells the tag of an answer."""
        log, newer = APP_PATH + "requests/", APP_PATH + "webhook-requests/"
        tag = fastcgi.ask(path, Kind("", newer + f"?eventType={EVENT}").parameters).headers["etag"]
        if cache_bytes > 0:
            return [
                Kind("all events, kept", log),
                Kind("not modified, kept", newer + f"?eventType={EVENT}", status=304, entity_tag=tag),
            ]
        return [
            Kind("all events", log),
            Kind(HUNDRED_ROWS, log + f"?eventType={EVENT}"),
            Kind(ONE_ROW, log + f"?eventType={EVENT}&errorsOnly=1"),
            Kind("not modified", newer + f"?eventType={EVENT}", status=304, entity_tag=tag),
            Kind("refusal", log, status=401, user=""),
            Kind("ping", "/-/ping"),
        ]

    def count_instructions(self, costs, cache_bytes):
        """Fills in what callgrind counts."""
        name = f"callgrind-{cache_bytes}"
        out = self.fixture.path(name + ".out")
        process, path = self.start(
            name, ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out], cache_bytes)
        for number, kind in enumerate(self.kinds(path, cache_bytes), 1):
            ask(path, kind, WARM_UP)
            self.fixture.run(["callgrind_control", "--zero", str(process.pid)])
            ask(path, kind, REQUESTS)
            self.fixture.run(["callgrind_control", "--dump=" + kind.name, str(process.pid)])
            with open(f"{out}.{number}", encoding="utf-8") as file:
                read_callgrind(file, costs.setdefault(kind.name, Costs()))
        stop(process)

    def count_calls(self, costs, cache_bytes):
        """Fills in what strace sees."""
        name = f"strace-{cache_bytes}"
        trace = self.fixture.path(name + ".out")
        process, path = self.start(name, ["strace", "-D", "-f", "-q", "-s", "0", "-o", trace], cache_bytes)
        kinds = self.kinds(path, cache_bytes)
        for kind in kinds:
            ask(path, kind, WARM_UP + REQUESTS)
        process.send_signal(signal.SIGTERM)
        requests = split_trace(read_trace(trace))[-len(kinds) * (WARM_UP + REQUESTS):]
        for kind in kinds:
            count_calls(requests[WARM_UP:WARM_UP + REQUESTS], costs.setdefault(kind.name, Costs()))
            del requests[:WARM_UP + REQUESTS]


def ask(path, kind, count):
    for _ in range(count):
        answer = fastcgi.ask(path, kind.parameters)
        if answer.status != kind.status:
            raise Failure(f"{kind.path} answers {answer.status}, not {kind.status}: {answer.body[:300]}")


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait(DEADLINE_SECONDS)


def read_callgrind(lines, costs):
    """Takes a dump of callgrind: what its functions cost by themselves, and how often which was called."""
    names, function, is_inclusive = {}, "", False
    counts = {"instructions": 0, "copying": 0, "allocations": 0}
    for line in lines:
        key, separator, value = line.rstrip("\n").partition("=")
        if separator and key in ("fn", "cfn"):
            number, _, name = value.partition(" ")
            name = names.setdefault(number, name)
            function, called = (name, "") if key == "fn" else (function, name)
        elif separator and key == "calls":
            is_inclusive = True
            counts["allocations"] += int(value.split()[0]) if called.partition("'")[0] in ALLOCATORS else 0
        elif line[0] in "+-*0123456789":
            own = 0 if is_inclusive else int(line.split()[1])
            is_inclusive = False
            counts["instructions"] += own
            counts["copying"] += own if COPIERS.match(function) else 0
    for name, count in counts.items():
        setattr(costs, name, count / REQUESTS)


def read_trace(path):
    """The lines of a trace whose program was told to end, once it has."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.readlines()
        if lines and "+++ exited with 0 +++" in lines[-1]:
            return lines
        time.sleep(0.02)
    raise Failure("the responder under strace does not end")


def split_trace(lines):
    """The trace's lines request by request: each begins where its connection is accepted."""
    requests = []
    for line in lines:
        if re.search(r"accept4?\b.*= \d+$", line):
            requests.append([])
        # Waiting for signals is the main thread's, which looks at the clock ten times a second.
        if requests and "rt_sigtimedwait" not in line:
            requests[-1].append(line)
    return requests


def count_calls(requests, costs):
    lines = [line for request in requests for line in request]
    costs.calls = sum("resumed>" not in line for line in lines) / REQUESTS
    costs.received = total(lines, r"(recvfrom|recvmsg|read|readv)")
    costs.sent = total(lines, r"(sendto|sendmsg|write|writev)")


def total(lines, calls):
    """The bytes that calls have moved, for one request; those that only look do not count."""
    pattern = re.compile(rf"^\d+ +(<\.\.\. )?{calls}\b(?!.*MSG_PEEK).*= (\d+)$")
    return sum(int(found[3]) for found in map(pattern.match, lines) if found) / REQUESTS


COLUMNS = (
    ("instructions", "instructions"), ("copying", "of them copying"), ("allocations", "allocations"),
    ("calls", "system calls"), ("received", "bytes received"), ("sent", "bytes sent"),
)


def excesses(costs, limits):
    """What costs more than it may, in words: `limits` has allocations and system calls by the kind of request."""
    found = []
    for name, limit in limits["kinds"].items():
        spent = {"allocations": costs[name].allocations, "system calls": costs[name].calls}
        for title, most in limit.items():
            # An average of whole numbers, to which the clock's ticks and the growth of kept memory add a little.
            if spent[title] >= most + 0.5:
                found.append(f"{name}: {spent[title]:.1f} {title}, at most {most} are expected")
    growth = costs[HUNDRED_ROWS].allocations - costs[ONE_ROW].allocations
    if growth >= limits["allocations for 99 rows more"] + 0.5:
        found.append(f"99 rows more take {growth:.0f} allocations more: something is allocated for each row")
    return found


def print_table(costs):
    print("per request".ljust(22) + "".join(title.rjust(17) for _, title in COLUMNS))
    for name, cost in costs.items():
        cells = (f"{getattr(cost, field):,.0f}" if field != "calls" else f"{cost.calls:.1f}" for field, _ in COLUMNS)
        print(name.ljust(22) + "".join(cell.rjust(17) for cell in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help="folder of hookline and hookline-fcgi")
    parser.add_argument("--limits", required=True, help="file of what may be spent")
    parser.add_argument("--check", action="store_true", help="fail where more is spent")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    costs = {}
    try:
        with ServerFixture() as fixture:
            profile = Profile(fixture, arguments.programs)
            for cache_bytes in (0, KEPT_BYTES):
                profile.count_instructions(costs, cache_bytes)
                profile.count_calls(costs, cache_bytes)
    except Failure as failure:
        print(f"profile: {failure}", file=sys.stderr)
        return 1
    print_table(costs)
    if not arguments.check:
        return 0
    with open(arguments.limits, encoding="utf-8") as file:
        found = excesses(costs, json.load(file))
    for text in found:
        print(f"profile: {text}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
