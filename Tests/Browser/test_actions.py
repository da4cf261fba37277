"""Redelivery, enabling an app, and the list of apps."""

import re
import time

import demo
from layouts import LayoutTest
from page import PageTest


class RedeliveryTests(PageTest):
    def test_a_request_is_redelivered_and_the_new_row_is_shown(self):
        # The newest event was sent by the demo, and its payload is stored.
        self.open_log()
        count = len(self.column("time"))
        panel = self.open_row(selector=".row")

        self.one("button.primary", panel).click()

        self.until(lambda: "Redelivered as" in panel.text, "the new request")
        new = self.until(lambda: self.all("#log-table .row.is-new"), "the new row")[0]
        self.assertTrue(new.is_displayed())
        self.assertGreaterEqual(len(self.column("time")), count)
        self.one(".row-toggle", new).click()
        self.assertIn("Redelivery of", self.texts(".details")[0])


    def test_a_search_does_not_end_the_waiting_for_a_redelivery(self):
        self.open_log()
        panel = self.open_row(selector=".row")
        request = self.one("#log-table .facts .is-wide:nth-last-child(1) code", panel).text
        with demo.workers_stopped():
            self.one("button.primary", panel).click()
            self.until(lambda: "Waiting for delivery" in panel.text, "the event in the queue")

            self.one("#search").send_keys(request)
            self.until(lambda: "matching request" in self.one("#log-count").text, "the search")

        self.until(lambda: "Redelivered as" in panel.text, "the new request", seconds=40)

    def test_nothing_is_offered_until_the_rights_are_known(self):
        self.disconnect("/health/", endless=True)
        self.open_log()
        self.open_row(selector=".row")

        self.assertEqual(self.texts(".needs-write, .read-only-note, .needs-erase, .no-erase-note"), [])


# The server processes the request, but the first response is lost.
LOSE_RESPONSE = """
window.keys = [];
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    const response = await realFetch(url, options);
    if (!url.includes("/redeliver/")) return response;
    window.keys.push(options.headers["Idempotency-Key"] ?? null);
    if (window.keys.length > 1) return response;
    window.first = (await response.json()).id;
    throw new TypeError("lost");
};
"""


class UnavailableRedeliveryTests(PageTest):
    expected_messages = ("status of 503",)

    def test_a_retry_after_a_lost_response_does_not_send_twice(self):
        self.before_load(LOSE_RESPONSE)
        self.open_log()
        self.one("#pause").click()
        panel = self.open_row(selector=".row")

        self.one("button.primary", panel).click()
        self.until(lambda: "not known whether" in panel.text, "the message")
        self.one("button.primary", panel).click()

        self.until(lambda: f"Redelivered as {self.script('return window.first')}" in panel.text, "the first request")
        first, second = self.script("return window.keys")
        self.assertRegex(first, "^[0-9a-f]{32}$")
        self.assertEqual(second, first)

    def test_an_unavailable_log_does_not_suggest_to_send_again(self):
        self.open_log()
        self.one("#pause").click()
        panel = self.open_row(selector=".row")

        self.one("button.primary", panel).click()
        self.until(lambda: "Queued as" in panel.text, "the event in the queue")
        with demo.redis_stopped():
            # The page waits for half a minute.
            self.pass_seconds(31)
            self.until(lambda: self.all(".action-bad, .action-warn", panel), "the message", seconds=90)

            self.assertRegex(
                self.one(".action-status", panel).text, "^Queued as [0-9a-f]+, but the log could not be loaded:")


class RejectedRedeliveryTests(PageTest):
    expected_messages = ("status of 404", "status of 403")

    def test_a_request_without_a_payload_cannot_be_redelivered(self):
        self.open_log(query="&errors=1&event=issue.ignored")
        panel = self.open_row()

        self.one("button.primary", panel).click()

        self.until(lambda: "No payload is stored" in panel.text, "the message")

    def test_a_reader_is_told_which_scope_redelivery_requires_and_gets_no_button(self):
        self.sign_in(demo.MARK)
        self.open_log()
        panel = self.open_row()

        self.until(lambda: "Redelivery requires org:write" in panel.text, "the message")

        self.assertNotIn("Redeliver", [button.text for button in self.all("button", panel)])
        self.assertFalse(self.one("#send-test").is_displayed())


class EnablingTests(PageTest):
    def test_enabling_shows_at_once_with_the_subscriptions(self):
        demo.disable("pager-bridge")
        # Responders cache the directory for some seconds.
        self.until(lambda: self.notice_after_opening("pager-bridge")
                   and "Subscriptions" not in self.one("#app-facts").text, "the notice", seconds=60)

        self.one("#page-notice button").click()
        self.until(lambda: "The app is enabled" in self.one("#page-notice").text, "the confirmation")

        self.assertNotIn("disabled", self.one("#app-health").text)
        self.assertIn("Subscriptions: issue", self.one("#app-facts").text)
        # The other responder still has the former state; the page does not show it.
        shown = set()
        end = time.monotonic() + 8
        while time.monotonic() < end:
            shown.add(self.one("#app-health").text)
        self.assertNotIn("disabled", shown)
        self.assertTrue(shown & {"fine", "failing", "silent"}, shown)

    def test_a_reader_is_told_which_scope_enabling_requires(self):
        demo.disable("pager-bridge")
        self.sign_in(demo.MARK)

        self.until(lambda: self.notice_after_opening("pager-bridge"), "the notice", seconds=60)

        self.assertIn("org:write", self.one("#page-notice").text)
        self.assertEqual(self.all("#page-notice button"), [])

    def notice_after_opening(self, slug):
        self.open_log(slug)
        self.until(lambda: any(self.texts("#app-last")), "health")
        return "This app is disabled" in self.one("#page-notice").text

    def test_a_disabled_app_shows_the_reason_and_can_be_enabled(self):
        # The demo's receiver responds with 410 for this app.
        self.open_log("pager-bridge")
        self.until(lambda: "This app is disabled" in self.one("#page-notice").text, "the notice")
        self.assertIn("410", self.one("#page-notice").text)

        self.one("#page-notice button").click()

        self.until(lambda: "The app is enabled" in self.one("#page-notice").text, "the confirmation")
        self.assertEqual(self.one("#page-notice button").text, "Redrive dead letters")

        self.one("#page-notice button").click()

        self.until(lambda: re.search("There were no dead letters|events? (is|are) in the queue",
                                     self.one("#page-notice").text), "the number of events")


class ListTests(LayoutTest):
    def test_readable_apps_are_listed(self):
        self.open("/")

        self.until(lambda: len(self.texts("#apps-table .name a")) == 3, "three apps")
        self.until(lambda: "…" not in self.texts("#apps-table .health"), "their health")
        self.assertEqual(set(self.texts("#apps-table .name a")), {"Release Radar", "Night Watch", "Pager Bridge"})
        self.assertLessEqual(set(self.texts("#apps-table tbody .health")), {"fine", "failing", "disabled", "silent"})
        self.one("#apps-table .name a").click()
        self.until(lambda: "/app.html?app=" in self.browser.current_url, "the app's page")
        self.wait_for_log()

    def test_a_user_without_organizations_is_told_why_the_list_is_empty(self):
        demo.add_user("otto@nowhere.example")
        self.sign_in("otto@nowhere.example")

        self.open("/")

        self.until(lambda: self.one("#apps-empty").is_displayed(), "the message")
        self.in_each_layout("list-empty")
