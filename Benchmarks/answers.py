"""The rows of the smallest answers: a 304, a refusal, an interaction."""

import sample
from measure import Target, ask
from reads import CLIENTS, other_rows
from report import processor_row, throughput_row

NEWER_LOG_PATH = f"/api/0/sentry-apps/{sample.APP_SLUG}/webhook-requests/"
INTERACTION_PATH = f"/api/0/sentry-apps/{sample.APP_SLUG}/interaction/"
FIXED_TAG = '"fixed"'
INTERACTION_SCRIPT = "load/interaction.lua"
INTERACTION_BODY = b'{"tsdbField":"sentry_app_viewed"}'
INTERACTION_HEADERS = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
PHP_AND_PYTHON = {"php": "php-fpm", "best": "Python, at its best"}

WITH_CACHE = (
    "The C peer compares the tag with a constant; Hookline finds out who is calling and what they may read, and "
    "whether the log is still the same."
)
WITHOUT_CACHE = WITH_CACHE + " Without a cache of answers it makes the whole answer to know its tag."


class AnswerBench:
    """304, 403 and 201, of Hookline as it is shipped."""

    def __init__(self, loader, address_of, responders, folder):
        self.loader = loader
        self.address_of = address_of
        self.responders = responders
        self.folder = folder
        self.has_cache = "cached" in responders
        self.hookline = "cached" if self.has_cache else "hookline"

    def groups(self, plan):
        return [self._not_modified(plan), self._refused(plan), self._interaction(plan)]

    def _not_modified(self, plan):
        peers = {"fixed-one": "C: fixed 304", **PHP_AND_PYTHON}
        targets = {name: self._target(name, NEWER_LOG_PATH, {"If-None-Match": FIXED_TAG}, 304) for name in peers}
        headers, _ = ask(self._target(self.hookline, NEWER_LOG_PATH, {}, 200))
        targets["hookline"] = self._target(self.hookline, NEWER_LOG_PATH, {"If-None-Match": headers["ETag"]}, 304)
        for target in targets.values():
            ask(target)
        rounds = self._load(targets, plan)
        # The answer is still the one that the tag names.
        ask(targets["hookline"])
        reason = WITH_CACHE if self.has_cache else WITHOUT_CACHE
        ours, fixed = rounds["hookline"], rounds["fixed-one"]
        return [
            throughput_row("304", peers["fixed-one"], ours, fixed, limit=0.8, reason=reason),
            processor_row("304, processor", peers["fixed-one"], ours, fixed, limit=0.8, reason=reason),
            *(processor_row("304, processor", PHP_AND_PYTHON[p], ours, rounds[p]) for p in PHP_AND_PYTHON),
            *other_rows("304", ours, rounds, peers)[1:],
        ]

    def _refused(self, plan):
        peers = {"small": "C: list of members", **PHP_AND_PYTHON}
        paths = dict.fromkeys(("hookline", *peers), f"/api/0/sentry-apps/{sample.APP_SLUG}/requests/")
        targets = {
            name: self._target(self._named(name), path, {"X-Bench-User": sample.STRANGER}, 403)
            for name, path in paths.items()
        }
        for target in targets.values():
            ask(target)
        return self._rows("refusal", peers, self._load(targets, plan))

    def _interaction(self, plan):
        peers = {"small": "C: hiredis", **PHP_AND_PYTHON}
        targets = {}
        for name in ("hookline", *peers):
            ask(self._target(self._named(name), INTERACTION_PATH, INTERACTION_HEADERS, 201), INTERACTION_BODY)
            targets[name] = self._target(self._named(name), INTERACTION_PATH, {}, 200)
            targets[name].script = f"{self.folder}/{INTERACTION_SCRIPT}"
        return self._rows("interaction", peers, self._load(targets, plan))

    @staticmethod
    def _rows(name, peers, rounds):
        ours = rounds["hookline"]
        rows = [processor_row(name, label, ours, rounds[p]) for p, label in peers.items()]
        return rows + other_rows(name, ours, rounds, peers)

    def _named(self, name):
        return self.hookline if name == "hookline" else name

    def _target(self, name, path, headers, status):
        responder = self.responders[name]
        return Target(self.address_of(responder) + path, responder.pids, dict(headers), status)

    def _load(self, targets, plan):
        return self.loader.in_turns(targets, CLIENTS, plan.side_rounds, plan.side_seconds)
