"""The log as the original reads it: every entry decoded, every date parsed, all sorted, 100 kept, then filtered."""

import datetime
import json

from dateutil.parser import parse
from service import EVENTS, Service, connect, key, row

STORED_DATE = "%Y-%m-%d %H:%M:%S.%f+00:00"
START = datetime.datetime(2000, 1, 1)

client = connect(decode_responses=True)


def all_events():
    with client.pipeline() as pipeline:
        for event in EVENTS:
            pipeline.lrange(key(event), 0, 99)
        lists = pipeline.execute()
    entries = [
        dict(json.loads(text), event_type=event)
        for event, texts in zip(EVENTS, lists, strict=False) for text in texts
    ]
    entries.sort(key=lambda entry: parse(entry["date"]), reverse=True)
    return body(entries[:100])


def one_event(event):
    return body([dict(json.loads(text), event_type=event) for text in client.lrange(key(event), 0, 99)])


def body(entries):
    end = datetime.datetime.utcnow().replace(microsecond=0)
    kept = [entry for entry in entries if START <= second(entry) <= end]
    return json.dumps([row(entry["event_type"], entry) for entry in kept], separators=(",", ":")).encode()


def second(entry):
    return datetime.datetime.strptime(entry["date"], STORED_DATE).replace(microsecond=0)


app = Service(client, all_events, one_event)
