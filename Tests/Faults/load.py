"""The load: so many reads and events a second, and some pings; each is sent once, whatever becomes of it."""

import http.client
import json
import ssl
import threading
import time
from dataclasses import dataclass

import directory

CLIENTS = 24
READS_PER_SECOND = 50
EVENTS_PER_SECOND = 50
PINGS_PER_SECOND = 5
REQUEST_SECONDS = 15
# The longest time that a ping may take, whatever happens to Redis.
PING_SECONDS = 1.5
# In a 503: the event may be queued.
UNKNOWN = b"not known"


@dataclass
class Request:
    """A request that was sent. `status` is 0 without a response, and if the response does not say what was done."""

    kind: str
    number: int
    start: float
    end: float
    status: int
    event_id: str = ""

    @property
    def is_good(self):
        if self.kind == "ping":
            return self.status == 200 and self.end - self.start <= PING_SECONDS
        return self.status == (202 if self.kind == "event" else 200)


class Load:
    """Clients that take their turns until they are stopped."""

    KINDS = ["read"] * READS_PER_SECOND + ["event"] * EVENTS_PER_SECOND + ["ping"] * PINGS_PER_SECOND

    def __init__(self, port):
        self.port = port
        self.requests = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._turn = 0
        self._start = 0.0
        self._context = ssl.create_default_context()
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(CLIENTS)]

    def start(self):
        self._start = time.monotonic()
        for thread in self._threads:
            thread.start()

    def stop(self):
        """Waits for the responses to the last requests."""
        self._over.set()
        for thread in self._threads:
            thread.join(2 * REQUEST_SECONDS)

    def sent(self):
        """The requests that have ended, in the order of their ends."""
        with self._lock:
            return list(self.requests)

    def _run(self):
        connection = self._connection()
        while not self._over.is_set():
            with self._lock:
                turn = self._turn
                self._turn += 1
            due = self._start + turn / len(self.KINDS)
            if self._over.wait(max(0, due - time.monotonic())):
                break
            # 37 has no common divisor with 105: the kinds are mixed.
            request = self._send(connection, self.KINDS[turn * 37 % len(self.KINDS)], turn)
            if request.status == 0:
                # Opened again by the next request.
                connection.close()
            with self._lock:
                self.requests.append(request)
        connection.close()

    def _connection(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=REQUEST_SECONDS, context=self._context)

    def _send(self, connection, kind, number):
        start = time.monotonic()
        status, event_id = 0, ""
        try:
            connection.request(*self._request(kind, number))
            response = connection.getresponse()
            text = response.read()
            status = response.status
            if status == 503 and UNKNOWN in text:
                status = 0
            if status == 202:
                event_id = json.loads(text)["id"]
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            status = 0
        return Request(kind, number, start, time.monotonic(), status, event_id)

    def _request(self, kind, number):
        """Method, target, body and headers."""
        if kind == "ping":
            return "GET", "/-/ping", None, {}
        app = directory.APPS[number % len(directory.APPS)]
        if kind == "read":
            headers = {"Authorization": "Bearer " + directory.READ_TOKEN}
            return "GET", f"/api/0/sentry-apps/{directory.slug(app)}/requests/", None, headers
        event = directory.EVENTS[number // len(directory.APPS) % len(directory.EVENTS)]
        body = json.dumps({"event": event, "data": {"number": number}})
        headers = {"Authorization": "Bearer " + directory.SEND_TOKEN, "Content-Type": "application/json"}
        return "POST", f"/api/0/sentry-app-installations/{directory.installation(app)}/events/", body, headers
