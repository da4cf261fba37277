"""The rows about a PostgreSQL directory and sessions, beside the embedded directory and the web server's user."""

import os
import time

import processes
import sample
from front import Front
from measure import Loader, Target, ask
from postgresql_server import ROLE, PostgreSQLServer
from reads import CLIENTS, LOG_PATH, ONE_EVENT_PATH
from report import Row, processor_row, throughput_row
from server_fixture import Failure
from session_cookie import NAME, session_cookie

TABLES = os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Tests", "TestSupport", "PostgreSQL",
    "tables-23.7.1.sql")
DATE = "'2023-07-20 09:30:00+00'"
PEER = "embedded directory, web server's user"
LIMIT = 0.9
REASON = "A session is a digest of its cookie, and checks in each request; the web server's user is a name."
MEMBER_ID = 1
SECRET = "a-secret-of-the-benchmark"
PASSWORD_HASH = "pbkdf2_sha256$1$salt$hash"
THREADS = 16
CONNECTED_LIMIT_MEGABYTES = 32
EMBEDDED_LIMIT_MEGABYTES = 24
CONNECTION_DEADLINE_SECONDS = 10


class PostgreSQLBench:
    """Responders on both directories that hold the same, and the load on them."""

    def __init__(self, fixture, starter, redis, embedded):
        self.fixture = fixture
        self.server = PostgreSQLServer(fixture)
        self.starter = starter
        self.redis = redis
        self.embedded = embedded
        self._fill()
        self.secret_file = fixture.path("session-secret")
        with open(self.secret_file, "w", encoding="utf-8") as file:
            file.write(SECRET)
        self.headers = {"Cookie": f"{NAME}={session_cookie(SECRET, MEMBER_ID, PASSWORD_HASH)}"}

    def _fill(self):
        """The tables of an original, with the rows of the embedded directory."""
        self.server.run_file(TABLES)
        document = sample.directory_document()
        self.server.run(*_organizations(document), *_users(document), *_apps(document))
        self.server.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}")

    def _responder(self, name, **options):
        return self.starter.hookline(
            name, self.redis, self.server.url, settings=[f"HOOKLINE_SESSION_SECRET_FILE={self.secret_file}"], **options)

    def rows(self, plan):
        """Cached and uncached reads of the log, both in turns."""
        pairs = {}
        for cached in (False, True):
            word = "cached" if cached else "uncached"
            ours = self._responder(f"session-{word}", cached=cached)
            theirs = self.starter.hookline(f"embedded-{word}", self.redis, self.embedded, cached=cached)
            pairs[word] = (ours, theirs)
        front = Front(self.fixture, "postgresql-front", [r for pair in pairs.values() for r in pair])
        loader = Loader(self.fixture, front)
        rows = []
        for word, (ours, theirs) in pairs.items():
            for title, path in (("all events", LOG_PATH), ("one event", ONE_EVENT_PATH)):
                targets = {
                    "ours": Target(front.address(ours) + path, ours.pids, headers=self.headers),
                    "theirs": Target(front.address(theirs) + path, theirs.pids),
                }
                if ask(targets["ours"])[1] != ask(targets["theirs"])[1]:
                    raise Failure(f"both directories answer different bodies to {path}")
                rounds = loader.in_turns(targets, CLIENTS, plan.rounds, plan.seconds)
                name = f"PostgreSQL and session, {title}, {word}"
                rows.append(throughput_row(
                    name, PEER, rounds["ours"], rounds["theirs"], limit=LIMIT, reason=REASON))
                rows.append(processor_row(name + ", processor", PEER, rounds["ours"], rounds["theirs"]))
        return rows + self._memory_rows(plan)

    def _memory_rows(self, plan):
        """Memory of 16 threads after a load, with connections to PostgreSQL and without."""
        connected = self._responder("session-memory", cached=True, threads=THREADS)
        embedded = self.starter.hookline("embedded-memory", self.redis, self.embedded, cached=True, threads=THREADS)
        front = Front(self.fixture, "postgresql-memory", [connected, embedded])
        loader = Loader(self.fixture, front)
        loader.load(Target(front.address(connected) + LOG_PATH, connected.pids, headers=self.headers), 64, plan.seconds)
        loader.load(Target(front.address(embedded) + LOG_PATH, embedded.pids), 64, plan.seconds)
        self._await_connections()
        reason = "16 threads, each with what it needs to read and write a full log, the cache, and libpq."
        return [
            Row(f"memory, {THREADS} threads, {what}", "limit",
                processes.memory_megabytes(responder.pids[0], "VmRSS"), limit, "MB", limit=1, is_maximum=True,
                reason=reason)
            for what, responder, limit in (
                ("PostgreSQL connected", connected, CONNECTED_LIMIT_MEGABYTES),
                ("embedded directory", embedded, EMBEDDED_LIMIT_MEGABYTES))
        ]

    def _await_connections(self):
        """The responder has connections, or nothing is measured."""
        deadline = time.monotonic() + CONNECTION_DEADLINE_SECONDS
        question = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'hookline'"
        while int(self.server.run(question)) == 0:
            if time.monotonic() > deadline:
                raise Failure("the responder holds no connection to PostgreSQL")
            time.sleep(0.05)


def _organizations(document):
    for row in document["organizations"]:
        values = f"{row['id']}, '{row['slug']}', '{row['name']}'"
        yield ("INSERT INTO sentry_organization (id, slug, name, status, date_added, default_role, flags) "
               f"VALUES ({values}, 0, {DATE}, 'member', 1)")


def _users(document):
    for row in document["users"]:
        yield ("INSERT INTO auth_user (id, username, email, first_name, password, is_staff, is_active, is_superuser, "
               "is_managed, is_sentry_app, is_password_expired, date_joined) "
               f"VALUES ({row['id']}, '{row['email']}', '{row['email']}', '{row['name']}', '{PASSWORD_HASH}', false, "
               f"true, false, false, {'true' if row['is_sentry_app'] else 'NULL'}, false, {DATE})")
    for row in document["memberships"]:
        yield ("INSERT INTO sentry_organizationmember (organization_id, user_id, role, flags, date_added, "
               "has_global_access, type, invite_status) "
               f"VALUES ({row['organization_id']}, {row['user_id']}, '{row['role']}', 0, {DATE}, true, 50, 0)")


def _apps(document):
    for row in document["apps"]:
        yield ("INSERT INTO sentry_apiapplication (id, client_id, client_secret, name, status, redirect_uris, "
               f"date_added) VALUES (1, 'client', '{row['client_secret']}', '{row['name']}', 0, '', {DATE})")
        yield ("INSERT INTO sentry_sentryapp (id, scopes, name, slug, status, uuid, webhook_url, is_alertable, events, "
               "schema, date_added, date_updated, application_id, owner_id, proxy_user_id, verify_install) "
               f"VALUES ({row['id']}, 0, '{row['name']}', '{row['slug']}', 1, '{row['uuid']}', "
               f"'{row['webhook_url']}', false, '{{issue.created}}', '{{}}', {DATE}, {DATE}, 1, {row['owner_id']}, "
               f"{row['proxy_user_id']}, true)")
    for row in document["installations"]:
        yield ("INSERT INTO sentry_sentryappinstallation (id, uuid, date_added, date_updated, organization_id, "
               "sentry_app_id, status) "
               f"VALUES ({row['id']}, '{row['uuid']}', {DATE}, {DATE}, {row['organization_id']}, {row['app_id']}, 1)")
