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
from page import PageTest, close_browser, open_browser

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


class SharedHostingTests(PageTest):
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
