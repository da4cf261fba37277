"""Who is signed in, and what the pages make of it: the header, the list of organizations, the status."""

import json

import demo
from layouts import LayoutTest
from page import Keys, PageTest
from settings import SettingsTest

ROOT = "root@hookline.example"
# The names that the demo gives to its users.
ALICE_NAME = "Owner of Acme"
ROOT_NAME = "Superuser"
PAGES = ["/", "/app.html?app=night-watch", "/settings.html?app=night-watch", "/create.html", "/status.html",
         "/api.html"]
# Adds these members to what the server says of itself, and counts the calls.
INFO_IS = """
window.infoCalls = 0;
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    const response = await realFetch(url, options);
    if (!url.endsWith("/hookline/info/")) return response;
    window.infoCalls += 1;
    return new Response(JSON.stringify({ ...await response.json(), ...INFO }));
};
"""
HOSTILE = "Eve\u202e \u0007<img src=x onerror=alert(1)>" + "x" * 200


class HeaderTest(PageTest):
    def account(self):
        self.until(lambda: self.one("#account").text, "the account")
        return self.one("#account").text

    def say(self, **members):
        """Makes the server say these members of itself."""
        return self.before_load(INFO_IS.replace("INFO }", json.dumps(members) + " }"))


class AccountTests(HeaderTest, LayoutTest):
    def test_every_page_says_who_is_signed_in_with_one_call(self):
        self.say()
        for path in PAGES:
            with self.subTest(page=path):
                self.open(path)

                self.assertEqual(self.account(), f"Signed in as {ALICE_NAME}")
                self.assertEqual(self.all("#account a, #account .badge"), [])
                self.assertEqual(self.script("return window.infoCalls"), 1)

    def test_the_display_name_is_shown_and_the_user_name_is_its_title(self):
        self.say(user={"username": "alice", "name": "Alice Ärger", "isSuperuser": False})
        self.open("/")

        self.assertEqual(self.account(), "Signed in as Alice Ärger")
        self.assertEqual(self.one(".account-name").get_attribute("title"), "alice")

    def test_a_hostile_name_stays_text_in_its_place(self):
        self.say(user={"username": HOSTILE, "name": HOSTILE, "isSuperuser": True}, signOutUrl="/sign-out")

        def prepare():
            self.open("/")
            self.assertIn("Eve⟨U+202E⟩ ⟨U+0007⟩<img src=x onerror=alert(1)>", self.account())
            for part in ["#account .badge", "#account a"]:
                self.assertLessEqual(self.one(part).rect["x"] + self.one(part).rect["width"],
                                     self.script("return innerWidth"))
        self.in_each_layout("account-hostile", prepare)
        self.assertEqual(self.all("#account img"), [])

    def test_nothing_moves_when_the_name_arrives(self):
        for width in [1440, 360]:
            self.resize(width, 900)
            with self.subTest(width=width):
                self.open("/api.html")
                self.account()
                with_account = self.one("main").rect["y"]
                self.script("document.getElementById('account').replaceChildren()")

                self.assertEqual(self.one("main").rect["y"], with_account)

    def test_without_a_response_the_header_stays_empty(self):
        self.before_load("const realFetch = window.fetch; window.fetch = (url, options) => ("
                         "url.endsWith('/info/') ? Promise.reject(new TypeError()) : realFetch(url, options));")
        self.open("/")
        self.until(lambda: self.texts("#age") != [""], "the apps")

        self.assertEqual(self.one("#account").text, "")
        self.assertFalse(self.one("#create-link").is_displayed())


