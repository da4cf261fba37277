"""The data of the rows about growth: directories of many apps, lists of several lengths, rows of several sizes."""

import datetime
import json

import sample

ORGANIZATION_ID = 1
FIRST_ID = 1000
# Of an app among many: the keys are what grows, so a few small entries do.
ENTRIES_AMONG_MANY = 3
SMALL_BYTES = 150
USUAL_BYTES = 300
SIZES = (SMALL_BYTES, USUAL_BYTES, 3072)
LENGTHS = (1, 10, 100)


def slug(kind, number):
    return f"{kind}-{number}"


def directory_document(slugs):
    """One organization with one member and published apps of these slugs, numbered from `FIRST_ID`."""
    return {
        "organizations": [{"id": ORGANIZATION_ID, "slug": "owner", "name": "Owner"}],
        "users": [{"id": 1, "email": sample.MEMBER, "name": "Member"}],
        "memberships": [{"user_id": 1, "organization_id": ORGANIZATION_ID, "role": "member"}],
        "apps": [
            {
                "id": FIRST_ID + n, "slug": name, "owner_id": ORGANIZATION_ID, "status": "published",
                "webhook_url": "https://hooks.example.test/", "client_secret": "0" * 64, "events": ["issue"],
            }
            for n, name in enumerate(slugs)
        ],
    }


def many_apps(count, now):
    """Key and values of the lists of `count` apps, one short list each."""
    for number in range(count):
        yield _key(FIRST_ID + number, "issue.created"), _entries(ENTRIES_AMONG_MANY, SMALL_BYTES, now)


def full_app(number, entries, byte_count, now):
    """Key and values of all lists of one app, `entries` in each, all of the same size."""
    for event in sample.EVENTS:
        yield _key(FIRST_ID + number, event), _entries(entries, byte_count, now)


def _key(app_id, event):
    return "sentry-app-webhook-request:{%d}:%s" % (app_id, event)


def _entries(count, byte_count, now):
    return [_entry(now - datetime.timedelta(minutes=5 + n), byte_count) for n in range(count)]


def _entry(date, byte_count):
    """A stored entry of exactly so many bytes: the larger ones are failed requests with bodies, as in a real log."""
    entry = {"date": date.strftime("%Y-%m-%d %H:%M:%S.%f+00:00"), "response_code": 200, "webhook_url": ""}
    if byte_count > 2 * USUAL_BYTES:
        entry |= {"response_code": 500, "response_body": "r" * 1024, "request_body": "q" * 1024}
    entry["organization_id"] = ORGANIZATION_ID
    missing = byte_count - len(json.dumps(entry, separators=(",", ":")))
    entry["webhook_url"] = "https://hooks.example.test/".ljust(missing, "p")
    return json.dumps(entry, separators=(",", ":"))
