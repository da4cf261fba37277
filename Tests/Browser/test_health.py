"""What a page says of an app that gets no webhooks: an open circuit breaker, and a silence."""

import time

import demo
from layouts import LayoutTest

DAY = 86_400


class BreakerTests(LayoutTest):
    def notice(self):
        return self.one("#breaker-notice").text

    def test_an_open_circuit_breaker_says_until_when_and_what_that_means(self):
        with demo.breaker("night-watch", "broken", 3600) as end:
            self.open_log("night-watch")
            self.until(self.notice, "the message")

            # The window's time zone is that of Berlin.
            time_of_end = self.script(
                "return new Date(arguments[0] * 1000).toLocaleTimeString(undefined, "
                "{ hour: '2-digit', minute: '2-digit', second: '2-digit' })", end)
            self.assertIn("Webhooks are held back until", self.notice())
            self.assertIn(time_of_end, self.notice())
            self.assertIn("sent when the circuit breaker closes", self.notice())
            self.assertEqual(self.one("#app-breaker").text, "breaker open")
            self.in_each_layout("breaker-open")

            self.one("#breaker-notice a.button").click()
            self.wait_for_log()

            self.assertIn("errors=1", self.browser.current_url)
            self.assertTrue(self.one("#errors").is_selected())

    def test_the_list_marks_an_app_whose_circuit_breaker_is_open(self):
        with demo.breaker("night-watch", "broken", 3600):
            self.open("/")

            self.until(lambda: "breaker open" in self.health("night-watch"), "the mark")
            self.until(lambda: self.health("release-radar") not in ("", "…"), "the health of another app")

        self.assertNotIn("breaker open", self.health("release-radar"))

    def health(self, slug):
        return "".join(self.texts(f"#apps-table tr[data-slug={slug}] .health"))

    def test_one_that_recovers_says_so_without_an_alarm(self):
        with demo.breaker("night-watch", "in_recovery", 3600):
            self.open_log("night-watch")
            self.until(self.notice, "the message")

            self.assertIn("Webhooks are sent again", self.notice())
            self.assertEqual(self.all("#breaker-notice .notice-warn"), [])
            self.assertEqual(self.one("#app-breaker").text, "")

    def test_a_closed_one_is_not_mentioned(self):
        self.open_log("night-watch")
        self.until(lambda: any(self.texts("#app-last")), "health")

        self.assertFalse(self.one("#breaker-notice").is_displayed())
        self.assertEqual(self.one("#app-breaker").text, "")

    def open_log_with(self, reason):
        """The log with a row of this reason."""
        self.addCleanup(demo.store("night-watch", "issue.created", {
            "date": "2099-01-01 00:00:00.000001+00:00", "response_code": 0,
            "webhook_url": "https://night.example/", "reason": reason}))
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")

    def test_a_row_that_was_held_back_is_explained(self):
        self.open_log_with("breaker-open")

        panel = self.open_row(selector=".row")

        self.assertEqual(self.column("status")[0], "held back")
        self.assertIn("sent when it closes", panel.text)

    def test_rows_that_say_nothing_about_the_app_are_neutral(self):
        with demo.extra_app("neutral-rows", 98_202):
            # The program decides which rows are errors.
            for options in [["500"], ["0", "--reason", "breaker-open"], ["0", "--reason", "lease-lost"]]:
                demo.hookline("log", "add", "neutral-rows", "--event", "issue.created", "--code", *options,
                              "--redis", f"unix:{demo.FOLDER / 'redis.sock'}").check_returncode()
            self.open_log("neutral-rows")
            self.assertEqual(self.column("status"), ["lease lost", "held back", "500"])
            self.assertEqual([one.get_attribute("class") for one in self.all("#log-table .row .badge")],
                             ["badge badge-none", "badge badge-none", "badge badge-bad"])
            self.in_each_layout("neutral-rows")

            self.one("#errors").click()
            self.until(lambda: "errors=1" in self.browser.current_url, "the filter")
            self.wait_for_log()

            self.assertEqual(self.column("status"), ["500"])


class SilenceTests(LayoutTest):
    def notice(self):
        return self.one("#silence-notice").text

    def remember(self, app, days):
        demo.redis("ZADD", "hookline:{silence}:attempts", str(int(time.time()) - days * DAY), str(app))
        self.addCleanup(demo.redis, "ZREM", "hookline:{silence}:attempts", str(app))

    def test_a_silent_app_says_since_when_and_why_until_something_is_sent(self):
        app = 990050
        with demo.extra_app("quiet-clock", app):
            self.remember(app, 10)
            self.open_log("quiet-clock")
            self.until(self.notice, "the message")

            self.assertIn("Nothing was sent to this app since", self.notice())
            self.assertIn("(10 days ago)", self.notice())
            self.assertIn("The installation has no service hook", self.notice())
            self.assertEqual(self.one("#app-health").text, "silent")
            self.assertIn("last request 10 days ago", self.one("#app-last").text)
            self.in_each_layout("silent-app")

            self.one("#silence-notice button").click()
            self.assertTrue(self.one("#check-form").is_displayed())
            self.assertEqual(self.script("return document.activeElement.id"), "check-event")

            key = f"sentry-app-webhook-request:{{{app}}}:issue.created"
            now = time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime())
            demo.redis("LPUSH", key, f'{{"date":"{now}","response_code":200,"webhook_url":"https://quiet.example/"}}')
            self.addCleanup(demo.redis, "DEL", key)
            self.open_log("quiet-clock")
            self.until(lambda: self.one("#app-health").text == "fine", "the new state")

            self.assertFalse(self.one("#silence-notice").is_displayed())

    def test_an_app_that_never_had_a_request_has_no_message(self):
        with demo.extra_app("unused-clock", 990051):
            self.open_log("unused-clock")
            self.until(lambda: any(self.texts("#app-last")), "health")

            self.assertEqual(self.one("#app-health").text, "silent")
            self.assertIn("no requests yet", self.one("#app-last").text)
            self.assertFalse(self.one("#silence-notice").is_displayed())
