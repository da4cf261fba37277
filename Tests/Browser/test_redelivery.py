"""Dead letters and redelivery jobs on the page of an app."""

import demo
from layouts import NARROW, WIDE, LayoutTest
from page import ActionChains, Keys


class TableTest(LayoutTest):
    def cut(self, table):
        """The texts of the visible cells of a table that have more than they show, or that leave the window."""
        return self.script(
            "return [...document.querySelectorAll(arguments[0] + ' tbody :is(th, td)')]"
            "    .filter(n => n.offsetParent && (n.scrollWidth > n.clientWidth"
            "        || n.getBoundingClientRect().right > innerWidth)).map(n => n.textContent)", table)


class DeadLetterTests(TableTest):
    def open_letters(self, slug):
        self.open_log(slug)
        self.until(lambda: any(self.texts("#app-last")), "health")
        self.one("#dead-letters summary").click()
        self.until(lambda: self.one("#dead-letters").get_attribute("data-state") in ("rows", "empty"), "dead letters")

    def rows(self):
        return self.all("#dead-letters-table .row")

    def test_they_are_listed_and_shown_redriven_and_deleted(self):
        with demo.dead_letters("letters-one", 98_101, 3):
            self.open_letters("letters-one")
            self.assertEqual(len(self.rows()), 3)
            self.assertEqual(self.one("#dead-letters-count").text, "3 events")
            self.assertIn("blocked-address", self.one("#dead-letters-table .reason").text)

            self.one("#dead-letters-table .row-toggle").send_keys(Keys.ENTER)
            self.until(lambda: '"number": ' in self.one("#dead-letters-table .panel").text, "the event")

            # It fails again, and is a dead letter again.
            self.rows()[0].find_element("css selector", ".needs-write").click()
            self.until(lambda: "in the queue again" in self.one("#dead-letters-notice").text, "the message")
            self.assertEqual(len(self.rows()), 2)
            self.assertEqual(self.browser.switch_to.active_element, self.one("#dead-letters-title"))

            button = self.rows()[-1].find_element("css selector", ".danger")
            name = button.get_attribute("aria-label")
            button.click()
            self.one("#dead-letters-table .question .danger").click()
            self.until(lambda: "deleted" in self.one("#dead-letters-notice").text, "the message")
            self.assertEqual(self.all(f"#dead-letters-table [aria-label='{name}']"), [])
            found = demo.hookline("queue", "inspect", name.split()[-1])
            self.assertEqual(found.returncode, 65, found.stdout)

    def test_a_link_to_the_section_offers_what_the_caller_may_do(self):
        with demo.dead_letters("letters-four", 98_105, 1):
            self.open("/app.html?app=letters-four#dead-letters")

            self.until(lambda: self.texts("#dead-letters-table .danger") == ["Delete"], "the button")
            self.assertEqual(self.texts("#dead-letters .no-erase-note"), [])

    def test_all_are_redriven(self):
        with demo.dead_letters("letters-two", 98_102, 2):
            self.open_letters("letters-two")

            self.one("#dead-letters-redrive").click()

            self.until(lambda: "2 events are in the queue." in self.one("#dead-letters-result").text, "the message")

    def test_every_layout(self):
        with demo.dead_letters("letters-three", 98_103, 2):
            self.in_each_layout("dead-letters", lambda: self.open_letters("letters-three"))
            for width in [WIDE, NARROW]:
                with self.subTest(width=width):
                    self.check_layout_of_rows(width)

    def check_layout_of_rows(self, width):
        """Nothing is cut, and a mouse reaches the button of the question."""
        self.resize(width, 900)
        self.open_letters("letters-three")
        self.until(lambda: self.texts("#dead-letters-table .danger"), "the buttons")
        self.assertEqual(self.cut("#dead-letters-table"), [])
        before = len(self.rows())

        self.one("#dead-letters-table .danger").click()
        button = self.one("#dead-letters-table .question .danger")
        self.assertTrue(self.script(
            "const [button, cell] = [arguments[0], arguments[0].closest('td')].map(n => n.getBoundingClientRect());"
            "return button.left >= cell.left && button.right <= cell.right && button.bottom <= cell.bottom"
            "    && button.right <= innerWidth", button))
        self.assertEqual(self.cut("#dead-letters-table"), [])
        self.screenshot(f"dead-letters-question-{width}")
        ActionChains(self.browser).move_to_element(button).click().perform()

        self.until(lambda: len(self.rows()) == before - 1, "the deletion")

    def test_an_app_without_dead_letters_says_so(self):
        self.open_letters("release-radar")

        self.assertTrue(self.one("#dead-letters-empty").is_displayed())
        self.assertEqual(self.one("#dead-letters-count").text, "none")
        self.in_each_layout("dead-letters-empty")


