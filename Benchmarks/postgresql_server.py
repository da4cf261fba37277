"""A private PostgreSQL for measurements and fault injection, on a unix socket."""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time

from server_fixture import START_DEADLINE_SECONDS, STOP_DEADLINE_SECONDS, Failure

USER = "postgres"
ROLE = "hookline"
OPTIONS = ("listen_addresses=", "fsync=off", "shared_buffers=32MB", "max_connections=60")


class PostgreSQLServer:
    """A cluster with an empty database of the role "hookline", started on a fixture.

    The server refuses to run as root: then it runs as the user "postgres", in a folder of that user.
    """

    def __init__(self, fixture, name="postgresql", primary=None):
        self.fixture = fixture
        self.name = name
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not found:
            raise Failure("PostgreSQL is missing; on Debian scripts/dependencies.sh postgres installs it")
        self._bin = found[-1]
        self.folder = tempfile.mkdtemp(prefix="hookline-postgresql-")
        fixture.at_exit(shutil.rmtree, self.folder, ignore_errors=True)
        self._as_user = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER, USER)
            self._as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"]
        if primary is not None:
            self._as("pg_basebackup", "--host", primary, "--username", USER, "--pgdata", self._cluster,
                     "--write-recovery-conf", "--checkpoint", "fast", "--no-sync")
            self.start()
            return
        self._as("initdb", "--pgdata", self._cluster, "--username", USER, "--auth", "trust", "--encoding", "UTF8",
                 "--no-locale", "--no-sync")
        self.start()
        self.run(f"CREATE ROLE {ROLE} LOGIN", database="postgres")
        self.run(f"CREATE DATABASE {ROLE} OWNER {ROLE}", database="postgres")

    def start_standby(self):
        """A server of its own that follows this one."""
        return PostgreSQLServer(self.fixture, self.name + "-standby", primary=self.folder)

    def promote(self):
        """Makes a standby the primary; it accepts writes when this returns."""
        self._as("pg_ctl", "promote", "--pgdata", self._cluster, "--wait")

    def stop_at_once(self):
        """Stops the server without a word to its clients; it has ended when this returns."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(STOP_DEADLINE_SECONDS)

    @property
    def url(self):
        """The value of HOOKLINE_DIRECTORY."""
        return f"postgres://{ROLE}@/{ROLE}?host={self.folder}"

    def start(self):
        """Starts the server; it accepts connections when this returns."""
        settings = [part for option in OPTIONS for part in ("-c", option)]
        self.process = self.fixture.start(
            self.name,
            [*self._as_user, self._path("postgres"), "-D", self._cluster, "-c",
             f"unix_socket_directories={self.folder}", *settings],
            os.path.join(self.folder, ".s.PGSQL.5432"))
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while subprocess.run([self._path("pg_isready"), "--quiet", "--host", self.folder], check=False).returncode:
            if time.monotonic() > deadline:
                raise Failure(f"{self.name} accepts no connections")
            time.sleep(0.05)

    def run(self, *commands, database=ROLE, user=USER):
        """Runs SQL and returns what it printed, a line for each row."""
        arguments = [part for command in commands for part in ("--command", command)]
        return self.fixture.run([*self._psql(database, user), *arguments])

    def run_file(self, path, database=ROLE, user=USER):
        """Runs a file of SQL and of psql's own commands."""
        self.fixture.run([*self._psql(database, user), "--file", path])

    def _psql(self, database, user):
        return [
            self._path("psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1",
            "--host", self.folder, "--username", user, "--dbname", database]

    def _as(self, program, *arguments):
        """Runs a program of the server's as the server's user."""
        self.fixture.run([*self._as_user, self._path(program), *arguments], cwd=self.folder)

    @contextlib.contextmanager
    def session(self, statement):
        """Runs SQL, and keeps its connection open until the context is left."""
        with subprocess.Popen(
                [*self._psql(ROLE, USER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as psql:
            psql.stdin.write(statement + " SELECT 'done';\n")
            psql.stdin.flush()
            if psql.stdout.readline().strip() != "done":
                raise Failure(f"psql ends instead of running {statement}")
            try:
                yield
            finally:
                psql.stdin.close()
                psql.wait(STOP_DEADLINE_SECONDS)

    def processes(self):
        """The process ids of the server and of its children."""
        children = subprocess.run(
            ["pgrep", "--parent", str(self.process.pid)], capture_output=True, text=True, check=False).stdout
        return [self.process.pid, *map(int, children.split())]

    def _path(self, program):
        return os.path.join(self._bin, program)

    @property
    def _cluster(self):
        return os.path.join(self.folder, "cluster")
