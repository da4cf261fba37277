"""The faults. Each is a context: it begins when the context is entered, and is over when that is left."""

import contextlib
import os
import resource
import signal
import struct
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from site_fixture import Site, build_preload, can, wait_until

CLOCK_STEP_SECONDS = 3600
# Redis waits so long for each key while it loads.
LOAD_DELAY_MICROSECONDS = 10_000
KILL_PAUSE_SECONDS = 0.1


@dataclass
class Fault:
    """What is injected and for how long; `options` are those of the site."""

    name: str
    inject: Callable
    seconds: float = 4
    # Part of the short form, where a fault lasts a second.
    is_short: bool = False
    options: dict = field(default_factory=dict)
    # Makes options that need the fixture.
    prepare: Callable = lambda fixture: {}
    # What has to succeed for the fault to be possible on this machine.
    needs: tuple = ()

    @property
    def is_possible(self):
        return not self.needs or can(*self.needs)


@contextlib.contextmanager
def stopped(process):
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


def redis_stopped(site):
    return stopped(site.redis)


@contextlib.contextmanager
def redis_killed(site):
    site.redis.kill()
    site.redis.wait(20)
    yield
    site.redis = site.start_redis("redis-1")


@contextlib.contextmanager
def redis_loading(site):
    site.command("CONFIG", "SET", "key-load-delay", str(LOAD_DELAY_MICROSECONDS))
    site.command("CONFIG", "SET", "loading-process-events-interval-bytes", "1024")
    reload = subprocess.Popen(
        ["redis-cli", "-s", site.fixture.path("redis-1.sock"), "DEBUG", "RELOAD"], stdout=subprocess.DEVNULL)
    try:
        wait_until("Redis is loading", lambda: "loading:1" in site.command("INFO", "persistence"))
        yield
    finally:
        reload.wait(60)
        site.command("CONFIG", "SET", "key-load-delay", "0")


@contextlib.contextmanager
def redis_misconfigured(site):
    """Redis refuses writes with MISCONF, because it could not write a snapshot."""
    os.mkdir(os.path.join(site.fixture.path("redis-1"), "dump.rdb"))
    site.command("CONFIG", "SET", "save", "3600 1000000")
    site.command("BGSAVE")
    wait_until("the snapshot has failed", lambda: "last_bgsave_status:err" in site.command("INFO", "persistence"))
    yield
    site.command("CONFIG", "SET", "save", "")


def commands(begin, end):
    """A fault that one command to Redis begins and another ends."""

    @contextlib.contextmanager
    def inject(site):
        site.command(*begin)
        yield
        site.command(*end)

    return inject


def without_right(command):
    return commands(("ACL", "SETUSER", "default", "-" + command), ("ACL", "SETUSER", "default", "+" + command))


@contextlib.contextmanager
def redis_flushed(site):
    site.command("FLUSHALL")
    yield


def repeated(act):
    """A fault that consists of doing something again and again."""

    @contextlib.contextmanager
    def inject(site):
        over = threading.Event()

        def run():
            while not over.wait(KILL_PAUSE_SECONDS):
                act(site)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    return inject


@contextlib.contextmanager
def failed_over(site):
    """A replica becomes the master, and the master its replica; open connections stay at the latter."""
    site.start_redis("redis-2")
    port = str(site.redis_ports["redis-2"])
    site.command("REPLICAOF", "127.0.0.1", str(site.redis_ports["redis-1"]), name="redis-2")
    wait_until(
        "the replica is in sync", lambda: "state=online" in site.command("INFO", "replication"))
    site.command("FAILOVER", "TO", "127.0.0.1", port, "TIMEOUT", "10000")
    wait_until("the master is a replica", lambda: "role:slave" in site.command("INFO", "replication"))
    site.lead_to("redis-2")
    yield


def full_disk(site):
    return site.full_disk()


def worker_stopped(site):
    return stopped(site.workers[0])


@contextlib.contextmanager
def clock_stepped(site):
    """The worker's clock goes an hour forward, then two hours back."""
    path = site.fixture.path("clock")
    _set_clock(path, CLOCK_STEP_SECONDS)
    yield
    _set_clock(path, -CLOCK_STEP_SECONDS)


def _set_clock(path, seconds):
    # In one write into the mapped page, and not a new file.
    with open(path, "r+b", buffering=0) as file:
        file.write(struct.pack("=q", seconds))


def clock_options(fixture):
    path = fixture.path("clock")
    with open(path, "wb") as file:
        file.write(bytes(8))
    return {"worker_prefix": ("env", "LD_PRELOAD=" + build_preload(fixture), "FAULTS_CLOCK=" + path)}


@contextlib.contextmanager
def receiver_dead(site):
    site.receiver.die()
    yield
    site.receiver.revive()


@contextlib.contextmanager
def receiver_hanging(site):
    site.receiver.hang()
    yield
    site.receiver.resume()


# ---- PostgreSQL ----


@contextlib.contextmanager
def postgresql_stopped(site):
    """The server and all its processes stand still: nothing is refused, and nothing responds."""
    pids = site.postgresql.processes()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def postgresql_killed(site):
    site.postgresql.stop_at_once()
    yield
    site.postgresql.start()


@contextlib.contextmanager
def pgbouncer_killed(site):
    site.pgbouncer.kill()
    yield
    site.pgbouncer.start()


def pgbouncer_stopped(site):
    return stopped(site.pgbouncer.process)


@contextlib.contextmanager
def postgresql_failed_over(site):
    """The primary dies, and its standby takes its place."""
    site.postgresql.stop_at_once()
    site.standby.promote()
    yield


def sql(begin, end):
    """A fault that some SQL begins and other SQL ends."""

    @contextlib.contextmanager
    def inject(site):
        site.postgresql.run(*begin)
        yield
        site.postgresql.run(*end)

    return inject


