"""The settings of an app: each field, errors, other people's changes, secrets, keys, installations, deletion."""

import json
import re

import demo
from layouts import LayoutTest
from page import Keys, PageTest

SLUGS = iter(range(990100, 990200))
MANAGED = "This installation is managed by Sentry."
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
# A server beside an original: changes are refused, and details have no ETag.
BESIDE_SENTRY = """
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    if (["PUT", "POST", "DELETE"].includes(options?.method)) {
        return new Response('{"detail":"This installation is managed by Sentry."}', { status: 403 });
    }
    const response = await realFetch(url, options);
    return new Response(response.body, { status: response.status });
};
"""
# Makes fetch fail for matching URLs, as if the server were unreachable, or never end.
UNREACHABLE = """
window.unreachable = new RegExp(PATTERN);
const realFetch = window.fetch;
window.fetch = (url, options) => (window.unreachable?.test(url)
    ? ENDLESS ? new Promise(() => {}) : Promise.reject(new TypeError('unreachable')) : realFetch(url, options));
"""


class SettingsTest(PageTest):
    def app(self, **names):
        """A new app of acme; gives its slug."""
        number = next(SLUGS)
        slug = f"{names.get('name', 'settings')}-{number}"
        manager = demo.extra_app(slug, number)
        manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return slug

    def before_load(self, script):
        added = self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        browser = self.browser
        self.addCleanup(lambda: browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added))

    def disconnect(self, pattern, endless=False):
        self.before_load(UNREACHABLE.replace("PATTERN", json.dumps(pattern)).replace("ENDLESS", str(endless).lower()))

    def connect(self):
        self.script("window.unreachable = null")

    def state(self):
        return self.one("#settings").get_attribute("data-state")

    def open_settings(self, slug, state="editable"):
        self.open(f"/settings.html?app={slug}")
        self.until(lambda: self.state() == state, f"the state {state}")
        if state in ("editable", "read-only") and self.one("#installations").is_displayed():
            self.until(lambda: self.one("#installations").get_attribute("data-state") != "loading", "installations")

    def enter(self, field, text):
        element = self.one(f"#{field}")
        element.send_keys(Keys.CONTROL, "a")
        element.send_keys(text or Keys.DELETE)

    def press(self, text, inside="main", exact=True):
        button = next(one for one in self.all(f"{inside} button, {inside} [type=submit]")
                      if one.is_displayed() and (one.text == text if exact else text in one.text))
        self.script("arguments[0].scrollIntoView({ block: 'center' })", button)
        button.click()

    def save(self, expected="The settings are saved."):
        self.press("Save")
        self.until(lambda: expected in self.one("#settings-notice").text, expected)

    def value(self, field):
        return self.one(f"#{field}").get_property("value")

    def checked(self):
        return [box.get_attribute("value") for box in self.all("#subscriptions input:checked")]

    def toggle(self, event):
        self.one(f"#subscriptions input[value='{event}']").click()


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
                         [["PUT", path, {}], ["PUT", path, {"hookline": {"webhookTimeoutMs": 2500}}]])

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
        self.open_settings(self.app())

        self.toggle("issue.assigned")
        self.assertTrue(self.one("#subscriptions input[value=issue]").get_property("indeterminate"))
        self.toggle("comment")
        self.save()

        self.assertEqual(self.script("return window.sent.at(-1)")[2],
                         {"events": ["issue.created", "issue.resolved", "issue.ignored", "comment"]})
        # The server tells resources only.
        self.assertIn("may stand for some", self.one("#events-note").text)

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
        self.screenshot("settings-changed-1440-light")
        self.press("Reload settings")
        self.until(lambda: self.state() == "editable" and self.value("name") == "Changed meanwhile", "the present name")
        self.assertEqual(self.value("webhookTimeoutMs"), "")
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "app-name")
        self.enter("webhookTimeoutMs", "7000")
        self.save()


