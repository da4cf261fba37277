"""The settings of an app: each field, errors, other people's changes, the keyboard."""

import demo
from layouts import LayoutTest
from page import Keys
from settings import SettingsTest

# Records the bodies of changes.
RECORD = """
window.sent = [];
const realFetch = window.fetch;
window.fetch = (url, options) => {
    if (options?.method && options.method !== "GET") {
        window.sent.push([options.method, new URL(url).pathname, JSON.parse(options.body ?? "null")]);
    }
    return realFetch(url, options);
};
"""


class FieldTests(SettingsTest):
    def test_each_setting_is_saved_and_shown(self):
        slug = self.app()
        self.open_settings(slug)
        self.assertEqual((self.value("name"), self.value("webhookUrl")), (slug, "https://quiet.example/hook"))

        self.enter("name", "Quiet <b>App</b>")
        self.enter("webhookUrl", "https://loud.example/in?x=1")
        self.toggle("comment")
        self.one("#isAlertable").click()
        self.one("#deliveryPolicy option[value=sentry]").click()
        self.enter("webhookTimeoutMs", "3000")
        self.press("Add header")
        self.one(".header-name").send_keys("X-Tenant")
        self.one(".header-value").send_keys("very-secret")
        self.assertEqual(self.one("#unsaved").text, "Not saved yet.")
        self.save()

        self.assertEqual(self.one("#unsaved").text, "")
        self.assertEqual(self.one("#app-name").text, "Settings of Quiet <b>App</b>")
        self.open_settings(slug)
        self.assertEqual(
            [self.value(name) for name in ["name", "webhookUrl", "deliveryPolicy", "webhookTimeoutMs"]],
            ["Quiet <b>App</b>", "https://loud.example/in?x=1", "sentry", "3000"])
        self.assertTrue(self.one("#isAlertable").is_selected())
        self.assertEqual(self.checked(), ["issue", "issue.created", "issue.resolved", "issue.ignored",
                                          "issue.assigned", "comment", "comment.created", "comment.updated",
                                          "comment.deleted"])
        self.assertEqual([one.text for one in self.all(".header-list code")], ["X-Tenant"])
        self.assertNotIn("very-secret", self.browser.page_source)

    def test_only_changed_fields_are_sent(self):
        slug = self.app()
        self.before_load(RECORD)
        self.open_settings(slug)
        self.save("Nothing was changed.")
        self.enter("webhookTimeoutMs", "2500")
        self.save()

        path = f"/api/0/sentry-apps/{slug}/"
        self.assertEqual(self.script("return window.sent"),
                         [["PUT", path, {"hookline": {"webhookTimeoutMs": 2500}}]])

    def test_fields_can_be_emptied_and_changes_discarded(self):
        slug = self.app()
        self.open_settings(slug)
        self.toggle("issue")
        self.enter("webhookUrl", "")
        self.enter("name", "Other")
        self.press("Discard changes")
        self.assertEqual((self.value("name"), self.value("webhookUrl")), (slug, "https://quiet.example/hook"))
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "name")

        self.toggle("issue")
        self.enter("webhookUrl", "")
        self.save()

        self.open_settings(slug)
        self.assertEqual((self.value("webhookUrl"), self.checked()), ("", []))

    def test_single_events_make_up_a_resource(self):
        self.before_load(RECORD)
        slug = self.app()
        self.open_settings(slug)

        self.toggle("issue.assigned")
        self.assertTrue(self.one("#subscriptions input[value=issue]").get_property("indeterminate"))
        self.toggle("comment")
        self.save()

        self.assertEqual(self.script("return window.sent.at(-1)")[2],
                         {"events": ["issue.created", "issue.resolved", "issue.ignored", "comment"]})
        self.open_settings(slug)
        self.assertEqual(self.checked(), [
            "issue.created", "issue.resolved", "issue.ignored", "comment", "comment.created", "comment.updated",
            "comment.deleted"])

    def test_headers_are_kept_replaced_and_removed(self):
        slug = self.app()
        demo.hookline("app", "set", slug, "--header", "X-Keep: one", "--header", "X-Replace: two", "--header",
                      "X-Remove: three").check_returncode()
        self.open_settings(slug)
        names = [one.text for one in self.all(".header-list code")]
        self.assertEqual(sorted(names), ["X-Keep", "X-Remove", "X-Replace"])

        self.one("button[aria-label='Remove X-Remove']").click()
        self.one("button[aria-label='Replace the value of X-Replace']").click()
        self.browser.switch_to.active_element.send_keys("new")
        self.save()

        with demo.directory() as database:
            headers = dict(database.execute(
                "SELECT h.name, h.value FROM app_headers h JOIN apps a ON a.id = h.app_id WHERE a.slug = ?", (slug,)))
        self.assertEqual(headers, {"X-Keep": "one", "X-Replace": "new"})


