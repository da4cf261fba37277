"""Test events: what becomes of them."""

from test_check import CheckTest


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
