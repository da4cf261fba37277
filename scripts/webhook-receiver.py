#!/usr/bin/env python3
"""A receiver to try Hookline with: verifies the signature of one webhook, says so and ends.

usage: webhook-receiver.py APP PORT

APP is a file with what `hookline app create --json` printed. Listens on 127.0.0.1:PORT when it returns, and goes on in
the background for 120 seconds at most. A webhook whose webhook-signature was made with the app's client secret gets
200, any other 401. Requests without a signature get 401, too, and it goes on waiting.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import socketserver
import sys
import time

MAXIMUM_BODY_BYTES = 1 << 20
# In seconds: an older webhook could be a repetition.
MAXIMUM_AGE = 300
# In seconds: how long it waits for the webhook.
PATIENCE = 120


def is_authentic(headers, body, secret):
    """Whether a signature of the webhook was made with the secret, not long ago (docs/delivery.md)."""
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > MAXIMUM_AGE:
        return False
    signed = f"{identifier}.{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    expected = ("v1," + base64.b64encode(digest).decode()).encode()
    given = headers.get("webhook-signature", "").encode(errors="replace").split()
    return any(hmac.compare_digest(expected, signature) for signature in given)


class Receiver(http.server.BaseHTTPRequestHandler):
    # In seconds: a connection that sends nothing does not keep the webhook waiting.
    timeout = 5
    secret = ""
    has_received = False

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAXIMUM_BODY_BYTES:
            self.send_error(400)
            return
        body = self.rfile.read(int(length))
        if not self.headers.get("webhook-signature"):
            self.respond(401)
            return
        verified = is_authentic(self.headers, body, self.secret)
        verdict = "the signature is verified" if verified else "the signature does not match"
        resource = self.headers.get("Sentry-Hook-Resource", "-")
        print(f"Received {resource} {self.headers.get('Request-ID', '-')}: {verdict}.", flush=True)
        Receiver.has_received = True
        self.respond(200 if verified else 401)

    def respond(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


class Server(socketserver.TCPServer):
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """A connection that breaks off, or sends no complete request, is no reason to end."""


def fail(message):
    sys.exit(f"webhook-receiver.py: {message}")


def client_secret(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)["client_secret"]
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror}")
    except (ValueError, KeyError, TypeError):
        fail(f"{path} is not what 'hookline app create --json' prints")


def receive(server, port):
    end = time.monotonic() + PATIENCE
    while not Receiver.has_received:
        server.timeout = end - time.monotonic()
        if server.timeout <= 0:
            fail(f"no webhook has arrived at 127.0.0.1:{port} within {PATIENCE} seconds")
        server.handle_request()


def main():
    if len(sys.argv) != 3 or not sys.argv[2].isdigit() or int(sys.argv[2]) > 65535:
        sys.exit("usage: webhook-receiver.py APP PORT")
    Receiver.secret, port = client_secret(sys.argv[1]), int(sys.argv[2])
    try:
        # Listens from here on, so that the next command's webhook finds it.
        server = Server(("127.0.0.1", port), Receiver)
    except OSError as error:
        fail(f"cannot listen on 127.0.0.1:{port}: {error.strerror}")
    process = os.fork()
    if process == 0:
        receive(server, port)
    else:
        print(f"Waiting {PATIENCE} seconds for a webhook at 127.0.0.1:{port}. To end it: kill {process}")


if __name__ == "__main__":
    main()
