"""The data both sides read: a directory of one busy app, and its 20 full lists in Redis."""

import datetime
import json
import random
import socket

EVENTS = (
    "issue.created issue.resolved issue.ignored issue.assigned error.created comment.created comment.updated "
    "comment.deleted event_alert.triggered external_issue.created external_issue.linked installation.created "
    "installation.deleted select_options.requested metric_alert.open metric_alert.resolved metric_alert.critical "
    "metric_alert.warning alert_rule_action.requested alert_rule_action.error"
).split()
ENTRIES_IN_A_LIST = 100
APP_ID = 41
APP_SLUG = "release-notes"
MEMBER = "member@example.test"
# Somebody whom the directory knows, but who may not read the app's log.
STRANGER = "stranger@example.test"
SEED = 20190925
CUSTOMERS = 12


def directory_document():
    """The directory of the measured app: its owner with one member, and the organizations that installed it."""
    organizations = [{"id": 1, "slug": "owner", "name": "Owner"}]
    organizations += [
        {"id": 100 + n, "slug": f"customer-{n}", "name": f"Customer {n}"} for n in range(CUSTOMERS)
    ]
    return {
        "organizations": organizations,
        "users": [
            {"id": 1, "email": MEMBER, "name": "Member", "is_superuser": False, "is_sentry_app": False},
            {"id": 3, "email": STRANGER, "name": "Stranger", "is_superuser": False, "is_sentry_app": False},
            {"id": 2, "email": "app@example.test", "name": "App", "is_superuser": False, "is_sentry_app": True},
        ],
        "memberships": [{"user_id": 1, "organization_id": 1, "role": "member", "team_org_roles": []}],
        "apps": [
            {
                "id": APP_ID,
                "slug": APP_SLUG,
                "name": "Release Notes",
                "owner_id": 1,
                "status": "published",
                "uuid": "5d547ecb-7eb8-4ed2-853b-40256177d526",
                "proxy_user_id": 2,
                "webhook_url": "https://hooks.example.test/release-notes",
                "client_secret": "0" * 64,
                "scopes": ["event:read"],
                "events": ["issue", "error", "comment"],
                "components": ["issue-link", "stacktrace-link"],
            }
        ],
        "installations": [
            {
                "id": 500 + n,
                "app_id": APP_ID,
                "organization_id": 100 + n,
                "uuid": f"7a485448-a9e2-4c85-8a3c-4f44175783{n:02d}",
            }
            for n in range(CUSTOMERS)
        ],
        "projects": [],
        "events": [],
        "tokens": [],
    }


def write(document, path):
    """Writes a directory document to a file."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)


def delivery_installation(app_id):
    """The uuid of the only installation of an app of `delivery_document`."""
    return f"00000000-0000-4000-8000-{app_id:012d}"


def delivery_data(byte_count):
    """The data of one event, such that the webhook's body has about so many bytes."""
    around = 200
    return {"issue": {"id": "1", "title": "t" * (byte_count - around)}}


def delivery_document(first_app, count, url, secret, event):
    """A directory of published apps, each installed once, that get one event at one address."""
    numbers = range(first_app, first_app + count)
    return {
        "organizations": [{"id": 1, "slug": "owner"}],
        "apps": [
            {
                "id": n, "slug": f"delivered-{n}", "owner_id": 1, "status": "published", "webhook_url": url,
                "client_secret": secret, "events": [event],
            }
            for n in numbers
        ],
        "installations": [
            {"id": n, "app_id": n, "organization_id": 1, "uuid": delivery_installation(n)} for n in numbers
        ],
        "service_hooks": [
            {"id": n, "installation_id": n, "organization_id": 1, "url": url, "events": [event]} for n in numbers
        ],
    }


def stored_lists(now):
    """Key and values, newest first, of every list; the same at every call but for the date they end at."""
    source = random.Random(SEED)
    lists = {}
    for event in EVENTS:
        ages = sorted(source.uniform(5, 14 * 86400) for _ in range(ENTRIES_IN_A_LIST))
        entries = [_entry(source, event, now - datetime.timedelta(seconds=age)) for age in ages]
        lists["sentry-app-webhook-request:{%d}:%s" % (APP_ID, event)] = entries
    return lists


def _entry(source, event, date):
    failed = source.random() < 0.1
    request_id = "%032x" % source.getrandbits(128)
    entry = {
        "date": date.strftime("%Y-%m-%d %H:%M:%S.%f+00:00"),
        "response_code": source.choice((400, 404, 500, 502, 503)) if failed else source.choice((200, 200, 202, 204)),
        "webhook_url": "https://hooks.example.test/release-notes?event=" + request_id[:8],
    }
    if failed:
        body = {"action": event.split(".")[1], "installation": {"uuid": request_id}, "data": {"note": "n" * 40}}
        entry["request_headers"] = {
            "Content-Type": "application/json",
            "Request-ID": request_id,
            "Sentry-Hook-Resource": event.split(".")[0],
            "Sentry-Hook-Timestamp": str(int(date.timestamp())),
            "Sentry-Hook-Signature": "%064x" % source.getrandbits(256),
        }
        entry["response_body"] = "<html><head><title>Bad Gateway</title></head>" + "<p>retry later</p>\n" * 3
        entry["request_body"] = json.dumps(json.dumps(body))[:1024]
    entry["organization_id"] = 100 + source.randrange(CUSTOMERS)
    entry["request_id"] = request_id
    entry["attempt"] = 1
    entry["duration_ms"] = source.randrange(20, 900)
    return json.dumps(entry, separators=(",", ":"))


def fill(redis_path, lists):
    """Writes lists, as pairs of key and values, over the unix socket of a Redis server."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(redis_path)
        for key, values in lists:
            connection.sendall(command("RPUSH", key, *values))
            answer = connection.recv(256)
            if answer != b":%d\r\n" % len(values):
                raise RuntimeError(f"Redis answers {answer!r} to RPUSH {key}")


def command(*arguments):
    parts = [a.encode() for a in arguments]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)
