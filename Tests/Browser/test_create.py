"""The form that creates an app."""

import demo
from layouts import LayoutTest
from page import Keys
from settings import BESIDE_SENTRY, MANAGED, SettingsTest


class CreateTest(SettingsTest):
    def create_state(self):
        return self.one("#create").get_attribute("data-state")

    def open_form(self, state="form"):
        self.open("/create.html")
        self.until(lambda: self.create_state() == state, state)


class CreationTests(CreateTest, LayoutTest):
    expected_messages = ("status of 400",)

    def test_an_app_is_created_from_the_list_and_set_up(self):
        self.addCleanup(demo.remove_app, "made-by-test")
        self.open("/")
        self.until(lambda: self.one("#create-link").is_displayed(), "the link")
        self.one("#create-link").click()
        self.until(lambda: self.all("#create[data-state=form]"), "the form")
        self.assertEqual(self.value("organization"), "acme")

        self.enter("name", "Made by Test")
        self.enter("webhookUrl", "https://made.example/hook")
        self.toggle("issue")
        self.one("#isInternal").click()
        self.press("Create app")
        self.until(lambda: self.create_state() == "created", "the app")

        self.assertEqual(self.browser.switch_to.active_element, self.one(".secret-box"))
        with demo.directory() as database:
            row = database.execute("SELECT client_secret, webhook_url, status FROM apps WHERE slug = 'made-by-test'")
            self.assertEqual(row.fetchone(), (self.one(".secret-box code").text, "https://made.example/hook", 2))
        self.in_each_layout("created")
        self.one("#created-settings").click()
        self.until(lambda: self.all("#settings[data-state=editable]"), "the settings")
        self.until(lambda: self.one("#installations-empty").is_displayed(), "no installation")
        self.press("Install")
        self.until(lambda: self.texts("#installations-table tbody th") == ["acme"], "the installation")

    def test_errors_are_beside_their_fields(self):
        def prepare():
            self.open_form()
            self.enter("slug", "123")
            self.toggle("issue")
            self.press("Create app")
            self.until(lambda: "was not created" in self.one("#create-notice").text, "the message")
            for field in ["name", "slug", "webhookUrl"]:
                self.assertTrue(self.one(f"#{field}-error").text, field)
            self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "name")
        self.in_each_layout("create-errors", prepare)

    def test_the_form_can_be_used_with_the_keyboard_alone(self):
        self.addCleanup(demo.remove_app, "typed-app")
        self.open_form()

        self.script("document.getElementById('organization').focus()")
        self.tab()
        self.keys("Typed App", Keys.TAB, Keys.TAB, Keys.SPACE, Keys.TAB, Keys.ENTER)

        self.until(lambda: self.create_state() == "created", "the app")

    def test_the_form(self):
        self.in_each_layout("create", self.open_form)


class RefusedTests(CreateTest, LayoutTest):
    expected_messages = ("status of 403",)

    def test_a_member_is_not_offered_to_create_apps(self):
        self.sign_in(demo.MARK)
        self.open("/")
        self.until(lambda: "…" not in (self.texts("#apps-table .health") or ["…"]), "health")
        self.assertFalse(self.one("#create-link").is_displayed())

        self.in_each_layout("create-refused", lambda: self.open_form("refused"))

        self.assertEqual(self.one("#create-refused").text,
                         "Creating an app requires org:write in the organization that is to own it.")
        self.assertFalse(self.one("#create-form").is_displayed())

    def test_an_organization_of_others_is_refused(self):
        self.open_form()
        self.enter("organization", "globex")
        self.enter("name", "Not mine")
        self.press("Create app")

        self.until(lambda: "requires org:write in the organization" in self.one("#create-notice").text, "the message")

    def test_beside_a_sentry_no_app_is_created(self):
        self.before_load(BESIDE_SENTRY)
        self.open("/")
        self.until(lambda: "…" not in (self.texts("#apps-table .health") or ["…"]), "health")
        self.until(lambda: self.texts("#age") != [""], "the end of loading")
        self.assertFalse(self.one("#create-link").is_displayed())

        self.open_form("refused")

        self.assertEqual(self.one("#create-refused").text, MANAGED)


class StateTests(CreateTest, LayoutTest):
    def test_loading_is_shown(self):
        self.disconnect("/hookline/info/", endless=True)

        self.in_each_layout("create-loading", lambda: self.open_form("loading"))

    def test_a_form_that_could_not_be_loaded_is_retried(self):
        self.disconnect("/api/0/")
        self.in_each_layout("create-failed", lambda: self.open_form("failed"))

        self.connect()
        self.press("Try again")

        self.until(lambda: self.create_state() == "form", "the form")

    def test_a_user_without_apps_may_try(self):
        demo.add_user("otto@nowhere.example")
        self.sign_in("otto@nowhere.example")
        self.open("/")
        self.until(lambda: self.one("#apps-empty").is_displayed(), "the message")

        self.one("#apps-empty a").click()

        self.until(lambda: self.all("#create[data-state=form]"), "the form")
        self.assertEqual(self.value("organization"), "")
