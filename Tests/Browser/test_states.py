"""States of pages and of the sections of an app's page that no other test shows: loading, empty, failing, forbidden,
signed out, without a worker, without Redis. Each is checked in every layout."""

import contextlib

import demo
from layouts import LayoutTest
from page import Keys

SECTIONS = ["deliveries", "check", "dead-letters", "redeliveries", "usage"]
FOLDED = ["deliveries", "dead-letters", "redeliveries"]
# A range without requests: the picture of a page ends before the sections below a long log.
NO_ROWS = "&from=2020-01-01T00:00Z&to=2020-01-02T00:00Z"
LOADED = ("rows", "empty")
# The list of apps has a second page.
TWO_PAGES = """
const realFetch = window.fetch;
const next = '<https://x/?cursor=0:100:0>; rel="next"; results="true"; cursor="0:100:0"';
window.fetch = async (url, options) => {
    const { pathname, search } = new URL(url);
    if (pathname.endsWith("/later/health/")) return new Response("{}", { status: 404 });
    if (pathname !== "/api/0/sentry-apps/") return realFetch(url, options);
    if (search.includes("cursor")) return new Response('[{"slug": "later", "name": "Later", "status": "internal"}]');
    const response = await realFetch(url, options);
    return new Response(await response.text(), { headers: { Link: next } });
};
"""
# The server has no list of apps, as some releases.
UNLISTED = """
const realFetch = window.fetch;
window.fetch = (url, options) => (url.endsWith("/api/0/sentry-apps/")
    ? Promise.resolve(new Response("{}", { status: 405 })) : realFetch(url, options));
"""


class StateTest(LayoutTest):
    def see(self, selector, text, seconds=20):
        """Waits until a visible element has this text."""
        self.until(lambda: any(text in one for one in self.texts(selector)), f"{text} in {selector}", seconds)

    @contextlib.contextmanager
    def signed_out(self):
        """The server refuses the password of the open page while the block runs."""
        try:
            with demo.all_passwords_removed():
                yield
        finally:
            # The browser would ask for the password: it has forgotten it.
            self.browser.get(demo.url("/api.html", self.user))


class ListTests(StateTest):
    def test_loading(self):
        self.disconnect("/api/0/", endless=True)
        self.open("/")

        self.see("#apps-loading", "Loading apps…")
        self.assertEqual(self.texts("#apps-table, #apps-empty, #page-notice"), [])
        self.in_each_layout("list-loading")

    def test_failed(self):
        self.disconnect("/api/0/")
        self.open("/")

        self.see("#page-notice", "The apps could not be loaded.The server is unreachable.")
        self.assertEqual(self.texts("#apps-table, #apps-empty, #apps-loading"), [])
        self.in_each_layout("list-failed")

    def test_a_list_that_could_not_be_refreshed_stays(self):
        self.open("/")
        self.see("#age", "Updated")
        self.script("window.fetch = () => Promise.reject(new TypeError('unreachable'))")
        self.refresh()

        self.see("#page-notice", "The list could not be refreshed.")
        self.assertGreaterEqual(len(self.texts("#apps-table .name a")), 3)
        self.in_each_layout("list-stale")

    def test_a_list_of_several_pages(self):
        self.before_load(TWO_PAGES)
        self.open("/")

        self.see("#apps-table .name a", "Later")
        self.see("#apps-table .name a", "Night Watch")

    def test_a_server_without_a_list(self):
        self.before_load(UNLISTED)
        self.open("/")

        self.see("#page-notice", "This server does not list its apps.")
        self.see("#open label", "App slug")
        self.in_each_layout("list-unlisted")
        self.one("#slug").send_keys("night-watch", Keys.ENTER)
        self.until(lambda: "/app.html?app=night-watch" in self.browser.current_url, "the app's page")


