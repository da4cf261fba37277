"""Test events, including failures of the server and of the log."""

import re

import demo
from layouts import LayoutTest
from page import Keys
from test_check import CheckTest

# Records the calls of the page.
RECORD = """
window.calls = [];
const realFetch = window.fetch;
window.fetch = (url, options) => {
    window.calls.push({ url, key: options.headers["Idempotency-Key"] ?? null });
    return realFetch(url, options);
};
"""


class SendingTest(CheckTest):
    def record(self, source=RECORD):
        self.before_load(source)

    def calls(self, part):
        return [call for call in self.script("return window.calls") if part in call["url"]]

    def button(self, text):
        """The button with this text in the result."""
        found = [one for one in self.all("#check-actions button, #check-notice button") if one.text == text]
        return found[0] if found else None

    def begin(self, slug, event="issue.created", organization=None):
        """Fills in the form and sends a test event; does not wait."""
        self.open_log(slug)
        self.one("#check > summary").click()
        self.choose_event(event)
        if organization:
            self.choose_organization("check-organization", organization)
        self.until(lambda: self.one("#send-test").is_displayed(), "the rights")
        self.one("#send-test").click()

    def sent(self, slug, identifier):
        """How often the demo's receiver has received the event."""
        lines = (demo.FOLDER / "ledger").read_text(encoding="utf-8").splitlines()
        return sum(line.startswith(f"{slug} ") and f" {identifier} " in line for line in lines)


class TestEventTests(CheckTest):
    def test_a_test_event_is_delivered_and_its_row_is_opened(self):
        verdict = self.check("release-radar", "issue.created", "acme", button="#send-test")

        self.assertIn("The test event was sent: 200", verdict)
        self.one("#check-actions button").click()
        self.until(lambda: len(self.column("time")) == 1, "its row")
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("aria-expanded"), "true")
        self.assertIn("issue.created", self.column("event"))
        self.assertIn("search=", self.browser.current_url)

    def test_a_test_event_that_the_app_rejects_is_shown_as_failed(self):
        # The demo's receiver responds with 404 for this app.
        verdict = self.check("night-watch", "issue.created", button="#send-test")

        self.assertIn("The test event was sent: 404", verdict)
        self.assertTrue(self.all("#check .verdict-bad"))

    def test_the_log_announces_a_row_that_the_test_event_has_already_loaded(self):
        self.open_log("night-watch", "&event=issue.created")
        self.one("#pause").click()
        self.one("#check > summary").click()
        self.choose_event()
        self.one("#send-test").click()
        self.assertIn("The test event was sent: 404", self.verdict())

        self.one("#refresh").click()

        # More than one when a retry of an earlier event was recorded meanwhile.
        self.until(lambda: re.fullmatch(r"[1-9]\d* new requests?\.",
                                        self.script("return document.getElementById('log-live').textContent")),
                   "the row")


class UnavailableTests(SendingTest):
    expected_messages = ("status of 503",)

    def test_an_unavailable_log_does_not_suggest_to_send_again(self):
        self.record()
        self.begin("night-watch")
        self.until(lambda: "queued as" in self.status(), "the event in the queue")
        identifier = self.status().split("queued as ")[1].split(".")[0]

        with demo.redis_stopped():
            # The page waits for half a minute.
            self.pass_seconds(31)
            self.until(lambda: "could not be loaded" in self.status(), "the message", seconds=90)
            self.assertIn(f"Queued as {identifier}, but the log could not be loaded:", self.status())
            self.assertNotIn("was not sent", self.one("#check").text)
            self.assertIsNone(self.button("Try again"))

        self.until(lambda: self.button("Check again"), "the button").click()
        self.assertIn("The test event was sent: 404", self.verdict())
        self.assertEqual(len(self.calls("/test-event/")), 1)

    def test_a_retry_after_a_queue_failure_uses_the_same_key(self):
        self.record()
        self.open_log("night-watch")
        self.one("#check > summary").click()
        self.choose_event()
        with demo.redis_stopped():
            self.one("#send-test").click()
            self.until(lambda: "not known whether" in self.one("#check-notice").text, "the message", seconds=60)
            self.assertIn("It is not known whether the test event was queued.", self.one("#check-notice").text)
            self.assertNotIn("was not sent", self.one("#check-notice").text)

        # A worker that lost the reply of Redis gets the entry again after HOOKLINE_VISIBILITY_SECONDS (60).
        self.until(self.tried_again, "the result", seconds=120)
        keys = [call["key"] for call in self.calls("/test-event/")]
        self.assertGreater(len(keys), 1)
        self.assertRegex(keys[0], "^[0-9a-f]{32}$")
        self.assertEqual(len(set(keys)), 1)
        self.one("#send-test").click()
        self.assertIn("The test event was sent", self.verdict())
        self.assertNotEqual(self.calls("/test-event/")[-1]["key"], keys[0])

    def tried_again(self):
        button = self.button("Try again") or self.button("Check again")
        if button:
            button.click()
        return "The test event was sent" in self.status()


