"""The running demo: its address, and operations that tests make outside of the page."""

import base64
import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import ssl
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

BASE = os.environ["HOOKLINE_BASE"]
FOLDER = pathlib.Path(os.environ["HOOKLINE_FOLDER"])
# Each state of a page is checked in every layout, and tests wait for what takes long.
HAS_ALL = os.environ.get("HOOKLINE_BROWSER") == "all"
PASSWORD = os.environ["HOOKLINE_DEMO_PASSWORD"]
ALICE = "alice@acme.example"
MARK = "mark@acme.example"
# Ids of the demo's apps.
APP_IDS = {"release-radar": 9001, "night-watch": 9002, "pager-bridge": 9003}


def url(path, user=None):
    """With a user, the URL contains the user's credentials."""
    if user is None:
        return BASE + path
    return BASE.replace("https://", f"https://{urllib.parse.quote(user)}:{PASSWORD}@") + path


def response(path, user, password):
    """The response to a request with this password, including error responses."""
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(BASE + path, headers={"Authorization": f"Basic {credentials}"})
    context = ssl.create_default_context(cafile=str(FOLDER / "tls.crt"))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        return opener.open(request, timeout=20)
    except urllib.error.HTTPError as error:
        return error


def api(path, user=ALICE):
    """The JSON of a response, which must be 200."""
    with response(f"/api/0/{path}", user, PASSWORD) as answer:
        if answer.status != 200:
            raise AssertionError(f"{path}: {answer.status} {answer.read()[:200]}")
        return json.load(answer)


