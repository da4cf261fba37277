"""A Celery task that does what the worker does with one event: body, signature, request, log row.

The session is kept, so that connections are used again: the original makes one for each request.
"""

import datetime
import hashlib
import hmac
import json
import os
import time
import uuid

import redis
import requests
from celery import Celery

SOCKET = os.environ["PEER_REDIS"]
URL = os.environ["PEER_URL"]
SECRET = b"0" * 64
LIFETIME_SECONDS = 30 * 86400

app = Celery("celery_sender", broker=f"redis+socket://{SOCKET}")
app.conf.update(
    task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=16,
    broker_connection_retry_on_startup=True, worker_hijack_root_logger=False, worker_send_task_events=False,
)
session = requests.Session()
log = redis.Redis(unix_socket_path=SOCKET)


@app.task(max_retries=3, default_retry_delay=300)
def send_webhook(app_id, event, installation, data):
    resource, action = event.split(".")
    body = json.dumps(
        {
            "action": action,
            "installation": {"uuid": installation},
            "data": data,
            "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
        },
        separators=(",", ":"),
    )
    headers = {
        "Content-Type": "application/json",
        "Request-ID": uuid.uuid4().hex,
        "Sentry-Hook-Resource": resource,
        "Sentry-Hook-Timestamp": str(int(time.time())),
        "Sentry-Hook-Signature": hmac.new(SECRET, body.encode(), hashlib.sha256).hexdigest(),
    }
    response = session.post(URL, data=body, headers=headers, timeout=5, allow_redirects=False)
    record(app_id, event, response.status_code)
    response.raise_for_status()


def record(app_id, event, status):
    key = "sentry-app-webhook-request:{%d}:%s" % (app_id, event)
    row = json.dumps(
        {
            "date": str(datetime.datetime.now(datetime.UTC)),
            "response_code": status,
            "webhook_url": URL,
            "organization_id": 1,
        },
        separators=(",", ":"),
    )
    with log.pipeline() as pipeline:
        pipeline.lpush(key, row)
        pipeline.ltrim(key, 0, 99)
        pipeline.expire(key, LIFETIME_SECONDS)
        pipeline.execute()