class SecretTests(SettingsTest, LayoutTest):
    def secret(self, slug):
        with demo.directory() as database:
            return database.execute("SELECT client_secret FROM apps WHERE slug = ?", (slug,)).fetchone()[0]

    def test_a_secret_is_rotated_and_shown_once(self):
        slug = self.app()
        self.open_settings(slug)
        self.assertIn("No previous secret", self.one("#secret-state").text)

        self.press("Rotate secret")
        self.assertIn("stays valid: 1 day", self.one("#secret-actions .question").text)
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
        self.in_each_layout("settings-secret", lambda: None)
        self.resize(1440, 900)

        self.press("End previous secrets now")
        self.press("End them")
        self.until(lambda: "No previous secret" in self.one("#secret-state").text, "the end")
        self.until(lambda: self.browser.switch_to.active_element.get_attribute("id") == "secret-title", "the focus")
        self.open_settings(slug)
        self.assertNotIn(shown[0], self.script("return document.body.innerText"))
        self.assertFalse([one for one in self.all("#secret-actions button") if one.text.startswith("End")
                          and one.is_displayed()])

    def test_a_key_pair_is_made_replaced_ended_and_removed(self):
        self.open_settings(self.app())
        self.assertIn("no key pair", self.one("#key-state").text)

        for button, confirm, done in [
                ("Make a key pair", "Make it", "The key pair is made."),
                ("Replace the key pair", "Replace it", "The key pair is replaced.")]:
            self.press(button)
            self.press(confirm)
            self.until(lambda done=done: done in self.one("#key-notice").text, done)
        self.assertEqual(self.texts("#key-state .tag"), ["present", "former"])
        # A former key pair is no previous secret.
        self.assertIn("No previous secret", self.one("#secret-state").text)
        for key in self.texts("#key-state code"):
            self.assertRegex(key, "^whpk_")
        self.in_each_layout("settings-keys", lambda: None)
        self.resize(1440, 900)

        self.press("End former key pairs now")
        self.press("End them")
        self.until(lambda: self.texts("#key-state .tag") == ["present"], "one pair")
        self.press("Remove the key pair")
        self.press("Remove it")
        self.until(lambda: "no key pair" in self.one("#key-state").text, "no pair")
        # The page has the present state: nobody else has changed the app.
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


class InstallationTests(SettingsTest):
    expected_messages = ("status of 404", "status of 403")

    def organizations(self):
        return self.texts("#installations-table tbody th")

    def install(self, organization):
        self.enter("install-organization", organization)
        self.press("Install")

    def test_the_app_is_uninstalled_and_installed(self):
        self.open_settings(self.app())
        self.assertEqual(self.organizations(), ["acme"])
        self.assertEqual(self.value("install-organization"), "acme")

        self.one("button[aria-label='Uninstall from acme']").click()
        self.press("Uninstall")
        self.until(lambda: self.one("#installations-empty").is_displayed(), "no installation")
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "installations-title")
        self.screenshot("settings-not-installed-1440-light")

        self.press("Install")
        self.until(lambda: self.organizations() == ["acme"], "the installation")
        self.assertIn("is installed in acme", self.one("#installations-notice").text)
        self.press("Install")
        self.until(lambda: "was already installed" in self.one("#installations-notice").text, "the message")

    def test_errors_are_beside_the_field(self):
        self.open_settings("release-radar")

        for organization, message in [("", "Enter the slug"), ("nowhere", "There is no organization nowhere."),
                                      ("globex", "requires org:write in the organization that installs the app")]:
            self.install(organization)
            self.until(lambda message=message: message in self.one("#organization-error").text, message)
            self.assertEqual(self.browser.switch_to.active_element.get_attribute("aria-invalid"), "true")


# The list of apps with one of each of 30 organizations more.
MANY = """
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    const { pathname } = new URL(url);
    const [, name] = /sentry-apps\\/(many-\\d+)\\/health/.exec(pathname) ?? [];
    window.calls = [...window.calls ?? [], pathname];
    if (name) return new Response('{"canManage":true}');
    if (/organizations\\/many-/.test(pathname)) return new Response("[]");
    const response = await realFetch(url, options);
    if (pathname !== "/api/0/sentry-apps/") return response;
    const apps = await response.json();
    for (let n = 10; n < 40; n += 1) apps.unshift({ slug: `many-${n}`, owner: { slug: `many-${n}` } });
    return new Response(JSON.stringify(apps));
};
"""


class ManyTests(SettingsTest):
    def test_of_many_organizations_the_first_ones_are_asked(self):
        self.before_load(MANY)
        self.open_settings("night-watch")

        self.assertIn("the first 20 of the organizations", self.one("#installations-note").text)
        self.assertEqual(self.texts("#installations-table tbody th"), ["acme"])
        calls = self.script("return window.calls")
        self.assertEqual(len([one for one in calls if "sentry-app-installations" in one]), 20)


