"""A FastCGI client for one request at a time, as nginx speaks without kept connections."""

import contextlib
import socket
import struct

from server_fixture import Failure

BEGIN_REQUEST, END_REQUEST, PARAMETERS, INPUT, OUTPUT = 1, 3, 4, 5, 6
DEADLINE_SECONDS = 60
LONGEST_RECORD = 65528


class Answer:
    """What a responder said: status, headers by lower-case name, body."""

    def __init__(self, output):
        head, _, self.body = output.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n")]
        self.headers = {name.lower(): value for name, _, value in lines}
        self.status = int(self.headers.get("status", "0").partition(" ")[0])


def ask(path, parameters, body=b""):
    """The answer of the responder at a socket, which may come before all of the body is sent."""
    request = _record(BEGIN_REQUEST, struct.pack(">HB5x", 1, 0))
    request += _record(PARAMETERS, b"".join(_pair(*item) for item in parameters.items()))
    request += _record(PARAMETERS, b"")
    request += b"".join(_record(INPUT, body[n:n + LONGEST_RECORD]) for n in range(0, len(body), LONGEST_RECORD))
    request += _record(INPUT, b"")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(DEADLINE_SECONDS)
        connection.connect(path)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        received = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    return Answer(_output(received))


def _output(received):
    """The content of the output records; there must be an end of the request behind them."""
    output = []
    start = 0
    while start + 8 <= len(received):
        kind, length, padding = struct.unpack_from(">xBxxHBx", received, start)
        start += 8
        if kind == OUTPUT:
            output.append(received[start:start + length])
        if kind == END_REQUEST:
            return b"".join(output)
        start += length + padding
    raise Failure(f"an answer of {len(received)} bytes does not end")


def _record(kind, content):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def _pair(name, value):
    name, value = name.encode(), value.encode()
    return _length(name) + _length(value) + name + value


def _length(text):
    return struct.pack(">B", len(text)) if len(text) < 128 else struct.pack(">I", len(text) | 1 << 31)