class SignedOutTests(StateTest):
    expected_messages = ("status of 401",)
    notice = "Your sign-in has expired."

    def test_list(self):
        self.open("/")
        self.see("#age", "Updated")
        with self.signed_out():
            self.refresh()

            self.see("#page-notice", self.notice)
            self.see("#page-notice button", "Sign in again")
            self.in_each_layout("list-signed-out")

    def test_sections_of_an_app(self):
        self.open_log("release-radar", NO_ROWS)
        self.one("#pause").click()
        self.until(lambda: any(self.texts("#app-last")), "health")
        # Their scripts are loaded when they are opened for the first time.
        for section in FOLDED:
            self.one(f"#{section} summary").click()
        self.until(lambda: self.all("#deliveries-charts canvas"), "charts")
        for section in ["dead-letters", "redeliveries"]:
            self.until(lambda section=section: self.one(f"#{section}").get_attribute("data-state") in LOADED, section)
        for section in FOLDED:
            self.script("document.getElementById(arguments[0]).open = false", section)
        with self.signed_out():
            for section in FOLDED:
                self.script("document.getElementById(arguments[0]).open = true", section)
                self.see(f"#{section}-notice", self.notice)
            self.one("#usage-period input[value='24h']").find_element("xpath", "..").click()
            self.see("#usage-notice", self.notice)
            # Its script is not loaded yet.
            self.script("document.getElementById('check').open = true")
            self.see("#check-notice", self.notice)
            self.assertEqual(self.texts("#check-form, #dead-letters-empty, #deliveries-charts p"), [])
            self.in_each_layout("sections-signed-out")

    def test_settings(self):
        self.open("/settings.html?app=night-watch")
        self.see("#save", "Save")
        with self.signed_out():
            self.one("#name").send_keys("!")
            self.one("#save").click()

            self.see("#settings-notice", self.notice)
            self.assertTrue(self.one("#name").get_property("value").endswith("!"))
            self.in_each_layout("settings-signed-out")
            self.one("#discard").click()

    def test_creation(self):
        self.open("/create.html")
        self.see("#create-form label", "Name")
        with self.signed_out():
            self.one("#name").send_keys("Not yet", Keys.ENTER)

            self.see("#create-notice", self.notice)
            self.assertEqual(self.one("#name").get_property("value"), "Not yet")
            self.in_each_layout("create-signed-out")

    def test_status(self):
        self.open("/status.html")
        self.see("#redis", "Redis connected")
        with self.signed_out():
            # The status is not behind the password.
            self.script("document.getElementById('version').textContent = ''")
            self.refresh()
            self.see("#version", "Updated")
            self.assertEqual(self.texts("#page-notice"), [])


class SectionTests(StateTest):
    expected_messages = ("status of 403", "status of 404", "ERR_BLOCKED_BY_CLIENT")

    def open_sections(self, slug):
        """Opens the app's page and all its sections."""
        self.open(f"/app.html?app={slug}")
        for section in SECTIONS:
            self.script("document.getElementById(arguments[0]).open = true", section)

    def test_loading(self):
        self.disconnect("/api/0/", endless=True)
        # Sections are set up when the app is known.
        self.open("/app.html?app=night-watch")
        self.see("#log-loading", "Loading log…")
        self.assertEqual(self.texts("#log-table, #log-empty, #log-notice"), [])
        self.in_each_layout("log-loading")

    def test_sections_that_are_loading(self):
        self.disconnect("night-watch/(deliveries|dead-letters|redeliveries|stats|why)/", endless=True)
        self.open_log("night-watch", f"{NO_ROWS}&check=issue.created")
        for section in SECTIONS:
            self.script("document.getElementById(arguments[0]).open = true", section)

        self.see("#deliveries-charts", "Loading deliveries…")
        self.see("#dead-letters-loading", "Loading dead letters…")
        self.see("#usage-charts", "Loading usage…")
        self.see("#check-verdict", "Checking issue.created…")
        self.assertEqual(self.texts("#dead-letters-empty, #redeliveries-table"), [])
        self.in_each_layout("sections-loading")

    def test_a_section_whose_script_cannot_be_loaded(self):
        self.browser.execute_cdp_cmd("Network.enable", {})
        self.browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/js/deliveries-view.js"]})
        self.addCleanup(self.browser.execute_cdp_cmd, "Network.setBlockedURLs", {"urls": []})
        self.open_log("night-watch", NO_ROWS)
        self.script("document.getElementById('deliveries').open = true")

        self.see("#deliveries-notice", "This section could not be loaded.")
        self.see("#deliveries-notice button", "Reload page")
        self.assertEqual(self.texts("#deliveries-charts, #deliveries-period"), [])
        self.in_each_layout("section-without-script")

    def test_sections_that_could_not_be_loaded(self):
        self.disconnect("night-watch/(deliveries|dead-letters|redeliveries|stats|why)/")
        self.open_log("night-watch", f"{NO_ROWS}&check=issue.created")
        for section in SECTIONS:
            self.script("document.getElementById(arguments[0]).open = true", section)

        for section, text in {"deliveries": "The deliveries could not be loaded.",
                              "dead-letters": "The dead letters could not be loaded.",
                              "redeliveries": "The redelivery jobs could not be loaded.",
                              "usage": "The usage could not be loaded.", "check": "The check failed."}.items():
            self.see(f"#{section}-notice", text)
            self.see(f"#{section}-notice", "The server is unreachable.")
        self.assertEqual(self.texts("#dead-letters-empty, #redeliveries-table, #deliveries-charts p"), [])
        self.in_each_layout("sections-failed")

    def test_an_app_without_anything(self):
        with demo.extra_app("state-empty", 98_401):
            self.open_sections("state-empty")

            self.see("#log-empty-plain", "No requests in the last 30 days.")
            self.see("#deliveries-charts", "No attempts in this period.")
            self.see("#dead-letters-empty", "The app has no dead letters.")
            self.see("#usage-charts", "No component was used.")
            self.until(lambda: self.one("#redeliveries").get_attribute("data-state") == "empty", "no jobs")
            self.assertEqual(self.texts("#log-table, #dead-letters-table, #redeliveries-table"), [])
            self.in_each_layout("sections-empty")

    def test_an_app_of_others(self):
        self.sign_in(demo.MARK)
        self.open_sections("globex-sync")

        self.wait_for_log("failed")
        for section in ["log", "deliveries", "dead-letters", "redeliveries", "usage"]:
            self.see(f"#{section}-notice", "permission")
        self.see("#log-notice", "org:read")
        self.assertEqual(self.texts("#filters, #pause, #sections a, #log-notice button"), [])
        self.assertEqual(self.one("#usage-summary").text, "")
        self.assertEqual(self.texts("#log-table, #log-empty, #dead-letters-empty, #redeliveries-table, "
                                    "#deliveries-charts p"), [])
        self.in_each_layout("sections-forbidden")

    def test_an_unknown_app(self):
        self.open("/app.html?app=no-such-app")

        self.see("#page-notice", "does not exist")
        self.until(lambda: self.texts(".card") == [], "no section")
        self.in_each_layout("app-unknown")