class ReadOnlyTests(LayoutTest):
    user = demo.MARK

    def test_who_may_not_change_anything_sees_why(self):
        self.open_log("night-watch")
        self.until(lambda: any(self.texts("#app-last")), "health")
        self.one("#redeliveries summary").click()

        self.until(lambda: "Redelivery requires org:write" in self.one("#redelivery-form").text, "the reason")
        self.assertEqual(self.texts("#redelivery-form .needs-write"), [])
        self.assertEqual(self.texts("#redelivery-form :is(input, select, button)"), [])
        self.in_each_layout("redeliveries-read-only")


class JobTests(TableTest):
    expected_messages = ("status of 400",)

    def open_jobs(self, slug="pager-bridge"):
        self.open_log(slug)
        self.until(lambda: any(self.texts("#app-last")), "health")
        self.one("#redeliveries summary").click()
        self.until(lambda: self.one("#redeliveries").get_attribute("data-state") != "loading", "jobs")

    def press(self, value):
        self.one(f"#redelivery-form button[value={value}]").click()

    def set_start(self, text):
        self.script("document.getElementById('redelivery-since').value = arguments[0]", text)

    def test_a_time_range_is_counted_and_redelivered(self):
        with demo.dead_letters("jobs-one", 98_104, 2):
            self.open_jobs("jobs-one")
            self.set_start("2020-01-01T00:00")

            self.press("count")
            self.until(lambda: "2 stored events" in self.one("#redeliveries-notice").text, "the number")
            self.press("create")
            self.until(lambda: self.all("#redelivery-question .question"), "the question")
            self.assertEqual(self.one("#redelivery-question .question span").text, "Redeliver at most 2 events?")
            self.assertEqual(self.all("#redeliveries-table tbody tr"), [])
            self.in_each_layout("redelivery-question")
            self.one("#redelivery-question .primary").click()

            self.until(lambda: "The job is created" in self.one("#redeliveries-notice").text, "the message")
            self.until(lambda: "done" in self.one("#redeliveries-table tbody").text, "the end of the job")
            self.assertIn("2 of 2", self.one("#redeliveries-table tbody").text)
            self.assertIn("alice", self.one("#redeliveries-table tbody").text)
            self.in_each_layout("redeliveries-job", lambda: self.assertEqual(self.cut("#redeliveries-table"), []))

    def test_a_redelivery_that_is_not_confirmed_makes_no_job(self):
        with demo.dead_letters("jobs-three", 98_107, 1):
            self.open_jobs("jobs-three")
            self.set_start("2020-01-01T00:00")
            self.press("create")
            self.until(lambda: self.all("#redelivery-question .question"), "the question")

            self.browser.switch_to.active_element.send_keys(Keys.ESCAPE)

            self.assertEqual(self.all("#redelivery-question .question"), [])
            self.assertEqual(self.browser.switch_to.active_element.get_attribute("value"), "create")
            self.assertEqual(self.texts("#redeliveries-table"), [])

    def test_a_job_is_cancelled(self):
        with demo.dead_letters("jobs-two", 98_106, 2), demo.workers_stopped():
            self.open_jobs("jobs-two")
            self.set_start("2020-01-01T00:00")
            self.press("create")
            self.until(lambda: self.all("#redelivery-question .primary"), "the question")
            self.one("#redelivery-question .primary").click()
            self.until(lambda: "waiting" in self.one("#redeliveries-table tbody").text, "the job")

            self.one("#redeliveries-table .row-action button").click()

            self.until(lambda: "The job is cancelled" in self.one("#redeliveries-notice").text, "the message")
            self.until(lambda: "cancelled" in self.one("#redeliveries-table tbody").text, "its state")
            self.assertEqual(self.all("#redeliveries-table .row-action button"), [])

    def test_wrong_fields_have_their_messages(self):
        # The field for an organization stays a text field.
        self.disconnect("/installations/")
        self.open_jobs("night-watch")

        self.press("create")
        self.assertEqual(self.one("#redelivery-since-error").text, "Enter when the time range starts.")

        self.set_start("2999-01-01T00:00")
        self.press("create")
        self.until(lambda: "Must be after" in self.one("#redelivery-until-error").text, "the message")

        self.set_start("2020-01-01T00:00")
        self.one("#redelivery-organization").send_keys("nope")
        self.press("create")
        self.until(lambda: "no such organization" in self.one("#redelivery-organization-error").text, "the message")

    def test_every_layout(self):
        self.in_each_layout("redeliveries", self.open_jobs)
        # An internal app belongs to a single organization.
        self.assertFalse(self.one("#redelivery-organization").is_displayed())