class StoppedTests(SendingTest):
    def test_another_test_event_stops_waiting_for_the_first(self):
        # Waiting for the first event does not succeed, because the page polls for another event type.
        self.record(RECORD.replace(
            "return realFetch(url, options)",
            "return realFetch(url.replace('eventType=issue.created', 'eventType=comment.deleted'), options)"))
        self.begin("release-radar", organization="acme")
        polls = "webhook-requests/?eventType=issue.created"
        self.until(lambda: self.calls(polls), "a poll for the first event")

        self.choose_event("issue.resolved")
        self.choose_organization("check-organization", "acme")
        before = len(self.calls(polls))
        self.one("#send-test").click()

        self.assertIn("The test event was sent", self.verdict())
        self.assertEqual(len(self.calls(polls)), before)

    def test_a_hidden_page_does_not_poll(self):
        self.record()
        self.begin("night-watch")
        self.until(lambda: "queued as" in self.status(), "the event in the queue")
        self.set_hidden(True)
        before = len(self.calls("eventType=issue.created"))
        identifier = self.status().split("queued as ")[1].split(".")[0]
        # The event is delivered, but the page does not poll.
        self.until(lambda: self.sent("night-watch", identifier), "the event at the receiver")
        self.until(self.a_while_passed(), "a while")
        self.assertEqual(len(self.calls("eventType=issue.created")), before)

        self.set_hidden(False)

        self.assertIn("The test event was sent: 404", self.verdict())

    def set_hidden(self, is_hidden):
        self.script("Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true });"
                    "document.dispatchEvent(new Event('visibilitychange'))", is_hidden)

    def a_while_passed(self):
        """Waits longer than the poll interval, by the clock of the page."""
        self.script("window.passed = false; setTimeout(() => { window.passed = true; }, 1500)")
        return lambda: self.script("return window.passed")


class ConfirmationTests(SendingTest, LayoutTest):
    expected_messages = ("status of 409",)

    def open_confirmation(self):
        self.begin("night-watch", "installation.deleted")
        self.until(lambda: "may treat a test event" in self.status(), "the confirmation")

    def test_an_installation_event_is_sent_after_confirmation(self):
        self.record()
        self.open_confirmation()
        self.assertEqual(self.one("#check-verdict").get_attribute("role"), "status")
        self.assertEqual(self.browser.switch_to.active_element.text, "Cancel")
        self.assertEqual(self.calls("/test-event/"), [])
        self.in_each_layout("check-confirm")

        self.browser.switch_to.active_element.send_keys(Keys.SHIFT, Keys.TAB)
        self.assertEqual(self.browser.switch_to.active_element.text, "Send")
        self.keys(Keys.ENTER)

        self.until(lambda: self.calls("/test-event/"), "the call")
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "send-test")
        self.assertIn("sent", self.verdict())
        self.assertEqual(len(self.calls("/test-event/")), 1)

    def test_an_installation_event_is_not_sent_after_cancel(self):
        self.record()
        for key in [Keys.ENTER, Keys.ESCAPE]:
            self.open_confirmation()

            self.keys(key)

            self.assertEqual(self.status(), "Nothing was sent.")
            self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "send-test")
            self.assertEqual(self.all("#check-actions button"), [])
            self.assertEqual(self.calls("/test-event/"), [])

    def test_a_changed_field_closes_the_confirmation(self):
        self.record()
        self.open_confirmation()

        self.one("#check-project").send_keys("w")

        self.assertEqual(self.status(), "")
        self.assertEqual(self.all("#check-actions button"), [])