def redis(*arguments):
    command = ["redis-cli", "-s", str(FOLDER / "redis.sock"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout


def hookline(*arguments):
    """Runs the command line with the demo's directory and Redis."""
    program = pathlib.Path(os.environ["HOOKLINE_PRODUCTS"]) / "hookline"
    return subprocess.run(
        [program, *arguments, "--directory", f"sqlite:{FOLDER / 'directory.sqlite'}"],
        env={**os.environ, "HOOKLINE_SETTINGS_FILE": "none", "HOOKLINE_REDIS": f"unix:{FOLDER / 'redis.sock'}"},
        check=False, capture_output=True, text=True, timeout=20)


def disable(slug):
    """Disables the app unless it is already disabled."""
    done = hookline("app", "disable", slug, "--reason", "for a test")
    if done.returncode != 0 and "already disabled" not in done.stderr:
        raise AssertionError(done.stderr)


@contextlib.contextmanager
def extra_app(slug, number):
    """An app of acme with this id that is installed there without a service hook, while the block runs.

    Each test has its own slug and id: responders keep what they know of an app for some seconds.
    """
    with directory() as database:
        acme = database.execute("SELECT id FROM organizations WHERE slug = 'acme'").fetchone()[0]
    document = {
        "apps": [{"id": number, "slug": slug, "name": slug, "owner_id": acme, "status": "internal",
                  "events": ["issue"], "webhook_url": "https://quiet.example/hook", "client_secret": "hush"}],
        "installations": [{"id": number, "app_id": number, "organization_id": acme,
                           "uuid": installation(number)}],
    }
    file = FOLDER / "extra-app.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    hookline("directory", "import", str(file)).check_returncode()
    try:
        yield
    finally:
        remove_app(slug)


@contextlib.contextmanager
def app_at(slug, number, url):
    """An app with this id and the delivery policy `standard`, which gets issue.created at this URL, while the block
    runs. The URL is not checked."""
    with extra_app(slug, number):
        with directory() as database:
            database.execute("UPDATE apps SET webhook_url = ?, delivery_policy = 'standard' WHERE id = ?",
                             (url, number))
            acme = database.execute("SELECT owner_id FROM apps WHERE id = ?", (number,)).fetchone()[0]
            database.execute("INSERT INTO service_hooks (id, installation_id, organization_id, url, events) "
                             "VALUES (?, ?, ?, ?, 'issue.created')", (number, number, acme, url))
        yield


def installation(number):
    """The uuid of the installation of an app of extra_app()."""
    return f"00000000-0000-4000-8000-{number:012}"


@contextlib.contextmanager
def dead_letters(slug, number, count):
    """An app with this id and some dead letters, while the block runs: no worker may connect to its address."""
    with app_at(slug, number, "https://192.0.2.1/"):
        for index in range(count):
            hookline("event", "send", installation(number), "issue.created",
                     "--data", json.dumps({"number": index})).check_returncode()
        end = time.monotonic() + 20
        while len(hookline("queue", "list", "--app", slug, "--json").stdout.splitlines()) < count:
            if time.monotonic() > end:
                raise AssertionError(f"{slug} has too few dead letters")
            time.sleep(0.1)
        try:
            yield
        finally:
            hookline("queue", "delete", "--all", "--app", slug, "--yes").check_returncode()


def remove_app(slug):
    """Removes an app that a test has made, also one that is marked as deleted."""
    with directory() as database:
        for (number,) in database.execute("SELECT id FROM apps WHERE slug = ?", (slug,)).fetchall():
            database.execute("DELETE FROM service_hooks WHERE installation_id IN "
                             "(SELECT id FROM installations WHERE app_id = ?)", (number,))
            for table in ["installations", "app_headers", "previous_secrets"]:
                database.execute(f"DELETE FROM {table} WHERE app_id = ?", (number,))
            database.execute("DELETE FROM apps WHERE id = ?", (number,))


@contextlib.contextmanager
def breaker(slug, state, seconds):
    """Sets the state of the app's circuit breaker, "broken" or "in_recovery", while the block runs; gives its end."""
    key = f"sentry-app.webhook.{slug}.circuit_breaker.{state}"
    end = int(time.time()) + seconds
    redis("SET", key, str(end), "EX", str(seconds))
    try:
        yield end
    finally:
        redis("DEL", key)


def store(slug, event, entry):
    """Adds a request to the log as the newest one, like the worker; gives a function that removes it."""
    text = json.dumps(entry)
    code = entry["response_code"]
    is_error = (code >= 400 or code <= 0) and entry.get("reason") not in ("breaker-open", "lease-lost")
    keys = [f"sentry-app-webhook-{kind}:{{{APP_IDS[slug]}}}:{event}"
            for kind in (["request", "error"] if is_error else ["request"])]
    for key in keys:
        redis("LPUSH", key, text)

    def remove():
        for key in keys:
            redis("LREM", key, "1", text)
    return remove


@contextlib.contextmanager
def redis_stopped():
    """Suspends Redis while the block runs. Connections stay open, as on a machine that hangs."""
    line = next(line for line in redis("INFO", "server").splitlines() if line.startswith("process_id:"))
    pid = int(line.split(":")[1])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def workers_stopped():
    """Suspends the worker while the block runs. Its report in Redis expires after some seconds; only with
    HOOKLINE_BROWSER=all do tests wait for that."""
    lines = (FOLDER / "worker.log").read_text(encoding="utf-8").splitlines()
    pid = next(json.loads(line)["process"] for line in reversed(lines) if '"message":"delivering"' in line)
    os.kill(int(pid), signal.SIGSTOP)
    if not HAS_ALL:
        redis("DEL", "hookline:workers")
    try:
        yield
    finally:
        os.kill(int(pid), signal.SIGCONT)


def write_passwords(text):
    """Replaces the password file atomically. nginx reads it for every request."""
    file = FOLDER / "htpasswd.new"
    file.write_text(text, encoding="utf-8")
    file.replace(FOLDER / "htpasswd")


def add_user(user):
    """Adds a user with the common password."""
    lines = (FOLDER / "htpasswd").read_text(encoding="utf-8").splitlines()
    write_passwords("\n".join([*lines, lines[0].replace(ALICE, user), ""]))


@contextlib.contextmanager
def all_passwords_removed():
    """nginx rejects every password while the block runs."""
    before = (FOLDER / "htpasswd").read_text(encoding="utf-8")
    write_passwords("")
    try:
        yield
    finally:
        write_passwords(before)


@contextlib.contextmanager
def directory():
    """The database of the directory; commits when the block ends."""
    with contextlib.closing(sqlite3.connect(FOLDER / "directory.sqlite", timeout=20)) as database, database:
        yield database
