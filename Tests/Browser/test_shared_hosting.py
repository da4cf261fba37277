"""The dashboard under a real Apache with the shipped .htaccess: every request of the API starts the program."""

import atexit
import contextlib
import os
import pathlib
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse

import demo
from layouts import LayoutTest
from page import Keys, close_browser, open_browser

HERE = pathlib.Path(__file__).resolve().parent.parent.parent


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port, process):
    """Waits until something listens on the port; fails if the process exits before."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"{process.args[0]} exited: {process.communicate()[0]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"{process.args[0]} does not listen")


class SharedHostingTests(LayoutTest):
    # There is no chart library: the page shows tables.
    expected_messages = ("/vendor/chart.js",)

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="hookline-apache.")
        cls.addClassCleanup(cls.folder.cleanup)
        folder = pathlib.Path(cls.folder.name)
        with contextlib.closing(sqlite3.connect(demo.FOLDER / "directory.sqlite")) as source, \
                contextlib.closing(sqlite3.connect(folder / "directory.sqlite")) as copy:
            source.backup(copy)
        (folder / "htpasswd").write_bytes((demo.FOLDER / "htpasswd").read_bytes())
        port, redis = free_port(), free_port()
        cls.redis = redis
        cls.start(redis, ["redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--dir", folder])
        made = subprocess.run(
            [HERE / "scripts/apache-site.sh", folder, "--port", str(port), "--redis", f"redis://127.0.0.1:{redis}/0",
             "--program", pathlib.Path(os.environ["HOOKLINE_PRODUCTS"]) / "hookline-cgi",
             "--directory", folder / "directory.sqlite"],
            check=True, capture_output=True, text=True, timeout=60)
        cls.start(port, made.stdout.split())
        cls.base = f"https://127.0.0.1:{port}"
        cls.window = open_browser()
        cls.addClassCleanup(close_browser, cls.window)

    def in_each_layout_nightly(self, name):
        """Other tests check the same pages under nginx."""
        if demo.HAS_ALL:
            self.in_each_layout(name)

    @classmethod
    def start(cls, port, command):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        # An interrupted test has no cleanup.
        atexit.register(process.terminate)
        cls.addClassCleanup(process.stdout.close)
        cls.addClassCleanup(process.wait, 20)
        cls.addClassCleanup(process.terminate)
        wait_for(port, process)

    def setUp(self):
        self.browser = self.window

    def open(self, path):
        # The browser uses the credentials of the address only if the page asks for a password.
        name = urllib.parse.quote(self.user)
        self.browser.get(self.base.replace("https://", f"https://{name}:{demo.PASSWORD}@") + path)

    def test_a_user_can_sign_in_and_read_a_log(self):
        self.open("/")
        self.until(lambda: "Release Radar" in self.one("#apps-table").text, "the list of apps")

        self.browser.get(self.base + "/app.html?app=release-radar")
        self.wait_for_log("empty")
        self.until(lambda: self.all("#usage-charts table.plain"), "the usage")

    def sign_in_and_open(self, path):
        """The browser keeps the password; the address of the page has none."""
        self.open("/api.html")
        self.browser.get(self.base + path)

    def test_sections_of_an_app_can_be_used(self):
        self.sign_in_and_open("/app.html?app=release-radar")
        self.wait_for_log("empty")
        for section in ["deliveries", "check", "dead-letters", "redeliveries"]:
            self.one(f"#{section} > summary").click()

        self.until(lambda: self.texts("#deliveries-charts") == ["No attempts in this period."], "deliveries")
        self.until(lambda: self.one("#dead-letters-empty").is_displayed(), "no dead letters")
        self.until(lambda: self.one("#redeliveries").get_attribute("data-state") == "empty", "no jobs")
        self.until(lambda: len(self.all("#check-event option")) > 1, "events")
        self.choose_organization("check-organization", "acme")
        self.one("#check-form button.primary").click()
        # There is no worker.
        self.until(lambda: "Later: the app would receive" in self.one("#check-verdict").text, "the check")
        self.script("document.getElementById('redelivery-since').value = '2020-01-01T00:00'")
        self.one("#redelivery-form button[value=count]").click()
        self.until(lambda: "0 stored events in this time range." in self.one("#redeliveries-notice").text, "the number")
        self.in_each_layout_nightly("apache-app")

    def test_details_of_a_row_are_shown(self):
        added = self.hookline("log", "add", "release-radar", "--event", "issue.created", "--code", "502",
                              "--response-body", "plain-refusal", "--header", "X-Test: one", "--request-id", "a" * 32)
        self.assertEqual(added.returncode, 0, added.stderr)
        self.addCleanup(self.redis_command, "FLUSHALL")
        self.sign_in_and_open("/app.html?app=release-radar")
        self.wait_for_log("rows")

        panel = self.open_row()

        self.assertIn("plain-refusal", self.body(panel, "Response"))
        self.until(lambda: "No attempt follows." in panel.text, "the state")
        self.in_each_layout_nightly("apache-row")

    def test_an_app_is_created_set_up_and_deleted(self):
        self.sign_in_and_open("/create.html")
        self.until(lambda: self.all("#create[data-state=form]"), "the form")
        self.in_each_layout_nightly("apache-create")
        self.one("#name").send_keys("Made by Apache", Keys.ENTER)
        self.until(lambda: self.all("#create[data-state=created]"), "the app")

        self.one("#created-settings").click()
        self.until(lambda: self.all("#settings[data-state=editable]"), "the settings")
        self.in_each_layout_nightly("apache-settings")
        self.one("#webhookUrl").send_keys("https://made.example/hook")
        self.one("#save").click()
        self.until(lambda: "are saved" in self.one("#settings-notice").text, "the message")
        with contextlib.closing(sqlite3.connect(pathlib.Path(self.folder.name) / "directory.sqlite")) as database:
            row = database.execute("SELECT webhook_url FROM apps WHERE slug = 'made-by-apache'").fetchone()
        self.assertEqual(row, ("https://made.example/hook",))
        self.one("#delete-field").send_keys("made-by-apache", Keys.ENTER)
        self.until(lambda: self.all("#settings[data-state=deleted]"), "the end")

    def hookline(self, *arguments):
        program = pathlib.Path(os.environ["HOOKLINE_PRODUCTS"]) / "hookline"
        return subprocess.run(
            [program, *arguments], check=False, capture_output=True, text=True, timeout=20,
            env={**os.environ, "HOOKLINE_SETTINGS_FILE": "none", "HOOKLINE_REDIS": f"redis://127.0.0.1:{self.redis}/0",
                 "HOOKLINE_DIRECTORY": f"sqlite:{pathlib.Path(self.folder.name) / 'directory.sqlite'}"})

    def redis_command(self, *arguments):
        subprocess.run(["redis-cli", "-p", str(self.redis), *arguments], check=True, capture_output=True, timeout=20)
