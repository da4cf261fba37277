"""A webhook receiver on a loopback port, with the responses that a test chooses."""

import collections
import contextlib
import http.server
import threading
import typing


class Received(typing.NamedTuple):
    """A request as it arrived."""

    path: str
    headers: list
    body: bytes


def response(status, body=b"", headers=()):
    """The bytes of a response. headers: pairs of a name and a value, each text or bytes."""
    lines = [f"HTTP/1.1 {status} Test", *headers, ("Content-Length", str(len(body))), ("Connection", "close")]
    encoded = [b": ".join(part if isinstance(part, bytes) else part.encode() for part in line)
               if isinstance(line, tuple) else line.encode() for line in lines]
    return b"\r\n".join([*encoded, b"", body])


class Receiver:
    """respond: called with the path, the Request-ID and the number of the attempt, from 1; returns the bytes of a
    response, or None for none at all: the connection then stays open until the receiver is closed."""

    def __init__(self, respond):
        self.respond = respond
        self.lock = threading.Lock()
        self.is_closed = threading.Event()
        # By Request-ID, the first attempt first.
        self.received = collections.defaultdict(list)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"owner": self}))
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.is_closed.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Handler(http.server.BaseHTTPRequestHandler):
    owner = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        identifier = self.headers["Request-ID"]
        with self.owner.lock:
            attempts = self.owner.received[identifier]
            attempts.append(Received(self.path, self.headers.items(), body))
            number = len(attempts)
        data = self.owner.respond(self.path, identifier, number)
        if data is None:
            self.owner.is_closed.wait()
        else:
            # A worker closes the connection when it has read as much of a body as it wants.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(data)
        self.close_connection = True

    def log_message(self, *arguments):
        pass
