"""Who sees which settings; loading and failures."""

import json

import demo
from layouts import LayoutTest
from settings import BESIDE_SENTRY, MANAGED, SettingsTest


class PermissionTests(SettingsTest, LayoutTest):
    expected_messages = ("status of 403", "status of 404")

    def check_that_nothing_is_offered(self):
        self.assertEqual([one.text for one in self.all("main button, main input, main select") if one.is_displayed()],
                         [])

    def test_a_member_sees_the_settings_and_which_permission_is_required(self):
        self.sign_in(demo.MARK)
        self.in_each_layout("settings-reader", lambda: self.open_settings("release-radar", "read-only"))

        self.assertEqual(self.one("#read-only-reason").text,
                         "Changing these settings requires org:write in the organization that owns the app, acme.")
        self.assertIn("Release Radar", self.one("#read-only-facts").text)
        self.assertEqual(self.texts("#installations-table .row-action"), ["Uninstalling requires org:write in acme."])
        self.check_that_nothing_is_offered()

    def test_an_outsider_sees_what_is_public(self):
        self.sign_in(demo.MARK)
        self.open_settings("globex-sync", "read-only")

        self.assertIn("org:write", self.one("#read-only-reason").text)
        self.assertIn("Globex Sync", self.one("#read-only-facts").text)
        self.check_that_nothing_is_offered()

    def test_an_unknown_app_is_reported(self):
        self.open_settings("no-such-app", "failed")

        self.assertIn("does not exist", self.one("#page-notice").text)
        self.in_each_layout("settings-unknown")


class SentryTests(SettingsTest, LayoutTest):
    def test_beside_a_sentry_the_settings_are_read_only(self):
        self.before_load(BESIDE_SENTRY)

        self.in_each_layout("settings-managed", lambda: self.open_settings("release-radar", "read-only"))

        self.assertEqual(self.one("#read-only-reason").text, MANAGED)
        self.assertIn("Release Radar", self.one("#read-only-facts").text)
        self.assertEqual([one for one in self.all("main button, main input") if one.is_displayed()], [])
        self.assertFalse(self.one("#installations").is_displayed())

    def test_who_may_not_change_the_app_is_told_the_same(self):
        self.sign_in(demo.MARK)
        self.before_load(BESIDE_SENTRY)
        self.open_settings("release-radar", "read-only")

        self.assertEqual(self.one("#read-only-reason").text, MANAGED)
        self.assertFalse(self.one("#installations").is_displayed())


# Answers the call that reads the settings like this.
SETTINGS_ARE = """
const realFetch = window.fetch;
window.fetch = async (url, options) => (url.endsWith("/settings/")
    ? new Response(BODY, { status: STATUS, headers: { "Retry-After": "5" } }) : realFetch(url, options));
"""


class UnchangeableTests(SettingsTest):
    def check(self, status, body, reason):
        self.before_load(SETTINGS_ARE.replace("STATUS", str(status)).replace("BODY", json.dumps(body)))
        self.open_settings("release-radar", "read-only")

        self.assertEqual(self.one("#read-only-reason").text, reason)
        self.assertFalse(self.one("#save").is_displayed())

    def test_a_program_that_may_not_change_the_directory_is_named(self):
        reason = "This program may not change the directory. An administrator finds out why with " \
            "'hookline-fcgi --check', or changes the directory with 'hookline'."
        self.check(503, json.dumps({"detail": reason}), reason)

    def test_an_older_server_is_named(self):
        self.check(404, "<h1>Not found</h1>", "This server cannot change apps through its API.")


class NameTests(SettingsTest):
    def test_a_name_with_invisible_characters_shows_them(self):
        slug = self.app()
        with demo.directory() as database:
            database.execute("UPDATE apps SET name = ? WHERE slug = ?", ("a\u202eb", slug))
        self.open_settings(slug)
        self.assertEqual((self.one("#app-name").text, self.browser.title.split(" – ")[0]),
                         ("Settings of a⟨U+202E⟩b",) * 2)
        self.open_log(slug)
        self.until(lambda: self.one("#app-name").text == "a⟨U+202E⟩b", "the name")


class StateTests(SettingsTest, LayoutTest):
    def test_the_settings_of_an_app(self):
        self.in_each_layout("settings", lambda: self.open_settings("night-watch"))

    def test_loading_is_shown(self):
        self.disconnect("/night-watch/$", endless=True)

        self.in_each_layout("settings-loading", lambda: self.open_settings("night-watch", "loading"))

        self.assertEqual(self.one("#settings-loading").text, "Loading settings…")

    def test_settings_that_could_not_be_loaded_are_retried(self):
        self.disconnect("/api/0/")

        self.in_each_layout("settings-failed", lambda: self.open_settings("night-watch", "failed"))

        self.assertIn("The settings could not be loaded.", self.one("#page-notice").text)
        self.connect()
        self.press("Try again")
        self.until(lambda: self.state() == "editable", "the settings")

    def test_installations_that_could_not_be_loaded_are_retried(self):
        self.disconnect("sentry-app-installations")
        self.open_settings("night-watch")

        self.assertIn("could not be loaded", self.one("#installations-notice").text)
        self.assertFalse(self.one("#installations-empty").is_displayed())
        self.in_each_layout("settings-installations-failed")
        self.connect()
        self.press("Try again", "#installations")
        self.until(lambda: self.texts("#installations-table tbody th") == ["acme"], "the installation")

    def test_a_change_without_a_response_is_not_reported_as_failed(self):
        slug = self.app()
        self.open_settings(slug)
        self.script("window.fetch = () => Promise.reject(new TypeError('unreachable'))")

        self.enter("name", "Perhaps")
        self.save("It is not known whether the change was made.")
