"""Test events: what becomes of them, also where the way to the server or to the log breaks."""

import demo
from page import Keys
from test_check import CheckTest

# Counts what the page sends, and for whom it looks.
RECORD = """
window.calls = [];
const reached = window.fetch;
window.fetch = (address, options) => {
    window.calls.push({ address, key: options.headers["Idempotency-Key"] ?? null });
    return reached(address, options);
};
"""


class SendingTest(CheckTest):
    def record(self, source=RECORD):
        self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})

    def calls(self, part):
        return [call for call in self.script("return window.calls") if part in call["address"]]

    def button(self, text):
        """The button in the answer that says this."""
        found = [one for one in self.all("#check-actions button, #check-notice button") if one.text == text]
        return found[0] if found else None

    def begin(self, slug, event="issue.created", organization=None):
        """Opens the form, fills it and asks for a test event; does not wait."""
        self.open_log(slug)
        self.one("#check > summary").click()
        self.script("arguments[0].value = arguments[1]", self.one("#check-event"), event)
        if organization:
            self.one("#check-organization").send_keys(organization)
        self.one("#send-test").click()

    def sent(self, slug, identifier):
        """How often the demo's receiver got the event."""
        lines = (demo.FOLDER / "ledger").read_text(encoding="utf-8").splitlines()
        return sum(line.startswith(f"{slug} ") and f" {identifier} " in line for line in lines)


class TestEventTests(CheckTest):
    def test_a_test_event_arrives_and_its_row_is_opened(self):
        verdict = self.check("release-radar", "issue.created", "acme", button="#send-test")

        self.assertIn("The test event was sent: 200", verdict)
        self.one("#check-actions button").click()
        self.until(lambda: len(self.column("time")) == 1, "its row")
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("aria-expanded"), "true")
        self.assertIn("issue.created", self.column("event"))
        self.assertIn("search=", self.browser.current_url)

    def test_an_app_that_refuses_shows_as_failed(self):
        # The demo's receiver answers 404 for this app.
        verdict = self.check("night-watch", "issue.created", button="#send-test")

        self.assertIn("The test event was sent: 404", verdict)
        self.assertTrue(self.all("#check .verdict-bad"))

    def test_the_log_shows_the_row_that_the_waiting_saw_first(self):
        self.open_log("night-watch", "&event=issue.created")
        self.one("#pause").click()
        self.one("#check > summary").click()
        self.one("#send-test").click()
        self.assertIn("The test event was sent: 404", self.verdict())

        self.one("#refresh").click()

        self.until(lambda: self.script("return document.getElementById('log-live').textContent") == "1 new request.",
                   "the row")


class BrokenTests(SendingTest):
    expected_complaints = ("status of 503",)

    def test_a_log_that_cannot_be_read_is_no_reason_to_send_again(self):
        self.record()
        self.begin("night-watch")
        self.until(lambda: "queued as" in self.said(), "the event in the queue")
        identifier = self.said().split("queued as ")[1].split(".")[0]

        with demo.redis_stopped():
            self.until(lambda: "could not be read" in self.said(), "the sentence", seconds=90)
            self.assertIn(f"Queued as {identifier}; the log could not be read:", self.said())
            self.assertNotIn("was not sent", self.one("#check").text)
            self.assertIsNone(self.button("Try again"))

        self.until(lambda: self.button("Look again"), "the button").click()
        self.assertIn("The test event was sent: 404", self.verdict())
        self.assertEqual(len(self.calls("/test-event/")), 1)

    def test_a_queue_that_does_not_answer_is_asked_again_under_the_same_key(self):
        self.record()
        self.open_log("night-watch")
        self.one("#check > summary").click()
        with demo.redis_stopped():
            self.one("#send-test").click()
            self.until(lambda: "not known whether" in self.one("#check-notice").text, "the sentence", seconds=60)
            self.assertIn("It is not known whether the test event was queued.", self.one("#check-notice").text)
            self.assertNotIn("was not sent", self.one("#check-notice").text)

        self.until(self.tried_again, "the answer", seconds=60)
        keys = [call["key"] for call in self.calls("/test-event/")]
        self.assertGreater(len(keys), 1)
        self.assertRegex(keys[0], "^[0-9a-f]{32}$")
        self.assertEqual(len(set(keys)), 1)
        self.one("#send-test").click()
        self.assertIn("The test event was sent", self.verdict())
        self.assertNotEqual(self.calls("/test-event/")[-1]["key"], keys[0])

    def tried_again(self):
        button = self.button("Try again")
        if button:
            button.click()
        return "The test event was sent" in self.said()


