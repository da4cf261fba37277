"""Erasing an event from an open row of the log."""

import json

import demo
from page import PageTest

# The server erases the event, but the first response is lost.
LOSE_RESPONSE = """
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    const response = await realFetch(url, options);
    if (options.method !== "DELETE" || window.isLost) return response;
    window.isLost = true;
    throw new TypeError("lost");
};
"""


class EraseTest(PageTest):
    """Apps that a test has for itself, so that other tests do not find its rows."""

    app = None

    def make_app(self, number):
        self.app = 98_300 + number
        self.enterContext(demo.extra_app(f"erase-{number}", self.app))

    def row_of(self, number):
        """Stores a row of an event; returns the id."""
        event = f"e0a5e{number:027x}"
        done = demo.hookline(
            "log", "add", f"erase-{self.app - 98_300}", "--event", "issue.created", "--code", "503",
            "--request-id", event, "--redis", f"unix:{demo.FOLDER / 'redis.sock'}")
        self.assertEqual(done.returncode, 0, done.stderr)
        return event

    def rows(self, event):
        key = f"sentry-app-webhook-request:{{{self.app}}}:issue.created"
        return demo.redis("LRANGE", key, "0", "-1").count(event)


class ErasureTests(EraseTest):
    expected_messages = ("status of 404",)

    def open_event(self, number):
        """Opens the newer of two rows of an app; returns the id of its event and the panel."""
        self.make_app(number)
        self.row_of(100 + number)
        event = self.row_of(number)
        self.open_log(f"erase-{number}")
        self.one("#pause").click()
        self.until(lambda: "may-erase" in self.one("body").get_attribute("class"), "the rights")
        return event, self.open_row(selector=".row")

    def erase(self, panel):
        self.one(".needs-erase .danger", panel).click()
        self.one(".question .danger", panel).click()

    def test_an_erased_event_leaves_the_table(self):
        event, panel = self.open_event(1)
        count = len(self.column("time"))

        self.one(".needs-erase .danger", panel).click()
        question = self.one(".question", panel)
        self.assertIn(event, question.text)
        self.assertIn("payload", question.text)
        self.assertEqual(self.browser.switch_to.active_element.text, "Cancel")
        self.assertEqual(self.rows(event), 1)
        self.one(".danger", question).click()

        self.until(lambda: f"The event {event} is erased." in self.one("#log-result").text, "the message")
        self.assertIn("1 row.", self.one("#log-result").text)
        self.assertEqual(len(self.column("time")), count - 1)
        self.assertEqual(self.rows(event), 0)
        self.assertIn("row-toggle", self.browser.switch_to.active_element.get_attribute("class"))

        # The message stays when the log is refreshed.
        self.row_of(201)
        self.one("#refresh").click()
        self.until(lambda: len(self.column("time")) == count, "the new row")
        self.assertIn("is erased.", self.one("#log-result").text)
        self.erase(self.open_row(selector=".row"))
        self.until(lambda: len(self.column("time")) == count - 1, "the other row")

        # Without another row the focus goes to the search.
        self.erase(self.open_row(selector=".row"))
        self.until(lambda: not self.column("time"), "no row")
        self.assertEqual(self.browser.switch_to.active_element, self.one("#filters [name=search]"))

    def test_a_question_that_is_cancelled_erases_nothing(self):
        event, panel = self.open_event(2)

        self.one(".needs-erase .danger", panel).click()
        self.one(".question button:last-child", panel).click()

        self.assertEqual(self.browser.switch_to.active_element.text, "Erase")
        self.assertEqual(self.rows(event), 1)

        # What runs cannot be cancelled.
        self.script("window.fetch = () => new Promise(() => {})")
        self.erase(panel)
        self.one(".question button:last-child", panel).click()
        self.assertTrue(self.one(".question", panel).is_displayed())

    def test_after_a_lost_response_another_try_says_that_nothing_is_left(self):
        self.before_load(LOSE_RESPONSE)
        event, panel = self.open_event(3)

        self.erase(panel)
        self.until(lambda: "not known whether the event was erased" in panel.text, "the message")
        self.assertEqual(self.rows(event), 0)
        self.erase(panel)

        self.until(lambda: "Nothing of this event is stored." in panel.text, "the message")

    def test_refusals_have_their_texts(self):
        answers = {
            409: ({"detail": "A worker is sending the event. Nothing was erased."}, "A worker is sending the event."),
            503: ({"detail": "The event may be erased in part."}, "The event may be erased in part."),
            403: ({"detail": "You do not have permission to perform this action."}, "Erasing requires org:admin"),
            405: ({"detail": "Method not allowed."}, "This server cannot erase events."),
        }
        _, panel = self.open_event(4)
        for status, (body, text) in answers.items():
            with self.subTest(status=status):
                self.script(f"""
                    window.fetch = async () => new Response({json.dumps(json.dumps(body))}, {{ status: {status} }});
                """)
                self.erase(panel)
                self.until(lambda text=text: text in panel.text, "the message")


class ReaderTests(EraseTest):
    user = demo.MARK

    def test_who_may_not_erase_sees_why(self):
        self.make_app(5)
        self.row_of(5)
        self.open_log("erase-5")
        panel = self.open_row(selector=".row")

        self.until(lambda: "Erasing requires org:admin" in panel.text, "the note")
        self.assertFalse(self.one(".needs-erase", panel).is_displayed())
