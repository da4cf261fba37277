"""The responders of a measurement: Hookline and its peers, each on a unix socket."""

import os
import time
from dataclasses import dataclass

import processes
import sample
from server_fixture import Failure

THREADS = 8
CACHE_VARIABLE = "HOOKLINE_LOG_CACHE_BYTES"
FOLDER = os.path.dirname(os.path.abspath(__file__))
START_DEADLINE_SECONDS = 20

POOL_CONFIGURATION = """
[global]
error_log = %(folder)s/php-fpm-errors.log
daemonize = no
[bench]
%(user)s
listen = %(socket)s
listen.backlog = 511
pm = static
pm.max_children = %(children)d
pm.max_requests = 0
env[BENCH_REDIS] = %(redis)s
"""

# What the manual of OPcache advises where files do not change, with the tracing compiler.
PHP_SETTINGS = {
    "opcache.enable": "1",
    "opcache.memory_consumption": "128",
    "opcache.interned_strings_buffer": "8",
    "opcache.max_accelerated_files": "4000",
    "opcache.validate_timestamps": "0",
    "opcache.save_comments": "0",
    "opcache.jit": "tracing",
    "opcache.jit_buffer_size": "64M",
    "realpath_cache_ttl": "600",
    "display_errors": "0",
}


@dataclass
class Responder:
    """A started responder. `script` is what php-fpm is to run."""

    name: str
    socket: str
    pids: list[int]
    speaks_http: bool = False
    script: str = ""


@dataclass
class Programs:
    """Where the programs are: Hookline's, the compiled peers, and the Python of the Python peers."""

    hookline: str
    peers: str
    python: str

    def path(self, name):
        return os.path.join(self.hookline, name)

    def peer(self, name):
        return os.path.join(self.peers, name)


class Starter:
    """Starts responders on a fixture."""

    def __init__(self, fixture, programs):
        self.fixture = fixture
        self.programs = programs
        self.knows_cache = CACHE_VARIABLE in fixture.run([programs.path("hookline-fcgi"), "--help"])

    def hookline(self, name, redis, directory, *, cached=False, access_log="off", threads=THREADS, settings=()):
        """`settings` are further ones, as NAME=VALUE. `cached` leaves the cache of answers at its default; otherwise it
        is off, where the program has one.
        """
        path = self.fixture.path(name + ".sock")
        no_cache = [f"{CACHE_VARIABLE}=0"] if self.knows_cache and not cached else []
        command = [
            "env", *no_cache, *settings, self.programs.path("hookline-fcgi"), "--listen", "unix:" + path,
            "--redis", "unix:" + redis, "--directory", directory, "--threads", str(threads), "--access-log", access_log,
        ]
        return Responder(name, path, [self.fixture.start(name, command, path).pid])

    def peer(self, name, program, *arguments):
        """A compiled peer; the socket goes before its arguments."""
        path = self.fixture.path(name + ".sock")
        command = [self.programs.peer(program), path, *map(str, arguments)]
        return Responder(name, path, [self.fixture.start(name, command, path).pid])

    def php(self, redis):
        """php-fpm with as many processes as the others have threads; the same pool for both scripts."""
        path = self.fixture.path("php-fpm.sock")
        configuration = self.fixture.path("php-fpm.conf")
        is_root = os.geteuid() == 0
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(POOL_CONFIGURATION % {
                "folder": self.fixture.folder, "socket": path, "children": THREADS, "redis": redis,
                "user": "user = root\ngroup = root" if is_root else "",
            })
        settings = [part for name, value in PHP_SETTINGS.items() for part in ("-d", f"{name}={value}")]
        command = ["php-fpm8.2", "--nodaemonize", "--fpm-config", configuration, *settings]
        process = self.fixture.start("php-fpm", command + (["--allow-to-run-as-root"] if is_root else []), path)
        pids = self._family(process, THREADS)
        return [
            Responder(name, path, pids, script=os.path.join(FOLDER, "peers", "php", script))
            for name, script in (("php", "api.php"), ("php-best", "best.php"))
        ]

    def python(self, name, redis):
        """gunicorn with its default kind of workers, as many as its manual advises: twice the processors, and one."""
        path = self.fixture.path(name + ".sock")
        workers = 2 * os.cpu_count() + 1
        command = [
            "env", f"BENCH_REDIS={redis}", "PYTHONDONTWRITEBYTECODE=1", self.programs.python, "-m", "gunicorn",
            "--bind", "unix:" + path, "--workers", str(workers), "--timeout", "120", "--graceful-timeout", "2",
            "--log-level", "warning", "--chdir", os.path.join(FOLDER, "peers", "python"), f"{name}:app",
        ]
        return Responder(name, path, self._family(self.fixture.start(name, command, path), workers), speaks_http=True)

    def _family(self, process, children):
        """The process and its children, as soon as all of them are there."""
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while True:
            pids = processes.family(process.pid)
            if len(pids) > children:
                return pids
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"{' '.join(process.args)} has {len(pids) - 1} of {children} processes")
            time.sleep(0.05)


def import_directory(fixture, programs, document, name):
    """A directory with what the document says; returns its address."""
    path = fixture.path(name + ".json")
    sample.write(document, path)
    directory = "sqlite:" + fixture.path(name + ".sqlite")
    fixture.run([programs.path("hookline"), "directory", "import", "--directory", directory, path])
    return directory
