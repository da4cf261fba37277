#!/usr/bin/env python3
"""A receiver to try Hookline with: verifies the signature of one webhook, says so and ends.

usage: webhook-receiver.py APP PORT

APP is a file with what `hookline app create --json` printed. Listens on 127.0.0.1:PORT when it returns, and goes on in
the background. A webhook whose webhook-signature was made with the app's client secret gets 200, any other 401.
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
PATIENCE = 300


def is_authentic(headers, body, secret):
    """Whether a signature of the webhook was made with the secret, not long ago (docs/delivery.md)."""
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > MAXIMUM_AGE:
        return False
    signed = f"{identifier}.{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    return any(hmac.compare_digest(expected, given) for given in headers.get("webhook-signature", "").split())


class Receiver(http.server.BaseHTTPRequestHandler):
    secret = ""

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAXIMUM_BODY_BYTES:
            self.send_error(400)
            return
        body = self.rfile.read(int(length))
        verified = is_authentic(self.headers, body, self.secret)
        verdict = "the signature is verified" if verified else "the signature does not match"
        resource = self.headers.get("Sentry-Hook-Resource", "-")
        print(f"Received {resource} {self.headers.get('Request-ID', '-')}: {verdict}.", flush=True)
        self.send_response(200 if verified else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def main():
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit("usage: webhook-receiver.py APP PORT")
    with open(sys.argv[1], encoding="utf-8") as file:
        Receiver.secret = json.load(file)["client_secret"]
    # Listens from here on, so that the next command's webhook finds it.
    socketserver.TCPServer.allow_reuse_address = True
    server = socketserver.TCPServer(("127.0.0.1", int(sys.argv[2])), Receiver)
    server.timeout = PATIENCE
    if os.fork() == 0:
        server.handle_request()


if __name__ == "__main__":
    main()