class AdministratorTests(SettingsTest):
    user = "root@hookline.example"

    def test_an_administrator_installs_an_app_in_any_organization(self):
        slug = self.app()
        self.open_settings(slug)
        self.assertEqual(self.script("return [...document.getElementById('install-organizations').options]"
                                     ".map(one => one.value)"), ["acme", "globex"])

        self.enter("install-organization", "globex")
        self.press("Install")

        self.until(lambda: self.texts("#installations-table tbody th") == ["acme", "globex"], "the installation")

    def test_an_administrator_deletes_a_published_app(self):
        slug = self.app()
        with demo.directory() as database:
            database.execute("UPDATE apps SET status = 1, date_published = date_added WHERE slug = ?", (slug,))
        self.open_settings(slug)
        self.assertTrue(self.one("#delete-published").is_displayed())

        self.one("#delete-field").send_keys(slug, Keys.ENTER)

        self.until(lambda: "The app is deleted." in self.one("#page-notice").text, "the message")


class DeletionTests(SettingsTest):
    def test_an_app_is_deleted_after_its_slug_was_entered(self):
        slug = self.app()
        self.open_settings(slug)

        self.one("#delete-field").send_keys("release-radar", Keys.ENTER)
        self.until(lambda: f"Enter {slug}" in self.one("#slug-error").text, "the message")
        self.assertEqual(self.browser.switch_to.active_element, self.one("#delete-field"))
        self.enter("delete-field", slug)
        self.press("Delete app")

        self.until(lambda: self.state() == "deleted", "the end")
        self.assertIn("The app is deleted.", self.one("#page-notice").text)
        self.screenshot("settings-deleted-1440-light")
        with demo.directory() as database:
            self.assertIsNotNone(database.execute(
                "SELECT date_deleted FROM apps WHERE slug = ?", (slug,)).fetchone()[0])


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
        self.assertEqual(self.texts("#installations-table .row-action"), ["requires org:write there"])
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
        self.screenshot("settings-unknown-1440-light")


class SentryTests(SettingsTest, LayoutTest):
    def test_beside_a_sentry_the_settings_are_read_only(self):
        self.before_load(BESIDE_SENTRY)

        self.in_each_layout("settings-managed", lambda: self.open_settings("release-radar", "read-only"))

        self.assertEqual(self.one("#read-only-reason").text, MANAGED)
        self.assertIn("Release Radar", self.one("#read-only-facts").text)
        self.assertEqual([one for one in self.all("main button, main input") if one.is_displayed()], [])
        self.assertFalse(self.one("#installations").is_displayed())


# Answers each PUT like this.
PUT_IS = """
const realFetch = window.fetch;
window.fetch = async (url, options) => (options?.method === "PUT"
    ? new Response(BODY, { status: STATUS, headers: { "Retry-After": "5" } }) : realFetch(url, options));
"""


class UnchangeableTests(SettingsTest):
    def check(self, status, body, reason):
        self.before_load(PUT_IS.replace("STATUS", str(status)).replace("BODY", json.dumps(body)))
        self.open_settings("release-radar", "read-only")

        self.assertEqual(self.one("#read-only-reason").text, reason)
        self.assertFalse(self.one("#save").is_displayed())

    def test_a_program_that_may_not_change_the_directory_is_named(self):
        reason = "This program may not change the directory. An administrator finds out why with " \
            "'hookline-fcgi --check', or changes the directory with 'hookline'."
        self.check(503, json.dumps({"detail": reason}), reason)

    def test_an_older_server_is_named(self):
        self.check(405, "<h1>Method not allowed</h1>", "This server cannot change apps through its API.")


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
        self.screenshot("settings-installations-failed-1440-light")
        self.connect()
        self.press("Try again", "#installations")
        self.until(lambda: self.texts("#installations-table tbody th") == ["acme"], "the installation")

    def test_a_change_without_a_response_is_not_reported_as_failed(self):
        slug = self.app()
        self.open_settings(slug)
        self.script("window.fetch = () => Promise.reject(new TypeError('unreachable'))")

        self.enter("name", "Perhaps")
        self.save("It is not known whether the change was made.")


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
        self.assertTrue(re.search("whpk_", self.one("#key-state").text))


class LinkTests(SettingsTest):
    def test_the_page_of_an_app_links_to_its_settings_and_back(self):
        self.open_log("night-watch")

        self.one("#settings-link").click()
        self.until(lambda: self.all("#settings[data-state=editable]"), "the settings")
        self.assertIn("/settings.html?app=night-watch", self.browser.current_url)
        self.one("#app-link").click()
        self.wait_for_log()
