"""The pages of a deployment that follows the newest release; see browser.sh, which starts a demo of its own for it."""

import os
import unittest

import demo
from page import PageTest

ENTRY = {"date": "2099-01-01 00:00:00.000001+00:00", "webhook_url": "https://hook.example/in"}
ID = "26090000000000000000000000000001"


@unittest.skipUnless(os.environ.get("HOOKLINE_DEMO_PROTOCOL") == "26.9", "needs a demo that follows release 26.9")
class ReleaseTests(PageTest):
    """Errors in the browser's console fail a test: no call of the page is refused."""

    def store(self, event, *entries):
        for entry in entries:
            self.addCleanup(demo.store("night-watch", event, {**ENTRY, **entry}))

    def show(self):
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")
        return self.open_row()

    def test_rows_of_the_newest_form_are_shown(self):
        self.open_log()

        self.assertIn("connection", self.every_status())
        self.assertTrue(any(self.column("duration")))
        self.assertTrue(any(self.column("organization")))

    def every_status(self):
        """Of the rows of all pages."""
        while self.one("#older").is_displayed():
            count = len(self.column("time"))
            self.one("#older").click()
            self.until(lambda count=count: len(self.column("time")) > count, "more rows")
        return [text.lower() for text in self.column("status")]

    def test_a_failed_connection_and_a_timeout_differ_by_their_code(self):
        self.store("issue.created", {"response_code": -1})
        self.store("issue.resolved", {"response_code": 0, "date": "2098-01-01 00:00:00.000001+00:00"})
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")

        first, second = self.column("status")[:2]
        self.assertEqual(first.lower(), "connection")
        self.assertEqual(second.lower(), "no response")

    def test_plain_and_encoded_bodies_are_shown_alike(self):
        plain = {"response_code": 500, "request_id": ID, "duration_ms": 5, "request_body": '{"a":1}',
                 "response_body": "plain-refusal"}
        self.store("issue.created", plain)
        newest = self.show()
        newest = self.body(newest, "Request"), self.body(newest, "Response")

        self.store("issue.created", {"response_code": 500, "request_body": '"{\\"a\\":1}"',
                                     "response_body": "plain-refusal", "date": "2099-01-01 00:00:01.000001+00:00"})
        older = self.show()
        older = self.body(older, "Request"), self.body(older, "Response")

        self.assertEqual((newest, older), (('{\n  "a": 1\n}', "plain-refusal"),) * 2)

    def test_an_open_row_lists_all_attempts_of_its_event(self):
        self.store(
            "issue.created",
            {"response_code": 500, "request_id": ID, "duration_ms": 5, "request_body": "{}", "attempt": 1},
            {"response_code": 204, "request_id": ID, "duration_ms": 7, "attempt": 2,
             "date": "2099-01-01 00:05:00.000001+00:00"})
        panel = self.show()

        self.until(lambda: self.all(".attempts li", panel), "the attempts")
        attempts = [item.text for item in self.all(".attempts li", panel)]
        self.assertEqual(len(attempts), 2)
        self.assertIn("204", attempts[0])
        self.assertIn("attempt 2", attempts[0])
        self.assertIn("500", attempts[1])
        self.assertTrue(attempts[1].endswith("this one"), attempts[1])

    def test_the_settings_show_single_events(self):
        self.open("/settings.html?app=night-watch")
        self.until(lambda: self.all("#settings[data-state=editable]"), "the settings")

        boxes = [box.get_attribute("value") for box in self.all("#subscriptions input:checked")]
        self.assertIn("issue.created", boxes)
        self.one("#name").send_keys("!")
        self.one("#save").click()
        self.until(lambda: "are saved" in self.one("#settings-notice").text, "the message")
        self.assertIn("issue.created", [box.get_attribute("value")
                                        for box in self.all("#subscriptions input:checked")])

    def test_a_long_body_is_marked_as_truncated(self):
        self.store("issue.created", {"response_code": 500, "request_id": ID, "duration_ms": 5,
                                     "request_body": '{"a":"' + "x" * 1018})

        panel = self.show()
        self.show_tab(panel, "Request")

        self.assertIn("truncated: the log stores only the beginning", panel.text)


@unittest.skipUnless(os.environ.get("HOOKLINE_DEMO_PROTOCOL") == "26.9", "needs a demo that follows release 26.9")
class MemberTests(PageTest):
    user = demo.MARK
    expected_messages = ("403",)

    def test_a_member_is_told_that_the_log_is_not_for_members(self):
        self.open("/app.html?app=release-radar")

        self.wait_for_log("failed")
        self.assertIn("permission", self.one("#log-notice").text)
