"""Installing, uninstalling and deleting an app."""

import demo
from layouts import LayoutTest
from page import Keys
from settings import SettingsTest


class InstallationTests(SettingsTest, LayoutTest):
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
        self.in_each_layout("settings-not-installed")

        self.press("Install")
        self.until(lambda: self.organizations() == ["acme"], "the installation")
        self.assertIn("is installed in acme", self.one("#installations-notice").text)
        self.press("Install")
        self.until(lambda: "was already installed" in self.one("#installations-notice").text, "the message")

    def test_a_list_that_cannot_be_loaded_after_a_change_does_not_hide_the_change(self):
        self.open_settings(self.app())
        self.script("const real = window.fetch; window.fetch = (url, options) => (options.method === 'POST'"
                    " ? real(url, options) : Promise.reject(new TypeError('unreachable')))")

        self.press("Install")

        self.until(lambda: "was already installed" in self.one("#installations-notice").text, "the message")
        self.assertIn("The installations could not be loaded.", self.one("#installations-notice").text)

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
                                     ".map(one => one.value)"), ["acme", "globex", "relay"])

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


class DeletionTests(SettingsTest, LayoutTest):
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
        self.in_each_layout("settings-deleted")
        with demo.directory() as database:
            self.assertIsNotNone(database.execute(
                "SELECT date_deleted FROM apps WHERE slug = ?", (slug,)).fetchone()[0])
