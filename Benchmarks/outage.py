"""The rows of an outage: what does not need Redis, while Redis accepts connections and does not respond."""

import contextlib
import os
import signal
import threading
import time

import fastcgi
import sample
from reads import LOG_PATH
from report import Row
from server_fixture import Failure

# HOOKLINE_REDIS_COMMAND_MS of the responder, by default.
REDIS_TIMEOUT_MILLISECONDS = 2000
SECONDS = 5
# More than the responder has threads.
CLIENTS = 32
PAUSE_SECONDS = 0.02
DETAILS_PATH = f"/api/0/sentry-apps/{sample.APP_SLUG}/"


def rows(fixture, starter, directory):
    """The longest ping and app details while clients keep asking for the log of a Redis that hangs."""
    redis = fixture.start_redis("redis-outage")
    responder = starter.hookline("outage", redis, directory)
    pid = _process_id(fixture, redis)
    calm = {path: _longest(responder.socket, path, 1) for path in ("/-/ping", DETAILS_PATH)}
    over = threading.Event()
    clients = [threading.Thread(target=_ask_until, args=(responder.socket, over)) for _ in range(CLIENTS)]
    os.kill(pid, signal.SIGSTOP)
    try:
        for client in clients:
            client.start()
        hanging = {path: _longest(responder.socket, path, SECONDS) for path in calm}
    finally:
        os.kill(pid, signal.SIGCONT)
        over.set()
        for client in clients:
            client.join()
    names = {"/-/ping": "longest ping while Redis hangs", DETAILS_PATH: "longest app details while Redis hangs"}
    return [
        Row(name, "the time-out of a call to Redis", hanging[path], REDIS_TIMEOUT_MILLISECONDS, "ms", limit=0.5,
            is_maximum=True, reason=f"Without an outage it is {calm[path]:.0f} ms.")
        for path, name in names.items()
    ]


def _process_id(fixture, redis):
    for line in fixture.run(["redis-cli", "-s", redis, "INFO", "server"]).splitlines():
        if line.startswith("process_id:"):
            return int(line.partition(":")[2])
    raise Failure("redis-server does not report its process id")


def _parameters(path):
    return {
        "REQUEST_METHOD": "GET", "REQUEST_URI": path, "QUERY_STRING": "", "SERVER_PROTOCOL": "HTTP/1.1",
        "REQUEST_SCHEME": "https", "HTTPS": "on", "AUTH_TYPE": "Basic", "REMOTE_USER": sample.MEMBER,
    }


def _longest(socket_path, path, seconds):
    """The longest time of a request in milliseconds; one at a time."""
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        answer = fastcgi.ask(socket_path, _parameters(path))
        if answer.status != 200:
            raise Failure(f"{path} answers {answer.status}")
        times.append((time.monotonic() - start) * 1000)
        time.sleep(PAUSE_SECONDS)
    return max(times)


def _ask_until(socket_path, over):
    while not over.is_set():
        # A refused connection only means that the queue of the socket is full.
        with contextlib.suppress(OSError):
            fastcgi.ask(socket_path, _parameters(LOG_PATH))
        time.sleep(PAUSE_SECONDS)
