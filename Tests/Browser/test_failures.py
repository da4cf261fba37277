"""Failures of services: the page shows an error and never an empty table."""

import json

import demo
from layouts import LayoutTest
from page import PageTest


class RedisTests(LayoutTest):
    expected_messages = ("status of 503",)

    def test_rows_stay_and_are_marked_as_outdated(self):
        self.open_log("night-watch")
        rows = self.column("time")

        with demo.redis_stopped():
            self.one("#refresh").click()
            self.wait_for_log("stale")

            self.assertIn("could not be refreshed", self.one("#log-notice").text)
            self.assertEqual(self.column("time"), rows)
            self.in_each_layout("log-stale")
        # By itself the page waits longer after each failure.
        self.one("#refresh").click()
        self.wait_for_log("rows")
        self.assertFalse(self.one("#log-notice").is_displayed())

    def test_a_log_that_could_not_be_loaded_is_not_shown_as_empty_and_is_retried(self):
        with demo.redis_stopped():
            self.open("/app.html?app=night-watch")
            self.wait_for_log("failed")

            self.assertIn("could not be loaded", self.one("#log-notice").text)
            self.assertFalse(self.one("#log-table").is_displayed())
            self.assertFalse(self.one("#log-empty").is_displayed())
            self.in_each_layout("log-failed")
        self.refresh_soon()
        self.until(lambda: self.log_state() == "rows", "the rows", seconds=120)
        # The call for the health may have begun before Redis went on.
        self.refresh_soon()
        self.until(lambda: any(self.texts("#app-last")), "health", seconds=60)


class StatusTests(LayoutTest):
    expected_messages = ("status of 503",)

    def test_the_status_shows_a_redis_outage_and_its_end(self):
        with demo.redis_stopped():
            self.open("/status.html")
            self.until(lambda: "Redis is unreachable" in self.one("#page-notice").text, "the message", seconds=60)
            self.assertEqual(self.texts("#queues"), [])
            self.in_each_layout("status-no-redis")

        self.refresh_soon()
        self.until(lambda: self.texts("#redis") == ["Redis connected"], "Redis", seconds=60)
        self.assertFalse(self.one("#page-notice").is_displayed())


class ForbiddenTests(PageTest):
    expected_messages = ("status of 403",)
    user = demo.MARK

    def test_a_log_that_may_not_be_read_is_not_requested_again(self):
        record = "window.calls = 0; const real = window.fetch; window.fetch = (...a) => { window.calls += 1; " \
            "return real(...a); };"
        self.before_load(record)

        # An app of another organization: its details are public, its log is not.
        self.open("/app.html?app=globex-sync")
        self.wait_for_log("failed")
        self.until(lambda: self.one("#app-name").text == "Globex Sync", "the details")

        self.assertIn("permission", self.one("#log-notice").text)
        # No refresh is scheduled, and a page that becomes visible again makes none, once the health was refused, too.
        self.assertEqual(self.one("#log-age").text, "")
        self.until(lambda: self.script(
            "const before = window.calls; document.dispatchEvent(new Event('visibilitychange'));"
            "return window.calls - before") == 0, "no further request")


class SignInTests(LayoutTest):
    expected_messages = ("status of 401",)

    def test_a_wrong_password_opens_the_dialog_for_pages_only(self):
        wrong = demo.response("/", demo.ALICE, "wrong")
        self.assertEqual((wrong.status, wrong.headers.get_all("WWW-Authenticate")), (401, ['Basic realm="Hookline"']))

        for path in ["/api/0/sentry-apps/", "/api/0/sentry-apps/night-watch/webhook-requests/"]:
            wrong = demo.response(path, demo.ALICE, "wrong")
            self.assertEqual((wrong.status, wrong.headers.get_all("WWW-Authenticate")), (401, ['xBasic realm="api"']))
            self.assertEqual(json.loads(wrong.read()), {"detail": "Invalid username/password."})
            self.assertEqual(demo.response(path, demo.ALICE, demo.PASSWORD).status, 200)

    def test_an_expired_sign_in_is_reported_and_can_be_renewed(self):
        self.open_log("night-watch")
        self.until(lambda: self.all("#usage-charts canvas"), "charts")

        with demo.all_passwords_removed():
            self.one("#refresh").click()
            # The first message is that of the sign-in. A dialog of the browser would make the call time out instead.
            self.until(lambda: self.one("#log-notice").text, "a message", seconds=60)
            self.assertIn("sign-in has expired", self.one("#log-notice").text)
            self.assertEqual(self.log_state(), "stale")
            self.in_each_layout("log-signed-out")
            view = self.browser.current_url
            self.one("#log-notice button").click()
        # The browser would show its password dialog for the page. A URL with the password avoids it.
        self.browser.get(demo.url("/api.html", demo.ALICE))
        self.browser.get(view)

        self.wait_for_log("rows")
        self.assertFalse(self.one("#log-notice").is_displayed())


ID = "fa11ed00000000000000000000000001"


