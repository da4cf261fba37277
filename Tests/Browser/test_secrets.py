"""The client secret and the key pair of an app."""

import demo
from layouts import LayoutTest
from page import Keys
from settings import SettingsTest


class SecretTests(SettingsTest, LayoutTest):
    expected_messages = ("status of 412",)

    def secret(self, slug):
        with demo.directory() as database:
            return database.execute("SELECT client_secret FROM apps WHERE slug = ?", (slug,)).fetchone()[0]

    def test_a_secret_is_rotated_and_shown_once(self):
        slug = self.app()
        self.open_settings(slug)
        self.assertIn("No previous secret", self.one("#secret-state").text)

        self.press("Rotate secret")
        self.assertIn("stays valid for 1 day.", self.one("#secret-actions .question").text)
        self.assertEqual(self.browser.switch_to.active_element.text, "Cancel")
        self.keys(Keys.ESCAPE)
        self.assertEqual((self.browser.switch_to.active_element.text, self.secret(slug)), ("Rotate secret", "hush"))
        self.press("Rotate secret")
        self.press("Make a new secret")
        self.until(lambda: self.all(".secret-box"), "the secret")

        shown = [one.text for one in self.all(".secret-box code")]
        self.assertEqual(shown[0], self.secret(slug))
        self.assertRegex(shown[1], "^whsec_")
        self.assertEqual(self.browser.switch_to.active_element, self.one(".secret-box"))
        self.one(".secret-box button").click()
        self.until(lambda: self.one(".secret-box .copy-status").text == "Copied: client secret.", "the report")
        self.assertIn("A previous secret is valid until", self.one("#secret-state").text)
        self.in_each_layout("settings-secret")

        self.press("End previous secrets now")
        self.press("End them")
        self.until(lambda: "No previous secret" in self.one("#secret-state").text, "the end")
        self.until(lambda: self.browser.switch_to.active_element.get_attribute("id") == "secret-title", "the focus")
        self.open_settings(slug)
        self.assertNotIn(shown[0], self.script("return document.body.innerText"))
        self.assertFalse([one for one in self.all("#secret-actions button") if one.text.startswith("End")
                          and one.is_displayed()])

    def test_a_message_ends_when_the_settings_are_loaded_again(self):
        slug = self.app()
        self.open_settings(slug)
        demo.hookline("app", "set", slug, "--name", "Changed meanwhile").check_returncode()
        self.press("Rotate secret")
        self.press("Make a new secret")
        self.until(lambda: "changed by somebody else" in self.one("#secret-notice").text, "the message")

        self.press("Reload settings")

        self.until(lambda: self.state() == "editable" and self.value("name") == "Changed meanwhile", "the settings")
        self.assertEqual(self.texts("#secret-notice"), [])

    def test_a_key_pair_is_made_replaced_ended_and_removed(self):
        self.open_settings(self.app())
        self.assertIn("no key pair", self.one("#key-state").text)

        for button, confirm, done in [
                ("Make a key pair", "Make it", "The key pair is made."),
                ("Replace the key pair", "Replace it", "The key pair is replaced.")]:
            self.press(button)
            self.press(confirm)
            self.until(lambda done=done: done in self.one("#key-notice").text, done)
        self.assertEqual(self.texts("#key-state .tag"), ["current", "former"])
        # A former key pair is no previous secret.
        self.assertIn("No previous secret", self.one("#secret-state").text)
        for key in self.texts("#key-state code"):
            self.assertRegex(key, "^whpk_")
        self.in_each_layout("settings-keys")

        self.press("End former key pairs now")
        self.press("End them")
        self.until(lambda: self.texts("#key-state .tag") == ["current"], "one pair")
        self.press("Remove the key pair")
        self.press("Remove it")
        self.until(lambda: "no key pair" in self.one("#key-state").text, "no pair")
        # The page has the current state: nobody else has changed the app.
        self.enter("name", "Afterwards")
        self.save()


class ScopeTests(SettingsTest):
    def test_who_lacks_a_scope_of_the_app_is_told_which_it_has(self):
        demo.add_user("mona@acme.example")
        slug = self.app()
        # A manager does not have it.
        demo.hookline("app", "set", slug, "--scope", "org:admin", "--scope", "event:read").check_returncode()
        self.sign_in("mona@acme.example")

        self.open_settings(slug)

        for section in ["#secret-actions", "#key-actions"]:
            self.assertEqual(self.one(section).text, "Changing secrets and keys requires every scope that the app has: "
                             "event:read, org:admin.")
            self.assertEqual([one for one in self.all(f"{section} button") if one.is_displayed()], [])
        self.enter("name", "Changed by a manager")
        self.save()
