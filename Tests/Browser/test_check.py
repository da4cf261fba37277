"""“Check an event”: would an app get it, why not, and what becomes of a test event."""

import demo
from page import Keys, PageTest


class CheckTest(PageTest):
    def check(self, slug, event=None, organization=None, button="button.primary"):
        """As a person fills the form and sends it."""
        self.open_log(slug)
        self.one("#check > summary").click()
        if event:
            self.script("arguments[0].value = arguments[1]", self.one("#check-event"), event)
        if organization:
            self.one("#check-organization").send_keys(organization)
        self.one(f"#check-form {button}").click()
        return self.verdict()

    def verdict(self):
        """What was found in the end."""
        self.until(lambda: not self.all("#check .verdict-info:not(:empty)") and (self.said() or self.one("#check-notice").text),
                   "an answer", seconds=60)
        return self.said() or self.one("#check-notice").text

    def said(self):
        return self.one("#check-verdict").text

    def steps(self, tone):
        return self.script("return [...document.querySelectorAll(arguments[0])].map(n => n.textContent)",
                           f"#check .step-{tone} .step-name")


class WhyTests(CheckTest):
    def test_an_event_that_would_arrive_shows_every_step(self):
        verdict = self.check("night-watch", "issue.created")

        self.assertEqual(verdict, "Yes: the app would get issue.created.")
        self.assertEqual(self.steps("bad"), [])
        self.assertIn("app's events", self.steps("good"))
        self.assertIn("check=issue.created", self.browser.current_url)

    def test_an_app_that_is_not_subscribed_is_told_so(self):
        verdict = self.check("night-watch", "error.created")

        self.assertEqual(verdict, "No: the app would not get error.created. In the way: app's events, hook's events.")
        self.assertIn("app's events", self.steps("bad"))
        self.assertIn("does not subscribe to error.created", self.one("#check-steps").text)

    def test_a_disabled_app_is_told_so(self):
        demo.disable("pager-bridge")

        # Responders remember the directory for some seconds.
        self.until(lambda: "No: the app would not get" in self.check("pager-bridge"), "the answer")

        self.assertIn("enabled", self.steps("bad"))
        self.assertFalse(self.one("#check-organization").is_displayed())

    def test_the_address_asks_again_and_back_goes_back(self):
        self.open_log("night-watch", "&check=error.created")
        self.assertIn("error.created", self.verdict())

        self.script("arguments[0].value = 'issue.created'", self.one("#check-event"))
        self.one("#check-form .primary").click()
        self.until(lambda: "issue.created" in self.said() and self.all("#check .verdict-good"), "the other answer")
        self.browser.back()

        self.until(lambda: "error.created" in self.said() and self.all("#check .verdict-bad"), "the first answer")
        self.assertEqual(self.one("#check-event").get_attribute("value"), "error.created")

    def test_a_field_that_changes_takes_the_answer_away(self):
        self.check("night-watch", "issue.created")

        self.one("#check-project").send_keys("w")

        self.assertEqual(self.said(), "")
        self.assertEqual(self.all(".step"), [])

    def test_keys_alone_are_enough_and_the_answer_is_said(self):
        self.open_log("night-watch")
        self.script("arguments[0].focus()", self.one("#check > summary"))

        self.keys(Keys.ENTER)
        self.tab()
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "check-event")
        self.keys("error")
        self.tab()
        self.tab()
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "check-project")
        self.keys(Keys.ENTER)

        self.assertIn("error.created", self.verdict())
        self.assertEqual(self.one("#check-verdict").get_attribute("role"), "status")


class UnclearTests(CheckTest):
    expected_complaints = ("status of 400",)

    def test_an_organization_that_must_be_named_is_asked_for(self):
        verdict = self.check("release-radar")

        self.assertIn("organization", verdict)
        self.assertEqual(self.one("#check-organization").get_attribute("aria-invalid"), "true")
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "check-organization")
        self.keys("acme", Keys.ENTER)
        self.until(lambda: "issue.created of acme" in self.said(), "the answer")
        self.assertIsNone(self.one("#check-organization").get_attribute("aria-invalid"))


class NamedFieldTests(CheckTest):
    expected_complaints = ("status of 400",)

    def test_the_field_that_the_sentence_is_about_is_marked_whatever_else_it_names(self):
        slug = self.check("release-radar").rstrip(".").split(", ")[-1]
        self.rename(slug, "project-x")
        self.addCleanup(self.rename, "project-x", slug)

        # Responders remember the directory for some seconds.
        self.until(lambda: "project-x" in self.check("release-radar"), "the other slug", seconds=60)

        self.assertEqual(self.one("#check-organization").get_attribute("aria-invalid"), "true")
        self.assertIsNone(self.one("#check-project").get_attribute("aria-invalid"))

    def rename(self, old, new):
        with demo.directory() as database:
            changed = database.execute("UPDATE organizations SET slug = ? WHERE slug = ?", [new, old]).rowcount
        self.assertEqual(changed, 1)


class RefusedTests(CheckTest):
    expected_complaints = ("status of 403", "status of 409", "status of 404", "status of 503")

    def test_a_reader_may_ask_but_not_send(self):
        self.sign_in(demo.MARK)

        verdict = self.check("night-watch", "issue.created", button="#send-test")

        self.assertIn("org:write", verdict)
        self.one("#check-form .primary").click()
        self.until(lambda: "Yes: the app would get" in self.said(), "the answer")

    def test_what_would_not_arrive_is_not_sent_and_says_why(self):
        self.check("night-watch", "error.created", button="#send-test")

        self.assertIn("app's events", self.steps("bad"))
        self.assertEqual(self.all("#check-actions button"), [])

    def test_without_redis_it_says_so_and_asks_again(self):
        with demo.redis_stopped():
            self.open("/app.html?app=night-watch&check=issue.created")
            self.assertIn("could not be checked", self.verdict())

        self.until(self.tried_again, "the answer", seconds=60)

    def tried_again(self):
        for button in self.all("#check-notice button"):
            button.click()
        return "Yes: the app would get" in self.said()

    def test_an_old_server_is_named_with_the_command(self):
        self.browser.execute_cdp_cmd("Network.enable", {})
        self.open_log("night-watch")
        # An address that no server has.
        self.script("const f = window.fetch; window.fetch = (a, o) => f(a.replace('/why/', '/no-such-thing/'), o)")
        self.one("#check > summary").click()
        self.one("#check-form .primary").click()

        self.assertIn("hookline why", self.verdict())
