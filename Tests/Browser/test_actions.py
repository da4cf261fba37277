"""Sending a request again, and enabling an app."""

import demo
from page import PageTest


class RedeliveryTests(PageTest):
    def test_a_request_is_sent_again_and_the_new_row_is_shown(self):
        # The demo's own event is the newest, and its payload is kept.
        self.open_log()
        count = len(self.column("time"))
        panel = self.open_row(selector=".row")

        self.one("button.primary", panel).click()

        self.until(lambda: "Sent again as" in panel.text, "the new request")
        new = self.one("#log-table .row.is-new")
        self.assertTrue(new.is_displayed())
        self.assertGreaterEqual(len(self.column("time")), count)
        self.one(".row-toggle", new).click()
        self.assertIn("Sent again from", self.texts(".details")[0])


# The server does what it is asked, but the first answer is lost on the way.
LOSE_ANSWER = """
window.keys = [];
const reached = window.fetch;
window.fetch = async (address, options) => {
    const answer = await reached(address, options);
    if (!address.includes("/redeliver/")) return answer;
    window.keys.push(options.headers["Idempotency-Key"] ?? null);
    if (window.keys.length > 1) return answer;
    window.first = (await answer.json()).id;
    throw new TypeError("lost");
};
"""


class BrokenRedeliveryTests(PageTest):
    expected_complaints = ("status of 503",)

    def test_an_answer_that_is_lost_is_asked_for_again_without_sending_twice(self):
        self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LOSE_ANSWER})
        self.open_log()
        self.one("#pause").click()
        panel = self.open_row(selector=".row")

        self.one("button.primary", panel).click()
        self.until(lambda: "not known whether" in panel.text, "the sentence")
        self.one("button.primary", panel).click()

        self.until(lambda: f"Sent again as {self.script('return window.first')}" in panel.text, "the first request")
        first, second = self.script("return window.keys")
        self.assertRegex(first, "^[0-9a-f]{32}$")
        self.assertEqual(second, first)

    def test_a_log_that_cannot_be_read_is_no_reason_to_send_again(self):
        self.open_log()
        self.one("#pause").click()
        panel = self.open_row(selector=".row")

        self.one("button.primary", panel).click()
        self.until(lambda: "Queued as" in panel.text, "the event in the queue")
        with demo.redis_stopped():
            self.until(lambda: self.all(".answer-bad, .answer-warn", panel), "the sentence", seconds=90)

            self.assertRegex(self.one(".answer", panel).text, "^Queued as [0-9a-f]+; the log could not be read:")


class RefusedRedeliveryTests(PageTest):
    expected_complaints = ("status of 404", "status of 403")

    def test_a_request_whose_payload_is_gone_says_so(self):
        self.open_log(query="&errors=1&event=issue.ignored")
        panel = self.open_row()

        self.one("button.primary", panel).click()

        self.until(lambda: "No payload is kept" in panel.text, "the sentence")

    def test_who_may_only_read_is_told_what_it_takes(self):
        self.sign_in(demo.MARK)
        self.open_log()
        panel = self.open_row()

        self.one("button.primary", panel).click()

        self.until(lambda: "org:write" in panel.text, "the sentence")


class EnablingTests(PageTest):
    def test_a_disabled_app_says_why_and_is_enabled(self):
        # The demo's receiver said that it is gone.
        self.open_log("pager-bridge")
        self.until(lambda: "This app is disabled" in self.one("#page-notice").text, "the notice")
        self.assertIn("410", self.one("#page-notice").text)

        self.one("#page-notice button").click()

        self.until(lambda: "The app is enabled" in self.one("#page-notice").text, "the answer")


class ListTests(PageTest):
    def test_the_apps_that_one_may_read_are_listed(self):
        self.open("/")

        self.until(lambda: len(self.texts("#apps-table .name a")) == 3, "three apps")
        self.until(lambda: "…" not in self.texts("#apps-table .health"), "their health")
        self.assertEqual(set(self.texts("#apps-table .name a")), {"Release Radar", "Night Watch", "Pager Bridge"})
        self.assertLessEqual(set(self.texts("#apps-table tbody .health")), {"fine", "failing", "disabled", "silent"})
        self.one("#apps-table .name a").click()
        self.until(lambda: "/app.html?app=" in self.browser.current_url, "the app's page")
        self.wait_for_log()

    def test_who_belongs_to_no_organization_is_told_why_there_is_nothing(self):
        demo.let_in("otto@nowhere.example")
        self.sign_in("otto@nowhere.example")

        self.open("/")

        self.until(lambda: self.one("#apps-empty").is_displayed(), "the sentence")
        self.screenshot("list-empty-1440-light")
