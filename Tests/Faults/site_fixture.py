"""The real programs: Redis, nginx with the shipped files, two responders, workers; and the receiver."""

import contextlib
import json
import os
import socket
import subprocess
import time

import directory
from pgbouncer import Pgbouncer
from postgresql_server import PostgreSQLServer
from receiver import Receiver
from server_fixture import Failure

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RESPONDERS = 2
# The shortest that the worker accepts.
VISIBILITY_SECONDS = 5
RETRY_DELAYS = "1,1,2,4,8,16"
SMALL_DISK_BYTES = 4 << 20


class Site:
    """All processes of one fault, in the folder of a `ServerFixture`, which stops them.

    Programs reach Redis by a symbolic link to its socket, so that a failover can lead new connections elsewhere.
    """

    def __init__(self, fixture, products, workers=1, host="127.0.0.1", worker_prefix=(), small_disk_for="",
                 store="sqlite"):
        self.fixture = fixture
        self.products = products
        self.link = fixture.path("redis.sock")
        self.small_disk = self._small_disk() if small_disk_for else None
        self.receiver = Receiver()
        self.redis_ports = {}
        self.redis = self.start_redis("redis-1")
        os.symlink(fixture.path("redis-1.sock"), self.link)
        self.postgresql = None
        if store == "sqlite":
            self.directory = "sqlite:" + os.path.join(self.small_disk or fixture.folder, "directory.sqlite")
        else:
            self._start_postgresql(store)
        self._import(f"http://{host}:{self.receiver.port}/")
        self.log_folder = self.small_disk if small_disk_for == "log" else fixture.folder
        sockets = [fixture.path(f"hookline-{number}.sock") for number in range(1, RESPONDERS + 1)]
        self.responders = [
            self._start(f"responder-{number}", "hookline-fcgi", {"HOOKLINE_LISTEN": "unix:" + path}, path)
            for number, path in enumerate(sockets, 1)
        ]
        self.workers = [self._start_worker(f"worker-{number}", worker_prefix) for number in range(1, workers + 1)]
        self.port = self._start_nginx()

    def start_redis(self, name):
        """A Redis that loses nothing when it is killed; starting it again under its name continues with its data."""
        port = self.redis_ports.setdefault(name, _free_port())
        os.makedirs(self.fixture.path(name), exist_ok=True)
        path = self.fixture.path(name + ".sock")
        return self.fixture.start(
            name,
            ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--unixsocket", path, "--save", "",
             "--appendonly", "yes", "--appendfsync", "always", "--dir", self.fixture.path(name),
             "--enable-debug-command", "local", "--repl-diskless-sync-delay", "0"],
            path)

    def command(self, *arguments, name="redis-1"):
        """A command to Redis; an error reply is a failure."""
        return self.fixture.run(["redis-cli", "-e", "-s", self.fixture.path(name + ".sock"), *arguments], timeout=60)

    def lead_to(self, name):
        """Leads new connections to another Redis; open ones stay."""
        os.symlink(self.fixture.path(name + ".sock"), self.link + ".new")
        os.rename(self.link + ".new", self.link)

    def rows(self, kind):
        """The rows of all lists of a kind, `request` or `error`."""
        commands = [
            f"LRANGE sentry-app-webhook-{kind}:{{{app}}}:{event} 0 -1" for app in directory.APPS
            for event in directory.EVENTS
        ]
        output = self.fixture.run(["redis-cli", "-s", self.link], input="\n".join(commands) + "\n")
        return [json.loads(line) for line in output.splitlines() if line.startswith("{")]

    def wait_until_settled(self, seconds):
        """Waits until nothing is waiting, in progress or scheduled; returns how much is left when the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            status = json.loads(
                self.fixture.run(
                    [os.path.join(self.products, "hookline"), "queue", "status", "--json", "--redis",
                     "unix:" + self.link]))
            left = status["waiting"] + status["pending"] + status["scheduled"]
            if left == 0 or time.monotonic() > deadline:
                return left
            time.sleep(0.1)

    @property
    def programs(self):
        return self.responders + self.workers

    def _start(self, name, program, settings, ready, prefix=()):
        settings = {
            "HOOKLINE_SETTINGS_FILE": "none", "HOOKLINE_REDIS": "unix:" + self.link,
            "HOOKLINE_DIRECTORY": self.directory,
            "HOOKLINE_LOG_FILE": os.path.join(self.log_folder, name + ".messages"), **settings,
        }
        command = ["env", *(f"{k}={v}" for k, v in settings.items()), *prefix, os.path.join(self.products, program)]
        return self.fixture.start(name, command, ready)

    def _start_worker(self, name, prefix):
        settings = {
            "HOOKLINE_ALLOWED_NETWORKS": "127.0.0.0/8", "HOOKLINE_WEBHOOK_TIMEOUT_MS": "3000",
            "HOOKLINE_RETRY_DELAYS": RETRY_DELAYS, "HOOKLINE_VISIBILITY_SECONDS": str(VISIBILITY_SECONDS),
            "HOOKLINE_DISABLE_APPS": "none",
        }
        return self._start(name, "hookline-worker", settings, None, prefix)

    def _import(self, url):
        path = self.fixture.path("directory.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(directory.document(url), file)
        self.fixture.run(
            [os.path.join(self.products, "hookline"), "directory", "import", "--directory", self.directory, path])

    def _start_postgresql(self, store):
        """A PostgreSQL with the directory's tables; with "standby", one that programs use when it becomes the primary;
        with "pgbouncer", programs reach it through that.
        """
        self.postgresql = PostgreSQLServer(self.fixture)
        self.directory = self.postgresql.url
        if store == "standby":
            self.standby = self.postgresql.start_standby()
            self.directory = (
                f"postgres:///hookline?user=hookline&host={self.postgresql.folder},{self.standby.folder}"
                "&target_session_attrs=read-write")
        self.fixture.run([
            os.path.join(self.products, "hookline"), "directory", "migrate", "--standalone", "--directory",
            self.directory])
        if store == "pgbouncer":
            self.pgbouncer = Pgbouncer(self.fixture, self.postgresql)
            self.directory = self.pgbouncer.url

    def _start_nginx(self):
        port = _free_port()
        with open(self.fixture.path("htpasswd"), "w", encoding="ascii"):
            pass
        self.fixture.run(
            [os.path.join(ROOT, "scripts", "nginx-site.sh"), self.fixture.folder, "--port", str(port), "--rate",
             "10000r/s", "--burst", "1000"])
        self.fixture.start(
            "nginx", ["nginx", "-e", self.fixture.path("nginx-error.log"), "-c", self.fixture.path("nginx.conf")], port)
        return port

    def _small_disk(self):
        """A small file system of its own, unmounted at the end; a failure where mounting is not allowed."""
        path = self.fixture.path("small")
        os.mkdir(path)
        self.fixture.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES}", "tmpfs", path])
        self.fixture.at_exit(subprocess.run, ["umount", "--lazy", path], check=False)
        return path

    @contextlib.contextmanager
    def full_disk(self):
        """Fills the small disk."""
        path = os.path.join(self.small_disk, "ballast")
        with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        try:
            yield
        finally:
            os.remove(path)


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def can(*command):
    """Whether a command that needs rights succeeds here."""
    return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode == 0


def wait_until(what, condition, seconds=30):
    """Waits for a condition; a failure when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"not in {seconds} s: {what}")
        time.sleep(0.02)


def build_preload(fixture):
    """The library that moves the clock of a program; returns its path."""
    path = fixture.path("clock.so")
    source = os.path.join(HERE, "clock.c")
    fixture.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", path, source, "-ldl"])
    return path

