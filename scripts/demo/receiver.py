"""The demo's apps: checks both signatures of each webhook and answers as the app is made to.

usage: receiver.py DIRECTORY_DOCUMENT LEDGER

Listens on a free loopback port and prints it. Webhooks come to /hooks/SLUG; each leaves a line in the ledger:
slug, resource.action, Request-ID, what the signatures are worth, the answer's code.
"""

import base64
import functools
import hashlib
import hmac
import http.server
import json
import sys
import threading

MAXIMUM_BODY_BYTES = 1 << 20

# What an app answers; the others say 200. The second list entry is for the same Request-ID the next time.
ANSWERS = {
    "globex-sync": [(503, {"Retry-After": "1"}), (200, {})],
    "night-watch": [(404, {})],
    "pager-bridge": [(410, {})],
}


def sentry_signature(secret, body):
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def standard_signature(secret, headers, body):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


class Apps:
    """The secrets by slug, and how often each event has come."""

    def __init__(self, document, ledger):
        self.document = document
        self.ledger = ledger
        self.lock = threading.Lock()
        self.arrivals = {}

    @functools.cached_property
    def secrets(self):
        """Read with the first webhook: the demo data are made after this program, whose port they name."""
        with open(self.document, encoding="utf-8") as file:
            return {app["slug"]: app["client_secret"].encode() for app in json.load(file)["apps"]}

    def verdict(self, slug, headers, body):
        """What is wrong with the signatures; `verified` if nothing is."""
        secret = self.secrets.get(slug)
        if secret is None:
            return "unknown-app"
        if not hmac.compare_digest(headers.get("Sentry-Hook-Signature", ""), sentry_signature(secret, body)):
            return "bad-sentry-signature"
        if headers.get("webhook-id") != headers.get("Request-ID"):
            return "bad-webhook-id"
        expected = standard_signature(secret, headers, body) if headers.get("webhook-timestamp") else ""
        given = headers.get("webhook-signature", "").split(" ")
        if not any(hmac.compare_digest(one, expected) for one in given):
            return "bad-standard-signature"
        return "verified"

    def take(self, slug, headers, body):
        verdict = self.verdict(slug, headers, body)
        identifier = headers.get("Request-ID", "-")
        with self.lock:
            count = self.arrivals[identifier] = self.arrivals.get(identifier, 0) + 1
            answers = ANSWERS.get(slug, [(200, {})]) if verdict == "verified" else [(401, {})]
            status, extra = answers[min(count, len(answers)) - 1]
            try:
                action = json.loads(body).get("action", "-")
            except ValueError:
                action = "-"
            event = f"{headers.get('Sentry-Hook-Resource', '-')}.{action}"
            with open(self.ledger, "a", encoding="utf-8") as file:
                file.write(f"{slug} {event} {identifier} {verdict} {status}\n")
        return status, extra, verdict


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    apps = None

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            length = -1
        if not 0 <= length <= MAXIMUM_BODY_BYTES or not self.path.startswith("/hooks/"):
            self.close_connection = True
            self.send_error(400)
            return
        body = self.rfile.read(length)
        status, extra, verdict = self.apps.take(self.path[len("/hooks/"):], self.headers, body)
        answer = json.dumps({"signatures": verdict}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        for name, value in extra.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


def main():
    Receiver.apps = Apps(*sys.argv[1:])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