class DisabledTests(StateTest):
    def test_a_disabled_app(self):
        with demo.extra_app("state-disabled", 98_402):
            demo.hookline("app", "disable", "state-disabled", "--reason", "for a test").check_returncode()
            self.open("/app.html?app=state-disabled")

            self.see("#page-notice", "This app is disabled")
            self.see("#page-notice", "for a test")
            self.see("#app-health", "disabled")
            self.in_each_layout("app-disabled")

            # By somebody else. Responders cache the directory for some seconds.
            demo.hookline("app", "enable", "state-disabled").check_returncode()
            self.until(self.notice_ended, "the end of the notice", seconds=60)

    def notice_ended(self):
        self.refresh()
        return self.texts("#page-notice") == []


class NoWorkerTests(StateTest):
    def test_events_wait_and_the_status_says_so(self):
        with demo.workers_stopped():
            self.open("/status.html")
            self.see("#no-workers", "No worker is running", seconds=60)
            self.see("#redis", "Redis connected")
            self.in_each_layout("status-no-worker")

            self.open("/app.html?app=night-watch&check=issue.created")
            self.see("#check-verdict", "Later: the app would receive issue.created, but no worker is running")
            self.assertEqual(self.texts("#check-verdict"), [
                "Later: the app would receive issue.created, but no worker is running: events wait in the queue until "
                "one is started."])
            self.assertEqual(self.texts("#check .step-warn .step-name"), ["workers"])
            self.assertEqual(self.all("#check .verdict-good"), [])
            self.in_each_layout("check-no-worker")
        self.until(self.checked_again, "the worker", seconds=60)

    def checked_again(self):
        self.one("#check-form .primary").click()
        return self.one("#check-verdict").text.startswith("Yes: ")


class StatusTests(StateTest):
    def test_loading(self):
        self.disconnect("/-/status", endless=True)
        self.open("/status.html")

        self.see("h1", "Status")
        self.assertEqual(self.texts("#status, #page-notice, #redis span"), [])
        self.in_each_layout("status-loading")

    def test_failed(self):
        self.disconnect("/-/status")
        self.open("/status.html")

        self.see("#page-notice", "The status could not be loaded.")
        self.assertEqual(self.texts("#status"), [])
        self.in_each_layout("status-failed")

    def test_only_for_operators(self):
        self.before_load("window.fetch = async () => new Response('', { status: 403 })")
        self.open("/status.html")

        self.see("#page-notice", "You may not see the status.")
        self.assertEqual(self.texts("#status, #page-notice button"), [])
        self.in_each_layout("status-forbidden")


class NoRedisTests(StateTest):
    expected_messages = ("status of 503",)

    def test_the_list_says_that_the_health_is_not_known(self):
        with demo.redis_stopped():
            self.open("/")
            self.until(lambda: set(self.texts("#apps-table .health")) == {"unknown"}, "unknown health", seconds=90)

            self.assertEqual(self.texts("#apps-empty"), [])
            self.in_each_layout("list-no-redis")

    def test_sections_of_an_app(self):
        self.open_log("night-watch", NO_ROWS)
        self.one("#pause").click()
        with demo.redis_stopped():
            for section in FOLDED:
                self.one(f"#{section} summary").click()
            for section in FOLDED:
                self.see(f"#{section}-notice", "could not be loaded.", seconds=90)
            self.assertEqual(self.one("#deliveries-charts").text, "")
            self.assertEqual(self.texts("#dead-letters-empty, #redeliveries-table, #deliveries-charts p"), [])
            self.in_each_layout("sections-no-redis")
