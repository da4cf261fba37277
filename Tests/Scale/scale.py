"""Asks a directory of 100,000 apps, a million members and a million tokens in the original's tables in PostgreSQL.

Each kind of request must be answered with its status, make no more statements than it has look-ups, and read no large
table from end to end. Prints one line for each kind. Exit status: 0, 1 where one of these fails, 2 when the test could
not be run.
"""

import argparse
import datetime
import json
import os
import random
import statistics
import sys
import time

import fastcgi
import sample
from installation import Installation
from kinds import SECRET, Asker
from postgresql_server import ROLE, PostgreSQLServer
from server_fixture import Failure, ServerFixture

# Tables with so many rows must be read by indexes.
LARGE_TABLE_ROWS = 10_000
# Connections, prepared statements and generic plans are made by the first requests.
WARM_UP = 8
# The responder asks which columns exist every minute, in two statements.
INSPECTION_SECONDS, INSPECTION_STATEMENTS = 60, 2
FLUSH_DEADLINE_SECONDS = 15
# Tables that requests must have asked, or nothing was tested.
ASKED = (
    "auth_user", "sentry_apitoken", "sentry_organizationmember", "sentry_sentryapp", "sentry_sentryappinstallation",
)


def main():
    options = parse()
    installation = options.installation
    print(
        f"{installation.apps} apps, {installation.organizations} organizations, {installation.members} members, "
        f"{installation.tokens} tokens, {installation.installations} installations; seed {options.seed}", flush=True)
    with ServerFixture() as fixture:
        scale = Scale(fixture, options.products, installation, random.Random(options.seed))
        begin = time.monotonic()
        scale.start()
        print(f"filled in {time.monotonic() - begin:.0f} s", flush=True)
        problems = scale.run(options.requests)
    for problem in problems:
        print(f"FAILED: {problem}")
    return 1 if problems else 0