class SignOutTests(HeaderTest):
    def test_the_link_leads_where_the_setting_says(self):
        self.say(signOutUrl="/api.html?signed-out")
        self.open("/")
        self.account()

        self.one("#account a").click()

        self.until(lambda: self.browser.current_url.endswith("/api.html?signed-out"), "the other page")

    def test_only_an_address_of_the_web_becomes_a_link(self):
        for number, url in enumerate(["javascript:alert(1)", "data:text/html,x", "mailto:a@b.example"]):
            with self.subTest(url=url):
                script = self.say(signOutUrl=url)
                self.open(f"/?{number}")

                self.assertEqual(self.account(), f"Signed in as {ALICE_NAME}")
                self.assertEqual(self.all("#account a"), [])
                self.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)

    def test_the_link_follows_the_site_in_the_order_of_the_keyboard(self):
        self.say(signOutUrl="/sign-out")
        self.open("/api.html")
        self.account()

        seen = []
        for _ in range(6):
            self.tab()
            seen.append(self.browser.switch_to.active_element.text)
        self.assertEqual(seen, ["Skip to content", "Hookline", "Apps", "Status", "API", "Sign out"])


class SuperuserTests(HeaderTest, LayoutTest):
    user = ROOT

    def test_a_superuser_is_marked(self):
        def prepare():
            self.open("/")
            self.assertEqual(self.account().split("\n"), [f"Signed in as {ROOT_NAME}", "Superuser"])
        self.in_each_layout("account-superuser", prepare)
        self.assertIn("administrator", self.one("#account .badge").get_attribute("title"))


# The server block refuses the page of the operators by address.
REFUSED = """
const realFetch = window.fetch;
window.calls = [];
window.fetch = async (url, options) => {
    const { pathname } = new URL(url);
    if (/status/.test(pathname)) window.calls.push(pathname);
    return pathname === "/-/status" ? new Response("{}", { status: 403 }) : realFetch(url, options);
};
"""


class StatusTests(PageTest):
    user = ROOT

    def test_a_superuser_sees_the_status_where_the_address_may_not(self):
        self.before_load(REFUSED)
        self.open("/status.html")

        self.until(lambda: self.one("#status").is_displayed(), "the status")
        self.assertTrue(self.texts("#queues tbody th"))
        # Once it is known, the page is not asked again.
        self.refresh_soon()
        self.until(lambda: len(self.script("return window.calls")) > 2, "a refresh", seconds=30)
        self.assertEqual(self.script("return window.calls").count("/-/status"), 1)

    def test_others_are_told_what_it_requires(self):
        self.sign_in(demo.ALICE)
        self.before_load(REFUSED)
        self.open("/status.html")

        self.until(lambda: self.one("#page-notice").text, "the message")
        self.assertIn("It requires the rights of a superuser, or an address", self.one("#page-notice").text)
        self.assertFalse(self.one("#status").is_displayed())
        self.assertEqual(self.script("return window.calls"), ["/-/status"])


FIELDS = ["organization", "check-organization", "redelivery-organization"]
# Answers the call for the organizations of an app.
ORGANIZATIONS_ARE = """
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    if (!/\\/installations\\//.test(url)) return realFetch(url, options);
    await window.wait;
    return new Response(BODY, { status: STATUS, headers: HEADERS });
};
"""


