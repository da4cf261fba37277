"""A browser window and the actions of a user."""

import atexit
import base64
import json
import os
import pathlib
import signal
import time
import unittest

import demo
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

# Makes fetch fail for matching URLs, as if the server were unreachable, or never end.
UNREACHABLE = """
window.unreachable = new RegExp(PATTERN);
const realFetch = window.fetch;
window.fetch = (url, options) => (window.unreachable?.test(url)
    ? ENDLESS ? new Promise(() => {}) : Promise.reject(new TypeError('unreachable')) : realFetch(url, options));
"""
SCREENS = pathlib.Path(os.environ["HOOKLINE_SCREENS"])
WAIT_SECONDS = 20


def interrupt(*_):
    """Ends the tests like Ctrl-C. The default would leave browsers behind."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


signal.signal(signal.SIGTERM, interrupt)


def open_browser():
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--ignore-certificate-errors", "--hide-scrollbars", "--lang=en-GB"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    atexit.register(browser.quit)
    return browser


def close_browser(browser):
    atexit.unregister(browser.quit)
    browser.quit()


# One browser per user, because a browser remembers the password.
browsers = {}


class PageTest(unittest.TestCase):
    """A test with its own window. Every error or warning in the browser's console fails the test."""

    user = demo.ALICE
    # Substrings of console messages that the test expects.
    expected_messages = ()

    def setUp(self):
        self.sign_in(self.user)

    def sign_in(self, user):
        """Opens a new tab in the browser of this user and closes the old one."""
        if user not in browsers:
            browsers[user] = open_browser()
            browsers[user].get(demo.url("/api.html", user))
        self.browser = browsers[user]
        # Ends the calls of the page. Those that end with its tab may be reported in the next test.
        self.browser.get("about:blank")
        old = self.browser.current_window_handle
        self.browser.switch_to.new_window("tab")
        new = self.browser.current_window_handle
        self.browser.switch_to.window(old)
        self.browser.close()
        self.browser.switch_to.window(new)
        self.browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Europe/Berlin"})
        self.resize(1440, 900)
        for kind in ["browser", "performance"]:
            self.browser.get_log(kind)

    def tearDown(self):
        messages = [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] != "INFO"]
        unexpected = [one for one in messages if not any(part in one for part in self.expected_messages)]
        self.assertEqual(unexpected, [])

    def before_load(self, script):
        """Runs a script in each page that this tab opens, before the page's own. Returns what removes it by
        Page.removeScriptToEvaluateOnNewDocument."""
        return self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    def disconnect(self, pattern, endless=False):
        """Calls of matching URLs fail, or are never answered, in each page that this tab opens until connect()."""
        self.before_load(UNREACHABLE.replace("PATTERN", json.dumps(pattern)).replace("ENDLESS", str(endless).lower()))

    def connect(self):
        self.script("window.unreachable = null")

    def refresh(self):
        """What a page does when it becomes visible again."""
        self.script("document.dispatchEvent(new Event('visibilitychange'))")

    def refresh_soon(self):
        """The same, unless HOOKLINE_BROWSER=all: the test then waits for the refresh that the page makes by itself."""
        if not demo.HAS_ALL:
            self.refresh()

    def pass_seconds(self, seconds):
        """Sets the clock of the page forward."""
        self.script("const { now } = Date; Date.now = () => now() + arguments[0] * 1000", seconds)

    def resize(self, width, height, dark=False):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def open(self, path):
        self.browser.get(demo.url(path))

    def open_log(self, slug="release-radar", query=""):
        self.open(f"/app.html?app={slug}{query}")
        self.wait_for_log()

    def until(self, condition, what, seconds=WAIT_SECONDS):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                value = condition()
                if value:
                    return value
            except StaleElementReferenceException:
                pass
            time.sleep(0.05)
        self.screenshot(f"failed-{self.id()}")
        return self.fail(f"timeout after {seconds} s: {what}")

    def log_state(self):
        return self.one("#log").get_attribute("data-state")

    def wait_for_log(self, *states):
        self.until(lambda: self.log_state() in (states or ("rows", "empty")), f"log in {states or 'rows'}")

    def one(self, selector, inside=None):
        return (inside or self.browser).find_element(By.CSS_SELECTOR, selector)

    def all(self, selector, inside=None):
        return (inside or self.browser).find_elements(By.CSS_SELECTOR, selector)

    def script(self, text, *arguments):
        return self.browser.execute_script(text, *arguments)

    def texts(self, selector):
        """Texts of the visible elements, read in a single call because the page may refresh at any time."""
        return self.script(
            "return [...document.querySelectorAll(arguments[0])].filter(n => n.offsetParent).map(n => n.textContent)",
            selector)

    def new_entry(self):
        """A delivered request of this moment, by the clock of the page, for demo.store()."""
        return {"date": self.script("return new Date().toISOString().replace('T', ' ').replace('Z', '000+00:00')"),
                "response_code": 200, "webhook_url": "https://new.example/"}

    def column(self, name):
        return self.texts(f"#log-table tbody .row .{name}")

    def choose(self, field, value):
        """Changes a field and fires the change event, like a user."""
        self.script(
            "const f = document.getElementById(arguments[0]); f.value = arguments[1];"
            "f.dispatchEvent(new Event('change', { bubbles: true }))", field, value)
        self.wait_for_log()

    def choose_organization(self, field, slug):
        """Waits for the list of the organizations; chooses one as a user does."""
        self.until(lambda: self.all(f"select#{field}"), "the list of organizations")
        self.script(
            "const f = document.getElementById(arguments[0]); f.focus(); f.value = arguments[1];"
            "for (const name of ['input', 'change']) f.dispatchEvent(new Event(name, { bubbles: true }))", field, slug)
        self.assertEqual(self.one(f"#{field}").get_property("value"), slug)

    def keys(self, *keys):
        """Presses keys as a keyboard does. An element's send_keys would focus the element again before each key, which
        moves the focus in a field of several parts, such as a date."""
        ActionChains(self.browser).send_keys(*keys).perform()

    def tab(self, backwards=False):
        actions = ActionChains(self.browser)
        if backwards:
            actions.key_down(Keys.SHIFT)
        actions.send_keys(Keys.TAB)
        if backwards:
            actions.key_up(Keys.SHIFT)
        actions.perform()

    def open_row(self, index=0, selector=".row-bad"):
        row = self.all(f"#log-table {selector} .row-toggle")[index]
        # A mouse click misses the row if the page moves at the same time, for example because a chart appears.
        row.send_keys(Keys.ENTER)
        panel = self.one("#" + row.get_attribute("aria-controls"))
        self.until(lambda: panel.text and "Loading" not in panel.text, "headers and bodies")
        return panel

    def show_tab(self, panel, name):
        """Selects "Request" or "Response" in an open row."""
        tab = next(tab for tab in self.all("[role=tab]", panel) if tab.text == name)
        # It may be behind the head of the table, which stays in view.
        self.script("arguments[0].scrollIntoView({ block: 'center' })", tab)
        tab.click()

    def body(self, panel, name):
        """The text of "Request body" or "Response body", also on a tab that is not selected."""
        return self.one(f"pre[aria-label='{name} body']", panel).get_attribute("textContent")

    def screenshot(self, name):
        height = min(2400, self.script("return document.documentElement.scrollHeight"))
        picture = self.browser.execute_cdp_cmd("Page.captureScreenshot", {
            "format": "png", "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": self.script("return innerWidth"), "height": height, "scale": 1}})
        (SCREENS / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))

    def transfers(self):
        """Transferred bytes by URL since the window was opened."""
        urls, sizes = {}, {}
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            values = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                urls[values["requestId"]] = values["request"]["url"]
            elif message["method"] == "Network.loadingFinished":
                sizes[values["requestId"]] = values["encodedDataLength"]
        return {urls[key]: size for key, size in sizes.items() if key in urls}