class StoppedTests(SendingTest):
    def test_waiting_ends_when_something_else_is_asked(self):
        # The first event is looked for where it cannot be.
        self.record(RECORD.replace(
            "return reached(address, options)",
            "return reached(address.replace('eventType=issue.created', 'eventType=comment.deleted'), options)"))
        self.begin("release-radar", organization="acme")
        looks = "webhook-requests/?eventType=issue.created"
        self.until(lambda: self.calls(looks), "a look for the first event")

        self.script("arguments[0].value = 'issue.resolved'", self.one("#check-event"))
        self.one("#check-organization").send_keys(Keys.END, Keys.BACKSPACE, "e")
        before = len(self.calls(looks))
        self.one("#send-test").click()

        self.assertIn("The test event was sent", self.verdict())
        self.assertEqual(len(self.calls(looks)), before)

    def test_a_hidden_page_waits_without_asking(self):
        self.record()
        self.begin("night-watch")
        self.until(lambda: "queued as" in self.said(), "the event in the queue")
        self.set_hidden(True)
        before = len(self.calls("eventType=issue.created"))
        identifier = self.said().split("queued as ")[1].split(".")[0]
        # What is sent meanwhile is not looked for.
        self.until(lambda: self.sent("night-watch", identifier), "the event at the receiver")
        self.until(self.a_while_passed(), "a while")
        self.assertEqual(len(self.calls("eventType=issue.created")), before)

        self.set_hidden(False)

        self.assertIn("The test event was sent: 404", self.verdict())

    def set_hidden(self, is_hidden):
        self.script("Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true });"
                    "document.dispatchEvent(new Event('visibilitychange'))", is_hidden)

    def a_while_passed(self):
        """By the page's own clock, longer than between two looks."""
        self.script("window.passed = false; setTimeout(() => { window.passed = true; }, 1500)")
        return lambda: self.script("return window.passed")


class ConfirmationTests(SendingTest):
    expected_complaints = ("status of 409",)

    def asked(self):
        self.begin("night-watch", "installation.deleted")
        self.until(lambda: "may act on it" in self.said(), "the question")

    def test_an_event_about_an_installation_is_sent_when_that_is_meant(self):
        self.record()
        self.asked()
        self.assertEqual(self.one("#check-verdict").get_attribute("role"), "status")
        self.assertEqual(self.browser.switch_to.active_element.text, "Do not send")
        self.assertEqual(self.calls("/test-event/"), [])
        self.screenshot("confirm-1440-light")

        self.browser.switch_to.active_element.send_keys(Keys.SHIFT, Keys.TAB)
        self.assertEqual(self.browser.switch_to.active_element.text, "Send it")
        self.keys(Keys.ENTER)

        self.until(lambda: self.calls("/test-event/"), "the call")
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "send-test")
        self.assertIn("sent", self.verdict())
        self.assertEqual(len(self.calls("/test-event/")), 1)

    def test_an_event_about_an_installation_is_not_sent_otherwise(self):
        self.record()
        for key in [Keys.ENTER, Keys.ESCAPE]:
            self.asked()

            self.keys(key)

            self.assertEqual(self.said(), "Nothing was sent.")
            self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "send-test")
            self.assertEqual(self.all("#check-actions button"), [])
            self.assertEqual(self.calls("/test-event/"), [])

    def test_a_field_that_changes_takes_the_question_back(self):
        self.record()
        self.asked()

        self.one("#check-project").send_keys("w")

        self.assertEqual(self.said(), "")
        self.assertEqual(self.all("#check-actions button"), [])
