"""What a relay of the original's webhooks does when it takes one, as a Flask application usually does it: check the
signature in constant time, parse the JSON, drop repetitions, append to a stream."""

import hashlib
import hmac
import json

from flask import Flask, request
from service import connect

SECRET = b"5" * 64
LIFETIME_SECONDS = 86_400

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1 << 20
client = connect()


@app.post("/relay/<slug>/")
def relay(slug):
    body = request.get_data()
    expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("Sentry-Hook-Signature", "")):
        return {"detail": "The signature does not fit."}, 401
    try:
        action = json.loads(body)["action"]
    except (ValueError, KeyError, TypeError):
        return {"detail": "The body is no webhook."}, 400
    identifier = request.headers["Request-ID"]
    if client.set(f"relay:{slug}:{identifier}", "1", nx=True, ex=LIFETIME_SECONDS):
        event = f"{request.headers['Sentry-Hook-Resource']}.{action}"
        client.xadd(f"relay:{slug}", {"id": identifier, "event": event, "body": body})
    return {"requestId": identifier}, 202
