"""The receiver of the webhooks: answers, is dead or hangs, and knows which events it has answered."""

import contextlib
import http.server
import json
import socket
import socketserver
import threading
import time

REQUEST_SECONDS = 30


class Receiver:
    """A server on a loopback port. `deliveries` has the number and the time of each event that was answered."""

    def __init__(self):
        self.lock = threading.Lock()
        self.deliveries = []
        self._resumed = threading.Event()
        self._resumed.set()
        self._connections = set()
        self._server = None
        self.port = 0
        self.revive()

    def revive(self):
        """Listens, on the same port as before."""
        self._server = _Server(("127.0.0.1", self.port), self)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def die(self):
        """Listens no more, and closes all connections."""
        self._server.shutdown()
        self._server.server_close()
        self._close_connections()

    def hang(self):
        """Reads requests and answers none."""
        self._resumed.clear()

    def resume(self):
        """Closes the connections with requests that were not answered, and answers the next ones."""
        self._close_connections()
        self._resumed.set()

    def delivered(self):
        """The events that were answered, in order: number and time."""
        with self.lock:
            return list(self.deliveries)

    def connected(self, connection):
        with self.lock:
            self._connections.add(connection)

    def disconnected(self, connection):
        with self.lock:
            self._connections.discard(connection)

    def may_answer(self):
        """Waits while the receiver hangs; false if it did."""
        if self._resumed.is_set():
            return True
        self._resumed.wait(REQUEST_SECONDS)
        return False

    def note(self, number):
        with self.lock:
            self.deliveries.append((number, time.monotonic()))

    def _close_connections(self):
        with self.lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address, receiver):
        self.receiver = receiver
        super().__init__(address, _Handler)

    def handle_error(self, request, client_address):
        """A connection that ends in the middle is a part of the test."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = REQUEST_SECONDS

    def setup(self):
        super().setup()
        self.server.receiver.connected(self.connection)

    def finish(self):
        self.server.receiver.disconnected(self.connection)
        super().finish()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        number = json.loads(body)["data"]["number"]
        self.close_connection = True
        if not self.server.receiver.may_answer():
            return
        # Before the response: the worker must not have one for an event that is not noted.
        self.server.receiver.note(number)
        # Each webhook needs a connection of its own, and for that a name and a descriptor.
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")

    def log_message(self, *arguments):
        """Requests are noted, not logged."""