class Scale:
    """PostgreSQL with an installation, Redis, and a responder of one thread, which has one connection."""

    def __init__(self, fixture, products, installation, source):
        self.fixture = fixture
        self.products = products
        self.installation = installation
        self.source = source
        self.asker = Asker(installation, source)
        self.kinds = self.asker.kinds()
        self.socket = fixture.path("hookline.sock")
        self._own_statements = 0
        self._statements = 0

    def start(self):
        self.server = PostgreSQLServer(self.fixture)
        # Its statements would be counted among those of the requests.
        self.server.run("ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()")
        self.installation.fill(self.server, self._migrate)
        self.redis = self.fixture.start_redis()
        secret = self.fixture.path("session-secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write(SECRET)
        os.chmod(secret, 0o600)
        settings = {
            "HOOKLINE_SETTINGS_FILE": "none", "HOOKLINE_LISTEN": "unix:" + self.socket, "HOOKLINE_THREADS": "1",
            "HOOKLINE_REDIS": "unix:" + self.redis, "HOOKLINE_DIRECTORY": self.server.url,
            "HOOKLINE_DIRECTORY_CACHE_SECONDS": "0", "HOOKLINE_SESSION_SECRET_FILE": secret,
            "HOOKLINE_ACCESS_LOG": "off",
        }
        program = os.path.join(self.products, "hookline-fcgi")
        self.fixture.start(
            "responder", ["env", *(f"{k}={v}" for k, v in settings.items()), program], self.socket)

    def run(self, requests):
        """Asks requests of each kind; returns what is wrong."""
        apps = {kind: self._random_apps(kind, WARM_UP + requests) for kind in self.kinds}
        sample.fill(self.redis, self._log({app for chosen in apps.values() for app in chosen}))
        scans = self._scans()
        for kind, chosen in apps.items():
            for app in chosen[:WARM_UP]:
                self._ask(kind, app)
        self._new_statements()
        problems = [p for kind in self.kinds for p in self._measure(kind, apps[kind][WARM_UP:])]
        return [*problems, *scan_problems(scans, self._scans())]

    def _measure(self, kind, apps):
        begin = time.monotonic()
        answers = [self._ask(kind, app) for app in apps]
        statements = self._new_statements()
        inspections = 1 + int((time.monotonic() - begin) / INSPECTION_SECONDS)
        milliseconds = statistics.median(seconds for _, seconds in answers) * 1000
        print(
            f"{kind.name:32} {kind.status} {len(apps):6} requests {milliseconds:8.2f} ms "
            f"{statements / len(apps):6.2f} statements per request of {kind.statements} look-ups", flush=True)
        for status in sorted({answer.status for answer, _ in answers} - {kind.status}):
            app, body = next((app, a.body) for app, (a, _) in zip(apps, answers, strict=True) if a.status == status)
            yield f"{kind.name}: app {app} gets {status} instead of {kind.status}: {body[:200].decode()}"
        if statements < len(apps):
            yield f"{kind.name}: {statements} statements were counted for {len(apps)} requests"
        if statements > kind.statements * len(apps) + INSPECTION_STATEMENTS * inspections:
            yield f"{kind.name}: {statements} statements for {len(apps)} requests of {kind.statements} look-ups"

    def _ask(self, kind, app):
        """The answer and how many seconds it took."""
        parameters = self.asker.parameters(kind, app)
        begin = time.monotonic()
        answer = fastcgi.ask(self.socket, parameters)
        return answer, time.monotonic() - begin

    def _new_statements(self):
        """How many statements there were since the last call, without those that this function causes.

        A connection reports its counts when a statement ends a second or more after the last report. So requests of one
        statement are made until one of them is reported, and with it everything before.
        """
        kind = min(self.kinds, key=lambda kind: kind.statements)
        before = self._transactions()
        deadline = time.monotonic() + FLUSH_DEADLINE_SECONDS
        while (now := self._transactions()) == before:
            if time.monotonic() > deadline:
                raise Failure(f"PostgreSQL reports no statement in {FLUSH_DEADLINE_SECONDS} s")
            self._ask(kind, 1)
            self._own_statements += kind.statements
            time.sleep(0.05)
        last, self._statements = self._statements, now - self._own_statements
        return self._statements - last

    def _transactions(self):
        """The reported transactions: each statement is one. Asked in another database, where nothing is counted."""
        return int(self.server.run(
            f"SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = '{ROLE}'", database="postgres"))

    def _scans(self):
        """Rows, sequential scans and index scans of each table."""
        rows = self.server.run("""
            SELECT s.relname, c.reltuples::bigint, s.seq_scan, coalesce(s.idx_scan, 0)
            FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid""").split()
        return {name: tuple(map(int, numbers)) for name, *numbers in (row.split("|") for row in rows)}

    def _random_apps(self, kind, count):
        """Apps that a kind of request can be about, each as probable as the others."""
        apps = list(filter(kind.is_about, range(1, self.installation.apps + 1)))
        return self.source.choices(apps, k=count)

    def _log(self, apps):
        """A log of one row for each app."""
        now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
        for app in sorted(apps):
            row = {
                "date": now.strftime("%Y-%m-%d %H:%M:%S.%f+00:00"), "response_code": 200,
                "webhook_url": f"https://hooks.example.test/{app}",
                "organization_id": self.installation.installing(app),
            }
            yield "sentry-app-webhook-request:{%d}:issue.created" % app, [json.dumps(row, separators=(",", ":"))]

    def _migrate(self):
        """Makes the schema `hookline`, as the owner of the original's tables."""
        url = f"postgres://postgres@/{ROLE}?host={self.server.folder}"
        self.fixture.run([os.path.join(self.products, "hookline"), "directory", "migrate", "--directory", url])


def scan_problems(before, after):
    """What is wrong with the scans in between; prints how many there were."""
    large = {name for name, (rows, _, _) in before.items() if rows >= LARGE_TABLE_ROWS}
    by_index = sum(after[name][2] - before[name][2] for name in large)
    print(f"{len(large)} tables of {LARGE_TABLE_ROWS} rows or more, {by_index} scans of their indexes")
    for name in sorted(large):
        if after[name][1] > before[name][1]:
            yield f"{name}, {before[name][0]} rows, was read from end to end {after[name][1] - before[name][1]} times"
    for name in ASKED:
        if after[name][1:] == before[name][1:]:
            yield f"{name} was never read: are the scans counted?"


def parse():
    parser = argparse.ArgumentParser(prog="scale.sh", description=__doc__)
    counts = {
        "apps": 100_000, "organizations": 10_000, "members": 1_000_000, "tokens": 1_000_000, "installations": 300_000,
    }
    for name, count in counts.items():
        parser.add_argument(f"--{name}", type=int, default=count, help=f"how many there are (default: {count})")
    parser.add_argument("--requests", type=int, default=300, help="of each kind (default: 300)")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of apps and callers (default: 1)")
    options = parser.parse_args()
    options.products = os.environ["HOOKLINE_PRODUCTS"]
    options.installation = Installation(**{name: getattr(options, name) for name in counts})
    if options.installation.problem:
        parser.error(options.installation.problem)
    if options.requests < 1:
        parser.error("there must be one request of each kind at least")
    return options


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as error:
        print(f"scale: {error}", file=sys.stderr)
        sys.exit(2)