class OrganizationTests(PageTest):
    expected_messages = ("status of 400", "status of 503")

    def answer(self, body="[]", status=200, headers=None):
        self.before_load(ORGANIZATIONS_ARE.replace("BODY", json.dumps(body)).replace("STATUS", str(status))
                         .replace("HEADERS", json.dumps(headers or {})))

    def options(self, field):
        return self.script("return [...document.getElementById(arguments[0]).options].map(one => one.value)", field)

    def lists(self):
        return self.script("return arguments[0].filter(id => document.getElementById(id).tagName === 'SELECT')", FIELDS)

    def test_every_field_is_a_list_of_the_organizations_with_the_app(self):
        self.open_log()
        self.until(lambda: self.lists() == FIELDS, "the lists")

        for field in FIELDS:
            self.assertEqual(self.options(field)[:3], ["", "acme", "customer-02"], field)
            self.assertTrue(self.script("return document.getElementById(arguments[0]).labels.length", field))
        self.assertEqual(self.script("return document.getElementById('organization').options[0].text"),
                         "All organizations")
        # The log has rows of an organization where the app is not installed.
        self.assertEqual([field for field in FIELDS if "globex" in self.options(field)], ["organization"])

    def test_one_call_fills_them(self):
        self.open_log()
        self.until(lambda: self.lists() == FIELDS, "the lists")

        calls = self.script("return performance.getEntriesByType('resource').map(entry => entry.name)")
        self.assertEqual(len([one for one in calls if "/installations/" in one]), 1)

    def test_an_organization_of_the_url_that_is_not_among_them_is_added(self):
        self.answer('[{"organization": {"slug": "initech"}}]')
        self.open("/app.html?app=release-radar&organization=globex&check=issue.created&check-organization=acme")
        self.until(lambda: self.lists() == FIELDS, "the lists")

        self.assertEqual(self.script("return document.getElementById('organization').value"), "globex")
        # The script of the check is loaded later.
        self.until(lambda: self.options("check-organization") == ["", "initech", "acme"], "the organization")
        self.assertEqual(self.script("return document.getElementById('check-organization').value"), "acme")
        self.assertEqual(self.options("redelivery-organization"), ["", "initech"])

    def test_with_too_many_the_fields_stay_text(self):
        self.answer("[]", headers={"Link": '<https://x/?cursor=0:100:0>; rel="next"; results="true"; cursor="0:100:0"'})
        self.check_that_text_fields_stay()

    def test_after_a_failure_the_fields_stay_text(self):
        self.answer('{"detail": "no"}', status=503)
        self.check_that_text_fields_stay()

    def check_that_text_fields_stay(self):
        self.open_log()
        self.until(lambda: any(self.texts("#app-last")), "health")
        self.until(lambda: self.script("return document.querySelectorAll('#organizations option').length") > 0, "rows")

        self.assertEqual(self.lists(), [])
        self.one("#organization").send_keys("globex", Keys.TAB)
        self.until(lambda: set(self.column("organization")) == {"Globex"}, "its rows")

    def test_a_field_in_use_is_not_replaced(self):
        self.answer('[{"organization": {"slug": "acme"}}]')
        self.before_load("window.wait = new Promise((done) => { window.goOn = done; });")
        self.open_log()
        field = self.one("#organization")
        field.send_keys("glo")
        self.script("window.goOn()")
        self.until(lambda: self.lists() == FIELDS[1:], "the other lists")

        field.send_keys("bex")
        self.tab()

        self.until(lambda: self.lists() == FIELDS, "the list")
        self.assertEqual(self.script("return document.getElementById('organization').value"), "globex")
        self.until(lambda: set(self.column("organization")) == {"Globex"}, "its rows")
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "from")


class SettingsReadingTests(SettingsTest):
    def test_reading_the_settings_changes_nothing(self):
        self.before_load("window.methods = []; const realFetch = window.fetch; window.fetch = (url, options) => {"
                         "window.methods.push(options?.method ?? 'GET'); return realFetch(url, options); };")
        slug = self.app()
        self.open_settings(slug)

        self.assertEqual(set(self.script("return window.methods")), {"GET"})
        self.toggle("issue.created")
        self.save()
        self.open_settings(slug)
        self.assertEqual(self.checked(), ["issue.resolved", "issue.ignored", "issue.assigned"])


class OfferTests(SettingsTest):
    expected_messages = ("status of 403",)

    def test_the_deletion_of_a_published_app_is_not_offered_to_its_owner(self):
        slug = self.app()
        with demo.directory() as database:
            database.execute("UPDATE apps SET status = 1, date_published = date_added WHERE slug = ?", (slug,))
        self.open_settings(slug)

        self.assertEqual(self.one("#delete-published").text, "Only administrators delete a published app.")
        self.assertFalse(self.one("#delete-field").is_displayed())

    def test_who_may_not_see_an_apps_health_is_offered_no_action(self):
        self.sign_in(demo.MARK)
        self.open("/app.html?app=globex-sync")
        self.until(lambda: self.script("return document.body.classList.contains('is-read-only')"), "the health")
        self.one("#check > summary").click()

        self.assertFalse(self.one("#send-test").is_displayed())
        self.assertIn("requires org:write", self.one("#check .read-only-note").text)
