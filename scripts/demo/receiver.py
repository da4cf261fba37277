"""The demo's apps: verifies both signatures of each webhook and responds as configured for the app.

usage: receiver.py DIRECTORY_DOCUMENT LEDGER EXPORT…

EXPORT is a command that prints the present document, for apps and secrets that are made while the demo runs.

Listens on a free loopback port and prints it. Webhooks go to /hooks/SLUG, or to /hooks/SLUG/TARGET for a target of the
app's relay; each adds a line to the ledger: what follows /hooks/, resource.action, Request-ID, result of the signature
check, status of the response.
"""

import base64
import functools
import hashlib
import hmac
import http.server
import json
import subprocess
import sys
import threading

MAXIMUM_BODY_BYTES = 1 << 20

# The responses of an app or a target; the default is 200. The second entry is for the next attempt with the same
# Request-ID.
RESPONSES = {
    "globex-sync": [(503, {"Retry-After": "1"}), (200, {})],
    "night-watch": [(404, {})],
    "pager-bridge": [(410, {})],
    # Down for a while.
    "issue-relay/chat": [(503, {}), (503, {}), (200, {})],
}


def sentry_signature(secret, body):
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def standard_signature(secret, headers, body):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


class Apps:
    """The secrets by slug, and the count of attempts by receiver and Request-ID."""

    def __init__(self, document, ledger, *export):
        self.document = document
        self.ledger = ledger
        self.export = export
        self.lock = threading.Lock()
        self.attempts = {}

    @functools.cached_property
    def secrets(self):
        """Read with the first webhook: the demo data contain this program's port, so they are created later."""
        with open(self.document, encoding="utf-8") as file:
            return self.secrets_in(file.read())

    @staticmethod
    def secrets_in(text):
        return {app["slug"]: app["client_secret"].encode() for app in json.loads(text)["apps"]}

    def present_secrets(self):
        exported = subprocess.run(self.export, check=True, capture_output=True, text=True, timeout=20).stdout
        return self.secrets_in(exported)

    def verdict(self, slug, headers, body):
        """The result of the signature check: `verified`, or the error."""
        verdict = self.verdict_with(self.secrets.get(slug), headers, body)
        if verdict == "verified":
            return verdict
        self.secrets = self.present_secrets()
        return self.verdict_with(self.secrets.get(slug), headers, body)

    def verdict_with(self, secret, headers, body):
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

    def receive(self, name, headers, body):
        """The response to a webhook for an app, or for a target of one: SLUG/TARGET."""
        verdict = self.verdict(name.split("/")[0], headers, body)
        identifier = headers.get("Request-ID", "-")
        with self.lock:
            count = self.attempts[name, identifier] = self.attempts.get((name, identifier), 0) + 1
            responses = RESPONSES.get(name, [(200, {})]) if verdict == "verified" else [(401, {})]
            status, extra = responses[min(count, len(responses)) - 1]
            try:
                action = json.loads(body).get("action", "-")
            except ValueError:
                action = "-"
            event = f"{headers.get('Sentry-Hook-Resource', '-')}.{action}"
            with open(self.ledger, "a", encoding="utf-8") as file:
                file.write(f"{name} {event} {identifier} {verdict} {status}\n")
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
        status, extra, verdict = self.apps.receive(self.path[len("/hooks/"):], self.headers, body)
        response = json.dumps({"signatures": verdict}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(response)))
        for name, value in extra.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response)

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
