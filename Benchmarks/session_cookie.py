"""Session cookies as the original makes them (docs/protocol.md 5.3)."""

import base64
import hashlib
import hmac
import json
import time

NAME = "sentrysid"
SESSION_SALT = "django.contrib.sessions.backends.signed_cookies"
PASSWORD_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
BACKEND = "sentry.utils.auth.EmailAuthBackend"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def session_cookie(secret, user_id, password_hash, now=None):
    """The value of the cookie of a user who has just signed in."""
    session = {
        "_auth_user_id": str(user_id), "_auth_user_backend": BACKEND,
        "_auth_user_hash": _mac(PASSWORD_SALT, secret, password_hash).hex(),
    }
    payload = _base64(json.dumps(session, separators=(",", ":")).encode())
    signed = f"{payload}:{_base62(int(time.time() if now is None else now))}"
    return f"{signed}:{_base64(_mac(SESSION_SALT + 'signer', secret, signed))}"


def _mac(salt, secret, text):
    key = hashlib.sha256((salt + secret).encode()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _base62(number):
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = DIGITS[rest] + digits
    return digits or "0"
