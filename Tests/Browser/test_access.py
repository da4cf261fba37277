"""Accessibility: keyboard, names, contrast, width. Takes screenshots of every page."""

import access
import demo
from layouts import FEWER_LAYOUTS, LayoutTest
from page import Keys, PageTest


class ScreenshotTests(LayoutTest):
    """Every page; those with settings are in test_settings_states and test_create."""

    def test_the_list_of_apps(self):
        def prepare():
            self.open("/")
            self.until(lambda: "…" not in (self.texts("#apps-table .health") or ["…"]), "health")
        self.in_each_layout("list", prepare)

    def test_an_app_with_its_log(self):
        def prepare():
            self.open_log()
            self.until(lambda: any(self.texts("#app-last")), "health")
            self.until(lambda: len(self.all("#usage-charts canvas")) == 3, "charts")
        self.in_each_layout("log", prepare)

    def test_an_opened_row(self):
        def prepare():
            self.open_log(query="&errors=1&event=issue.created")
            self.open_row()
        # Wide pages with an open row: test_exchange.
        self.in_each_layout("row", prepare, FEWER_LAYOUTS)

    def test_usage(self):
        def prepare():
            self.open_log("night-watch", "&usage=90d")
            self.until(lambda: any(self.texts("#app-last")), "health")
            self.until(lambda: self.all("#usage-charts canvas"), "charts")
            self.one("#usage-charts .as-table summary").click()
        self.in_each_layout("usage", prepare)

    def test_an_event_that_would_not_be_delivered(self):
        def prepare():
            self.open_log("night-watch", "&check=error.created")
            self.until(lambda: self.all("#check .step-bad"), "steps")
        self.in_each_layout("check", prepare)

    def test_no_match(self):
        self.in_each_layout("no-match", lambda: self.open_log(query="&to=2020-01-02T00:00Z&from=2020-01-01T00:00Z"))

    def test_the_status(self):
        def prepare():
            self.open("/status.html")
            self.until(lambda: self.one("#status").is_displayed(), "the status")
        self.in_each_layout("status", prepare)

    def test_the_api_page(self):
        self.in_each_layout("api", lambda: self.open("/api.html"))


class FaultTests(PageTest):
    def test_accessibility_faults_are_found(self):
        self.open("/api.html")
        self.script("const n = document.createElement('input'); document.querySelector('main').append(n);")

        self.assertTrue([fault for fault in access.faults(self) if fault.startswith("no name: <input")])
        if access.AXE:
            self.assertTrue([fault for fault in access.axe_faults(self.browser) if fault.startswith("label ")])


class KeyboardTests(PageTest):
    def test_the_log_can_be_used_with_the_keyboard_alone(self):
        self.open_log()

        self.tab()
        self.assertEqual(self.browser.switch_to.active_element.text, "Skip to the request log")
        self.keys(Keys.ENTER)
        seen = []
        # A date field consists of several tab stops.
        for _ in range(40):
            self.tab()
            focused = self.browser.switch_to.active_element
            seen.append(focused.get_attribute("id") or focused.get_attribute("class"))
            if "row-toggle" in seen[-1]:
                break
        self.assertEqual(seen[:3], ["pause", "refresh", "event"])
        self.assertEqual(seen[-1], "row-toggle", f"tab stops: {seen}")
        self.assertNotEqual(self.script("return getComputedStyle(document.activeElement).outlineStyle"), "none")

        self.keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP)
        toggles = self.all("#log-table .row-toggle")
        self.assertEqual(self.browser.switch_to.active_element, toggles[1])
        self.keys(Keys.ENTER)
        self.assertEqual(toggles[1].get_attribute("aria-expanded"), "true")
        self.assertTrue(self.one("#" + toggles[1].get_attribute("aria-controls")).is_displayed())
        self.keys(Keys.SPACE)
        self.assertEqual(toggles[1].get_attribute("aria-expanded"), "false")
        self.keys(Keys.END)
        self.assertEqual(self.browser.switch_to.active_element, toggles[-1])

    def test_a_refresh_does_not_move_the_focus(self):
        self.open_log("night-watch")
        toggle = self.all("#log-table .row-toggle")[3]
        self.script("arguments[0].focus()", toggle)
        count = len(self.column("time"))

        self.addCleanup(demo.store("night-watch", "issue.created", self.new_entry()))
        self.refresh()
        self.until(lambda: len(self.column("time")) == count + 1, "the new row")

        self.assertEqual(self.browser.switch_to.active_element, toggle)