# The body of the log's response never ends; the page waits for it a hundredth of its time.
ENDLESS_BODY = """
const realFetch = window.fetch;
window.fetch = (url, options) => {
    if (!/webhook-requests/.test(url)) return realFetch(url, options);
    return Promise.resolve(new Response(new ReadableStream({
        start: (stream) => options.signal.addEventListener("abort", () => stream.error(options.signal.reason)),
    })));
};
const realTimeout = window.setTimeout;
window.setTimeout = (run, time) => realTimeout(run, time === 20_000 ? 200 : time);
"""


class UnreachableTests(LayoutTest):
    def test_a_response_that_does_not_end_is_given_up(self):
        self.before_load(ENDLESS_BODY)
        self.open("/app.html?app=night-watch")

        self.wait_for_log("failed")
        self.assertIn("did not respond in time", self.one("#log-notice").text)

    def test_an_unreachable_server_is_not_shown_as_an_empty_table_and_is_retried(self):
        self.disconnect("/api/0/")
        self.open("/app.html?app=night-watch")
        self.wait_for_log("failed")
        self.assertIn("The server is unreachable", self.one("#log-notice").text)
        self.assertIn("Retrying in", self.one("#log-age").text)
        self.assertFalse(self.one("#log-empty").is_displayed())

        self.connect()
        self.refresh_soon()

        self.wait_for_log("rows")

    def test_a_list_that_could_not_be_loaded_is_not_shown_as_empty(self):
        self.disconnect("/api/0/")
        self.open("/")
        self.until(lambda: "The apps could not be loaded" in self.one("#page-notice").text, "the message")
        self.assertFalse(self.one("#apps-empty").is_displayed())

        self.connect()
        self.one("#page-notice button").click()

        self.until(lambda: len(self.texts("#apps-table .name a")) == 3, "three apps")

    def test_loading_the_name_is_retried(self):
        self.disconnect("/night-watch/$")
        self.open_log("night-watch")
        self.assertEqual(self.one("#app-name").text, "night-watch")

        self.connect()
        self.refresh_soon()

        self.until(lambda: self.one("#app-name").text == "Night Watch", "the name", seconds=60)

    def open_row_whose_details_fail(self, selector):
        """A row of an event with two attempts, of which the first one failed."""
        first = {"date": "2099-01-01 00:00:00.000001+00:00", "response_code": 500, "attempt": 1, "request_id": ID,
                 "webhook_url": "https://hook.example/in", "response_body": "plain-refusal"}
        second = {**first, "date": "2099-01-01 00:05:00.000001+00:00", "response_code": 204, "attempt": 2}
        for entry in [first, second]:
            self.addCleanup(demo.store("night-watch", "issue.created", entry))
        self.disconnect(f"/requests/{ID}/")
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")
        panel = self.open_row(selector=selector)
        self.until(lambda: self.all(".details-notice button", panel), "the error")
        self.assertIn("The details could not be loaded.", self.one(".details-notice[role=alert]", panel).text)
        self.assertEqual(self.all(".attempts li", panel), [])
        return panel

    def try_again(self, panel):
        self.one(".details-notice button", panel).click()
        # The button is gone.
        toggle = self.script("return arguments[0].closest('tr').previousElementSibling.querySelector('.row-toggle')",
                             panel)
        self.assertEqual(self.browser.switch_to.active_element, toggle)

    def check_attempts(self, panel):
        self.until(lambda: len(self.all(".attempts li", panel)) == 2, "the attempts")
        self.assertEqual(self.all(".details-notice *", panel), [])
        self.assertFalse(self.one(".details-notice", panel).is_displayed())
        self.assertNotIn("could not be loaded", panel.text)
        self.assertNotIn("Try again", panel.text)

    def test_loading_the_attempts_of_a_success_is_retried(self):
        panel = self.open_row_whose_details_fail(".row-good")
        self.assertEqual(self.one(".exchange", panel).text, "")
        self.in_each_layout("row-failed")

        self.try_again(panel)
        self.until(lambda: self.all(".details-notice button", panel), "the second error")

        self.connect()
        self.try_again(panel)
        self.check_attempts(panel)
        self.assertIn("are not stored", self.one(".exchange", panel).text)

    def test_loading_the_bodies_of_a_failure_is_retried(self):
        panel = self.open_row_whose_details_fail(".row-bad")
        self.assertEqual(self.one(".exchange", panel).text, "")

        self.connect()
        self.try_again(panel)
        self.check_attempts(panel)
        self.assertIn("plain-refusal", self.one(".exchange", panel).text)


class ChartTests(LayoutTest):
    expected_messages = ("/vendor/chart.js", "ERR_BLOCKED")

    def test_without_the_library_there_are_tables(self):
        self.browser.execute_cdp_cmd("Network.enable", {})
        self.browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/vendor/chart.js"]})

        self.open_log()

        self.until(lambda: len(self.all("#usage-charts table.plain")) == 3, "three tables")
        self.assertEqual(self.all("#usage-charts canvas"), [])
        self.in_each_layout("tables")