@contextlib.contextmanager
def tables_locked(site):
    """A migration of another program holds the table of apps."""
    with site.postgresql.session("BEGIN; LOCK TABLE sentry_sentryapp IN ACCESS EXCLUSIVE MODE;"):
        yield


OTHERS = "FROM pg_stat_activity WHERE usename = 'hookline' AND pid <> pg_backend_pid()"
TERMINATE = "SELECT pg_terminate_backend(pid) " + OTHERS
CANCEL = "SELECT pg_cancel_backend(pid) " + OTHERS

HOST = "receiver.faults.test"
NAMES = f"127.0.0.1 localhost {HOST}\n"


def names_options(fixture):
    """A worker with a hosts file of its own, and a name server that does not exist."""
    for name, text in (("hosts", NAMES), ("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")):
        with open(fixture.path(name), "w", encoding="ascii") as file:
            file.write(text)
    script = 'mount --bind "$0/hosts" /etc/hosts && mount --bind "$0/resolv.conf" /etc/resolv.conf && exec "$@"'
    prefix = ("unshare", "--mount", "--map-root-user", "sh", "-c", script, fixture.folder)
    return {"host": HOST, "worker_prefix": prefix}


@contextlib.contextmanager
def no_name_server(site):
    """The receiver's name is no longer in the hosts file, so the name server is asked."""
    path = site.fixture.path("hosts")
    with open(path, "r+", encoding="ascii") as file:
        file.truncate(0)
    yield
    with open(path, "r+", encoding="ascii") as file:
        file.write(NAMES)


@contextlib.contextmanager
def few_descriptors(site):
    """No program can open anything more."""
    limits = {}
    for process in site.programs:
        limits[process.pid] = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        count = len(os.listdir(f"/proc/{process.pid}/fd"))
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (count, limits[process.pid][1]))
    yield
    for pid, limit in limits.items():
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)


MOUNT = ("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
NAMESPACE = ("unshare", "--mount", "--map-root-user", "true")

POSTGRESQL = {"store": "postgresql"}
PGBOUNCER = {"store": "pgbouncer"}

FAULTS = [
    Fault("redis-stopped", redis_stopped),
    Fault("redis-killed", redis_killed),
    Fault("redis-loading", redis_loading),
    Fault("redis-misconf", redis_misconfigured),
    Fault(
        "redis-readonly", commands(("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")), is_short=True),
    Fault("redis-flushed", redis_flushed),
    Fault(
        "redis-clients-killed",
        repeated(lambda site: site.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")), is_short=True),
    Fault(
        "redis-full", commands(("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
        is_short=True),
    Fault("redis-without-lpush", without_right("lpush"), is_short=True),
    Fault("redis-without-xack", without_right("xack")),
    Fault("redis-without-set", without_right("set")),
    Fault("redis-failover", failed_over),
    Fault("directory-disk-full", full_disk, options={"small_disk_for": "directory"}, needs=MOUNT),
    Fault("log-disk-full", full_disk, options={"small_disk_for": "log"}, needs=MOUNT),
    # Longer than another worker waits before it takes over.
    Fault("worker-stopped", worker_stopped, seconds=12, options={"workers": 2}),
    Fault("clock-stepped", clock_stepped, prepare=clock_options),
    Fault("receiver-dead", receiver_dead, is_short=True),
    Fault("receiver-hanging", receiver_hanging),
    # Longer than the worker remembers an address, which is 30 seconds.
    Fault("no-name-server", no_name_server, seconds=36, prepare=names_options, needs=NAMESPACE),
    Fault("few-descriptors", few_descriptors),
    Fault("postgresql-stopped", postgresql_stopped, seconds=8, options=POSTGRESQL),
    Fault("postgresql-killed", postgresql_killed, options=POSTGRESQL, is_short=True),
    Fault("postgresql-clients-killed", repeated(lambda site: site.postgresql.run(TERMINATE)), options=POSTGRESQL),
    Fault("postgresql-statements-cancelled", repeated(lambda site: site.postgresql.run(CANCEL)), options=POSTGRESQL),
    Fault(
        "postgresql-full", sql(("ALTER ROLE hookline CONNECTION LIMIT 0", TERMINATE),
                               ("ALTER ROLE hookline CONNECTION LIMIT -1",)), options=POSTGRESQL),
    Fault(
        "postgresql-read-only", sql(("ALTER ROLE hookline SET default_transaction_read_only = on", TERMINATE),
                                    ("ALTER ROLE hookline RESET default_transaction_read_only", TERMINATE)),
        options=POSTGRESQL),
    Fault("postgresql-locked", tables_locked, seconds=10, options=POSTGRESQL),
    Fault(
        "postgresql-column-gone", sql(("ALTER TABLE sentry_sentryapp RENAME COLUMN webhook_url TO gone",),
                                      ("ALTER TABLE sentry_sentryapp RENAME COLUMN gone TO webhook_url",)),
        seconds=8, options=POSTGRESQL),
    Fault("postgresql-failover", postgresql_failed_over, options={"store": "standby"}),
    Fault("pgbouncer-killed", pgbouncer_killed, options=PGBOUNCER, is_short=True),
    Fault("pgbouncer-stopped", pgbouncer_stopped, seconds=8, options=PGBOUNCER),
    Fault("pgbouncer-postgresql-killed", postgresql_killed, options=PGBOUNCER),
    Fault("pgbouncer-postgresql-stopped", postgresql_stopped, seconds=8, options=PGBOUNCER),
]


def site(fixture, products, fault):
    """The site for a fault."""
    return Site(fixture, products, **fault.options, **fault.prepare(fixture))
