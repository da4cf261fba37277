"""The page with the settings of an app, and what its tests change of the server."""

import demo
from page import Keys, PageTest

# Each test has its own app; see demo.extra_app().
SLUGS = iter(range(990100, 990200))
MANAGED = "This installation is managed by Sentry."
# A server beside an original: it says so, changes are refused, and details have no ETag.
BESIDE_SENTRY = """
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    if (["PUT", "POST", "DELETE"].includes(options?.method) || /\\/(settings|sentry-app-installations)\\/$/.test(url)) {
        return new Response('{"detail":"This installation is managed by Sentry."}', { status: 403 });
    }
    const response = await realFetch(url, options);
    if (url.endsWith("/hookline/info/")) {
        return new Response(JSON.stringify({ ...await response.json(), managedBy: "sentry" }));
    }
    return new Response(response.body, { status: response.status });
};
"""


class SettingsTest(PageTest):
    def app(self):
        """A new app of acme; gives its slug."""
        number = next(SLUGS)
        slug = f"settings-{number}"
        self.enterContext(demo.extra_app(slug, number))
        return slug

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

    def press(self, text, inside="main"):
        button = next(one for one in self.all(f"{inside} button") if one.is_displayed() and one.text == text)
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
