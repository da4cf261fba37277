"""The rows of the log's reads: all events and one event, at 1, 16 and 64 clients."""

import sample
from measure import Target
from report import latency_row, not_measured, processor_row, throughput_row

LOG_PATH = f"/api/0/sentry-apps/{sample.APP_SLUG}/requests/"
ONE_EVENT_PATH = LOG_PATH + "?eventType=issue.assigned"
# How many clients the rows that carry targets have.
CLIENTS = 16
FEW, MANY = 1, 64

NO_CACHE = "The program has no HOOKLINE_LOG_CACHE_BYTES, so it has no cache of answers."
READS_MORE = (
    "Hookline finds out who is calling and what they may read, validates what it answers and writes the answer's own "
    "shape; the C peer does none of that and copies the entries as they are stored."
)
FIXED_DOES_NOTHING = (
    "The C peer writes a body made before the load; Hookline finds out who is calling and what they may read, and "
    "sends the API's headers."
)
FIXED_ASKS_NOTHING = FIXED_DOES_NOTHING + " Here it also asks Redis, for each request anew."

PEERS = {
    "sort": "C: hiredis, sort",
    "php": "php-fpm",
    "php-best": "php-fpm, at its best",
    "original": "Python, as the original",
    "best": "Python, at its best",
}
RECEIVER = "C: only receives"
# The peers whose targets are compared with what only receiving the lists reaches.
CEILINGS = ("original", "best")
LIMITS = {"sort": 2.0, "php": 10, "original": 400, "best": 8}
REASONS = {
    "sort": READS_MORE,
    "php": (
        "php-redis, json_decode, the sort and json_encode are C, too. Hookline finds out who is calling and what they "
        "may read in its directory; the peer has a constant array."
    ),
    "original": (
        "The peer's time goes into 2000 dates (dateutil) and 2000 entries (json). It has no framework and no "
        "directory, both of which the original has. What receiving 620 KB leaves of the ratio, the rows of the "
        "receiver say."
    ),
    "best": (
        "hiredis, the sort and orjson are C and Rust, and of 2000 entries the peer decodes the 100 that it answers, as "
        "Hookline does; what is left is receiving 620 KB, see the rows of the receiver."
    ),
}


class ReadBench:
    """All events and one event of the busy app. `ours` and `peers` are targets by name for a path."""

    def __init__(self, loader, address_of, responders):
        self.loader = loader
        self.address_of = address_of
        self.responders = responders

    def target(self, name, path):
        responder = self.responders[name]
        return Target(self.address_of(responder) + path, responder.pids)

    def all_events(self, plan):
        """Groups of rows at 16, 1 and 64 clients."""
        names = ["hookline", "sort", "merge", "receiving", "logging", *PEERS]
        rounds = self._load(names + self._cached("fixed-log"), LOG_PATH, CLIENTS, plan.rounds, plan.seconds)
        ours = rounds["hookline"]
        first = [
            processor_row("all events", PEERS[p], ours, rounds[p], limit=LIMITS.get(p), reason=REASONS.get(p, ""))
            for p in PEERS
        ]
        first += [
            processor_row("all events, peer merges", "C: hiredis, merge", ours, rounds["merge"]),
            processor_row("all events, peer only receives", RECEIVER, ours, rounds["receiving"]),
            # About what the targets beside the same peers could be at most: the first value is the receiver's.
            *(processor_row("all events, receiver in Hookline's place", PEERS[p], rounds["receiving"], rounds[p])
              for p in CEILINGS),
            processor_row("all events, access log on", PEERS["sort"], rounds["logging"], rounds["sort"]),
        ]
        first += self._cached_rows("all events", "fixed-log", rounds)
        groups = [first, other_rows("all events", ours, rounds, PEERS)]
        for clients in (FEW, MANY):
            rounds = self._load(["hookline", *PEERS], LOG_PATH, clients, plan.side_rounds, plan.side_seconds)
            groups.append(self._side_rows("all events", clients, rounds, PEERS))
        groups[-1].append(latency_row(
            f"all events, {MANY} clients, p99 beside its p50", PEERS["php"], rounds["hookline"], rounds["php"],
            "p99", "p50", limit=1, is_maximum=True,
            reason="The clients share the processors with nginx, Redis and wrk; a long tail comes from their turns."))
        return groups

    def one_event(self, plan):
        """Groups of rows at 16, 1 and 64 clients."""
        peers = {"one": "C: hiredis, as stored", "php": PEERS["php"], "original": PEERS["original"],
                 "best": PEERS["best"]}
        names = ["hookline", "fixed-one", *peers]
        rounds = self._load(names + self._cached(), ONE_EVENT_PATH, CLIENTS, plan.rounds, plan.seconds)
        ours, fixed = rounds["hookline"], rounds["fixed-one"]
        first = [
            throughput_row("one event", "C: fixed body", ours, fixed, limit=0.8, reason=FIXED_ASKS_NOTHING),
            throughput_row("one event, peer reads it", peers["one"], ours, rounds["one"]),
            processor_row("one event, processor", "C: fixed body", ours, fixed),
        ]
        first += [processor_row("one event, processor", peers[p], ours, rounds[p]) for p in peers]
        first += self._cached_rows("one event", "fixed-one", rounds, has_target=False)
        groups = [first, other_rows("one event", ours, rounds, peers)]
        for clients in (FEW, MANY):
            rounds = self._load(["hookline", *peers], ONE_EVENT_PATH, clients, plan.side_rounds, plan.side_seconds)
            groups.append(self._side_rows("one event", clients, rounds, peers))
        return groups

    def _load(self, names, path, clients, rounds, seconds):
        targets = {name: self.target(name, path) for name in names}
        return self.loader.in_turns(targets, clients, rounds, seconds)

    def _cached(self, *also):
        return ["cached", *also] if "cached" in self.responders else []

    @staticmethod
    def _cached_rows(name, fixed, rounds, has_target=True):
        target = {"limit": 0.8} if has_target else {}
        rows = ((f"{name}, cached", throughput_row, "requests/s"),
                (f"{name}, cached, processor", processor_row, "requests/CPU s"))
        if "cached" not in rounds:
            return [not_measured(title, "C: fixed body", unit, NO_CACHE, **target) for title, _, unit in rows]
        return [
            make(title, "C: fixed body", rounds["cached"], rounds[fixed], reason=FIXED_DOES_NOTHING, **target)
            for title, make, _ in rows
        ]

    @staticmethod
    def _side_rows(name, clients, rounds, peers):
        title = f"{name}, {clients} client" + ("" if clients == 1 else "s")
        ours = rounds["hookline"]
        rows = [processor_row(f"{title}, processor", peers[p], ours, rounds[p]) for p in peers]
        return rows + other_rows(title, ours, rounds, peers)


def other_rows(name, ours, rounds, peers):
    """Requests per second and the two percentiles, beside each peer."""
    rows = [throughput_row(f"{name}, throughput", label, ours, rounds[p]) for p, label in peers.items()]
    for percentile in ("p50", "p99"):
        rows += [
            latency_row(f"{name}, {percentile}", label, ours, rounds[p], percentile, percentile)
            for p, label in peers.items()
        ]
    return rows