class ErrorTests(SettingsTest, LayoutTest):
    expected_messages = ("status of 400", "status of 412")

    def test_errors_are_beside_their_fields(self):
        def prepare():
            self.open_settings(slug)
            self.enter("name", "")
            self.enter("webhookUrl", "ftp://hook.example/")
            self.enter("webhookTimeoutMs", "soon")
            self.press("Add header")
            self.one(".header-name").send_keys("bad name")
            self.save("The settings were not saved.")
            for field in ["name", "webhookUrl", "webhookTimeoutMs", "webhookHeaders"]:
                self.assertTrue(self.one(f"#{field}-error").text, field)
                self.assertTrue(self.all(f"[aria-invalid=true][aria-describedby='{field}-error']"), field)
            self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "name")
        slug = self.app()
        self.in_each_layout("settings-errors", prepare)

        self.enter("name", "Fine")
        self.enter("webhookUrl", "https://hook.example/")
        self.enter("webhookTimeoutMs", "")
        self.one("button[aria-label='Remove the new header']").click()
        self.save()
        self.assertEqual(self.all("[aria-invalid]"), [])

    def test_a_change_of_somebody_else_is_not_overwritten(self):
        slug = self.app()
        self.open_settings(slug)
        demo.hookline("app", "set", slug, "--name", "Changed meanwhile").check_returncode()

        self.enter("webhookTimeoutMs", "7000")
        self.save("The app was changed by somebody else meanwhile.")

        self.assertEqual(self.value("webhookTimeoutMs"), "7000")
        self.in_each_layout("settings-changed")
        self.press("Reload settings")
        self.until(lambda: self.state() == "editable" and self.value("name") == "Changed meanwhile", "the current name")
        self.assertEqual(self.value("webhookTimeoutMs"), "")
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "app-name")
        self.enter("webhookTimeoutMs", "7000")
        self.save()


class KeyboardTests(SettingsTest):
    def test_the_settings_can_be_used_with_the_keyboard_alone(self):
        slug = self.app()
        self.open_settings(slug)

        self.tab()
        self.assertEqual(self.browser.switch_to.active_element.text, "Skip to the settings")
        self.keys(Keys.ENTER)
        self.tab()
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "name")
        self.keys(Keys.END, " typed")
        seen = []
        for _ in range(60):
            self.tab()
            focused = self.browser.switch_to.active_element
            seen.append(focused.get_attribute("id") or focused.get_attribute("value") or focused.text)
            self.assertNotEqual(self.script("return getComputedStyle(document.activeElement).outlineStyle"), "none",
                                seen)
            if seen[-1] == "Delete app":
                break
            if seen[-1] == "save":
                self.keys(Keys.ENTER)
                self.until(lambda: "are saved" in self.one("#settings-notice").text, "saved")
            if seen[-1] == "Make a key pair":
                self.keys(Keys.ENTER)
                self.assertEqual(self.browser.switch_to.active_element.text, "Cancel")
                self.tab(backwards=True)
                self.keys(Keys.ENTER)
                self.until(lambda: "The key pair is made" in self.one("#key-notice").text, "the pair")
        for stop in ["webhookUrl", "isAlertable", "deliveryPolicy", "webhookTimeoutMs", "Add header", "save",
                     "secret-overlap", "Rotate secret", "Make a key pair", "install-organization", "Install",
                     "delete-field", "Delete app"]:
            self.assertIn(stop, seen)
        self.assertEqual(self.one("#app-name").text, f"Settings of {slug} typed")
        self.assertIn("whpk_", self.one("#key-state").text)


class LinkTests(SettingsTest):
    def test_the_page_of_an_app_links_to_its_settings_and_back(self):
        self.open_log("night-watch")

        self.one("#settings-link").click()
        self.until(lambda: self.all("#settings[data-state=editable]"), "the settings")
        self.assertIn("/settings.html?app=night-watch", self.browser.current_url)
        self.one("#app-link").click()
        self.wait_for_log()
