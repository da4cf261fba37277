"""Load on responders in turns, and what each round of it took."""

import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field

import processes
from server_fixture import Failure

# A load with fewer answers says nothing; it is made again, longer.
FEWEST_ANSWERS = 10
LONGEST_LOAD_SECONDS = 32
UNITS_IN_MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}


@dataclass
class Target:
    """One question to a responder behind nginx, and the processes that answer it.

    `status` is what every answer must have; `script` is a file for wrk, `arguments` are the script's.
    """

    url: str
    pids: list[int]
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    script: str = ""
    arguments: tuple[str, ...] = ()

    def command(self, clients, seconds):
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
        command += [part for name, value in self.headers.items() for part in ("-H", f"{name}: {value}")]
        command += ["-s", self.script] if self.script else []
        command.append(self.url)
        return command + (["--", *self.arguments] if self.arguments else [])


@dataclass
class Round:
    """One bounded load on one target.

    `answered` is what came back within `seconds`; `served` is all that the responder was asked, which took it
    `cpu_seconds`: clients leave at the end of the load, and what they asked last is answered all the same. The
    percentiles of the time to answer are in milliseconds.
    """

    answered: int
    seconds: float
    served: int
    cpu_seconds: float
    p50: float
    p99: float

    @property
    def rate(self):
        return self.answered / self.seconds

    @property
    def requests_per_cpu_second(self):
        return self.served / self.cpu_seconds


class Loader:
    """Loads targets behind one nginx."""

    def __init__(self, fixture, front):
        self.fixture = fixture
        self.front = front
        self._warm = set()
        self._least_seconds = {}

    def in_turns(self, targets, clients, rounds, seconds):
        """Loads named targets one after the other, several times over; returns the rounds of each name."""
        for target in targets.values():
            self._warm_up(target, clients)
        results = {name: [] for name in targets}
        for _ in range(rounds):
            for name, target in targets.items():
                results[name].append(self.load(target, clients, seconds))
        return results

    def load(self, target, clients, seconds):
        """Loads a target for some seconds, longer if it is slow; every answer must be of the expected status."""
        seconds = max(seconds, self._least_seconds.get(target.pids[0], 0))
        while True:
            result = self._load_once(target, clients, seconds)
            if result.answered >= FEWEST_ANSWERS:
                return result
            if seconds >= LONGEST_LOAD_SECONDS:
                raise Failure(f"{target.url} answers {result.answered} requests in {seconds} s")
            seconds *= 2
            self._least_seconds[target.pids[0]] = seconds

    def _load_once(self, target, clients, seconds):
        asked = self.front.requests()
        before = processes.cpu_seconds(target.pids)
        text = self.fixture.run(target.command(clients, seconds))
        served = self.front.drained_requests() - asked
        cpu = processes.cpu_seconds(target.pids) - before
        answered = int(re.search(r"(\d+) requests in", text).group(1))
        found = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        refused = int(found.group(1)) if found else 0
        if refused != (answered if target.status >= 400 else 0) or "Socket errors" in text:
            raise Failure(f"load on {target.url} fails:\n{text}")
        elapsed = float(re.search(r"requests in ([\d.]+)s", text).group(1))
        return Round(answered, elapsed, served, cpu, _latency(text, 50), _latency(text, 99))

    def _warm_up(self, target, clients):
        if target.pids[0] not in self._warm:
            self._warm.add(target.pids[0])
            self.load(target, clients, 1)


def _latency(text, percent):
    """A percentile of wrk's table, in milliseconds."""
    number, unit = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$", text, re.MULTILINE).groups()
    return float(number) * UNITS_IN_MILLISECONDS[unit]


def ask(target, body=None):
    """One request; returns the answer's headers and body. Another status than the expected one is a failure."""
    request = urllib.request.Request(target.url, headers=target.headers, data=body)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, headers, content = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, headers, content = error.code, error.headers, error.read()
    except OSError as error:
        raise Failure(f"{target.url}: {error}") from error
    if status != target.status:
        raise Failure(f"{target.url} answers {status}, not {target.status}: {content[:500]!r}")
    return headers, content
