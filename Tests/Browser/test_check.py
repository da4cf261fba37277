"""“Check an event”: whether an app would receive it, and if not, why."""

import demo
from page import Keys, PageTest


class CheckTest(PageTest):
    def check(self, slug, event=None, organization=None, button="button.primary"):
        """Fills in the form and presses a button."""
        self.open_log(slug)
        self.one("#check > summary").click()
        self.choose_event(event)
        if organization:
            self.choose_organization("check-organization", organization)
        self.until(lambda: self.one(f"#check-form {button}").is_displayed(), "the button")
        self.one(f"#check-form {button}").click()
        return self.verdict()

    def choose_event(self, event=None):
        """Waits until the events are listed; chooses one."""
        field = self.one("#check-event")
        self.until(lambda: self.script("return arguments[0].options.length", field) > 1, "the events")
        if event:
            self.script("arguments[0].value = arguments[1]", field, event)
            self.assertEqual(field.get_attribute("value"), event)

    def verdict(self):
        """Waits for the result, which is read in a single call: it may be shown at any time."""
        return self.until(lambda: self.script(
            "const verdict = document.getElementById('check-verdict');"
            "if (verdict.matches('.verdict-info:not(:empty)')) return '';"
            "return verdict.innerText || document.getElementById('check-notice').innerText"), "a result", seconds=60)

    def status(self):
        return self.one("#check-verdict").text

    def steps(self, tone):
        return self.script("return [...document.querySelectorAll(arguments[0])].map(n => n.textContent)",
                           f"#check .step-{tone} .step-name")


class WhyTests(CheckTest):
    def test_an_event_that_would_be_delivered_shows_every_step(self):
        verdict = self.check("night-watch", "issue.created")

        self.assertEqual(verdict, "Yes: the app would receive issue.created.")
        self.assertEqual(self.steps("bad"), [])
        self.assertIn("app's events", self.steps("good"))
        self.assertIn("check=issue.created", self.browser.current_url)

    def test_a_missing_subscription_is_a_problem(self):
        verdict = self.check("night-watch", "error.created")

        self.assertEqual(verdict, "No: the app would not receive error.created. Problems: app's events, hook's events.")
        self.assertIn("app's events", self.steps("bad"))
        self.assertIn("does not subscribe to error.created", self.one("#check-steps").text)

    def test_a_disabled_app_is_a_problem(self):
        demo.disable("pager-bridge")

        # Responders cache the directory for some seconds.
        self.until(lambda: "No: the app would not receive" in self.check("pager-bridge"), "the result")

        self.assertIn("enabled", self.steps("bad"))
        self.assertFalse(self.one("#check-organization").is_displayed())

    def test_the_url_contains_the_check_and_the_back_button_restores_it(self):
        self.open_log("night-watch", "&check=error.created")
        self.assertIn("error.created", self.verdict())

        self.choose_event("issue.created")
        self.one("#check-form .primary").click()
        self.until(lambda: "issue.created" in self.status() and self.all("#check .verdict-good"), "the other result")
        self.script("document.querySelector('#log-table .row').id = 'first-row'")
        self.browser.back()

        self.until(lambda: "error.created" in self.status() and self.all("#check .verdict-bad"), "the first result")
        self.assertEqual(self.one("#check-event").get_attribute("value"), "error.created")
        # The log has the same filters and is not loaded again.
        self.assertTrue(self.one("#first-row").is_displayed())

    def test_a_changed_field_clears_the_result(self):
        self.check("night-watch", "issue.created")

        self.one("#check-project").send_keys("w")

        self.assertEqual(self.status(), "")
        self.assertEqual(self.all(".step"), [])

    def test_the_keyboard_alone_is_enough_and_the_result_is_announced(self):
        self.open_log("night-watch")
        self.script("arguments[0].focus()", self.one("#check > summary"))

        self.keys(Keys.ENTER)
        self.choose_event()
        self.tab()
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "check-event")
        self.keys("error")
        self.tab()
        self.tab()
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "check-project")
        self.keys(Keys.ENTER)

        self.assertIn("error.created", self.verdict())
        self.assertEqual(self.one("#check-verdict").get_attribute("role"), "status")


class AmbiguousTests(CheckTest):
    expected_messages = ("status of 400",)

    def test_a_required_organization_is_requested(self):
        verdict = self.check("release-radar")

        self.assertIn("organization", verdict)
        self.assertEqual(self.one("#check-organization").get_attribute("aria-invalid"), "true")
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "check-organization")
        self.choose_organization("check-organization", "acme")
        self.one("#check-form button.primary").click()
        self.until(lambda: "issue.created of acme" in self.status(), "the result")
        self.assertIsNone(self.one("#check-organization").get_attribute("aria-invalid"))


class NamedFieldTests(CheckTest):
    expected_messages = ("status of 400",)

    def test_the_field_of_the_message_is_marked_even_if_the_message_contains_other_names(self):
        slug = self.check("release-radar").rstrip(".").split(", ")[-1]
        self.rename(slug, "project-x")
        self.addCleanup(self.rename, "project-x", slug)

        # Responders cache the directory for some seconds.
        self.until(lambda: "project-x" in self.check("release-radar"), "the other slug", seconds=60)

        self.assertEqual(self.one("#check-organization").get_attribute("aria-invalid"), "true")
        self.assertIsNone(self.one("#check-project").get_attribute("aria-invalid"))

    def rename(self, old, new):
        with demo.directory() as database:
            changed = database.execute("UPDATE organizations SET slug = ? WHERE slug = ?", [new, old]).rowcount
        self.assertEqual(changed, 1)


class RejectedTests(CheckTest):
    expected_messages = ("status of 403", "status of 409", "status of 404", "status of 503")

    def test_a_reader_can_check_but_not_send(self):
        self.sign_in(demo.MARK)

        verdict = self.check("night-watch", "issue.created")

        self.assertIn("Yes: the app would receive", verdict)
        self.until(lambda: "org:write" in self.one("#check-form").text, "the rule")
        self.assertFalse(self.one("#send-test").is_displayed())

    def test_an_event_that_would_be_dropped_is_not_sent_and_shows_the_reason(self):
        self.check("night-watch", "error.created", button="#send-test")

        self.assertIn("app's events", self.steps("bad"))
        self.assertEqual(self.all("#check-actions button"), [])

    def test_without_redis_the_check_fails_and_can_be_repeated(self):
        with demo.redis_stopped():
            self.open("/app.html?app=night-watch&check=issue.created")
            self.assertIn("The check failed", self.verdict())

        self.until(self.tried_again, "the result", seconds=60)

    def tried_again(self):
        for button in self.all("#check-notice button"):
            button.click()
        return "Yes: the app would receive" in self.status()

    def test_an_old_server_suggests_the_command(self):
        self.browser.execute_cdp_cmd("Network.enable", {})
        self.open_log("night-watch")
        # A path that does not exist.
        self.script("const f = window.fetch; window.fetch = (a, o) => f(a.replace('/why/', '/no-such-thing/'), o)")
        self.one("#check > summary").click()
        self.choose_event()
        self.one("#check-form .primary").click()

        self.assertIn("hookline why", self.verdict())
