"""What both Python peers do alike: the smallest answers, and who may read. The directory is a dictionary."""

import json
import os
import time
from urllib.parse import parse_qs

import redis

APP_ID = 41
APP_SLUG = "release-notes"
MEMBERS = {"member@example.test"}
ORGANIZATIONS = {100 + n: {"name": f"Customer {n}", "slug": f"customer-{n}"} for n in range(12)}
EVENTS = (
    "issue.created issue.resolved issue.ignored issue.assigned error.created comment.created comment.updated "
    "comment.deleted event_alert.triggered external_issue.created external_issue.linked installation.created "
    "installation.deleted select_options.requested metric_alert.open metric_alert.resolved metric_alert.critical "
    "metric_alert.warning alert_rule_action.requested alert_rule_action.error"
).split()
ROLLUPS = ((10, 360), (3600, 168), (86400, 90))
TAG = '"fixed"'
REFUSAL = b'{"detail":"You do not have permission to perform this action."}'


def connect(**options):
    """A client of the Redis whose unix socket BENCH_REDIS names; redis-py takes hiredis' parser by itself."""
    return redis.Redis(unix_socket_path=os.environ["BENCH_REDIS"], **options)


def key(event):
    return "sentry-app-webhook-request:{%d}:%s" % (APP_ID, event)


class Service:
    """The WSGI application. `all_events` and `one_event` return the body of a log."""

    def __init__(self, client, all_events, one_event):
        self.client = client
        self.all_events = all_events
        self.one_event = one_event

    def __call__(self, environ, start_response):
        status, headers, body = self.answer(environ)
        start_response(status, headers + [("Content-Length", str(len(body)))])
        return [body]

    def answer(self, environ):
        json_type = [("Content-Type", "application/json")]
        if environ["REQUEST_METHOD"] == "POST":
            return self.count_interaction(environ), json_type, b"{}"
        if environ.get("HTTP_X_REMOTE_USER") not in MEMBERS:
            return "403 Forbidden", json_type, REFUSAL
        if environ.get("HTTP_IF_NONE_MATCH") == TAG:
            return "304 Not Modified", [("ETag", TAG)], b""
        event = parse_qs(environ["QUERY_STRING"]).get("eventType")
        return "200 OK", json_type, self.one_event(event[-1]) if event else self.all_events()

    def count_interaction(self, environ):
        body = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        if body.get("tsdbField") != "sentry_app_viewed":
            return "400 Bad Request"
        now = int(time.time())
        with self.client.pipeline(transaction=False) as pipeline:
            for seconds, samples in ROLLUPS:
                bucket = now // seconds
                counter = f"ts:800:{bucket}:{APP_ID % 64}"
                pipeline.hincrby(counter, str(APP_ID), 1)
                pipeline.expireat(counter, seconds * (bucket + samples))
            pipeline.execute()
        return "201 Created"


def row(event, entry):
    """An entry in the shape of the answer."""
    code = entry["response_code"]
    answer = {
        "webhookUrl": entry.get("webhook_url"), "sentryAppSlug": APP_SLUG, "eventType": event, "date": entry["date"],
        "responseCode": code,
    }
    if code >= 400 or code == 0:
        answer["requestBody"] = entry.get("request_body")
        answer["requestHeaders"] = entry.get("request_headers")
        answer["responseBody"] = entry.get("response_body")
    organization = ORGANIZATIONS.get(entry.get("organization_id"))
    if organization is not None:
        answer["organization"] = organization
    answer["requestId"] = entry["request_id"]
    answer["attempt"] = entry["attempt"]
    answer["durationMs"] = entry["duration_ms"]
    return answer
