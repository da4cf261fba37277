"""The sections of an app's page: their order, links to them, and the usage, which is closed if there is none."""

from layouts import LayoutTest
from page import Keys, PageTest

# Replaces the numbers of both usage endpoints.
NO_USAGE = """
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    const response = await realFetch(url, options);
    if (!/\\/(stats|interaction)\\//.test(url)) return response;
    const zero = (series) => series.map(([time]) => [time, 0]);
    const body = await response.json();
    for (const name of ["installStats", "uninstallStats", "views"]) if (body[name]) body[name] = zero(body[name]);
    for (const [name, series] of Object.entries(body.componentInteractions ?? {})) {
        body.componentInteractions[name] = zero(series);
    }
    return new Response(JSON.stringify(body));
};
"""
# The responses of both wait until the test goes on. window.used: how many the page has used.
HELD_USAGE = """
window.held = new Promise((done) => { window.goOn = done; });
window.used = 0;
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    const response = await realFetch(url, options);
    if (!/\\/(stats|interaction)\\//.test(url)) return response;
    await window.held;
    const text = await response.text();
    // After what the page does with it at once.
    response.text = async () => { setTimeout(() => { window.used += 1; }); return text; };
    return response;
};
"""


class OrderTests(PageTest):
    def test_the_log_is_the_first_section(self):
        self.open_log()

        self.assertEqual(self.script("return [...document.querySelectorAll('main .card')].map(one => one.id)"),
                         ["log", "deliveries", "check", "dead-letters", "redeliveries", "relay", "usage"])

    def test_links_open_the_sections_and_move_the_focus(self):
        self.open_log("night-watch")
        rows = len(self.column("time"))

        self.one("#sections a[href='#check']").send_keys(Keys.ENTER)

        self.assertTrue(self.one("#check-form").is_displayed())
        self.assertEqual(self.browser.switch_to.active_element, self.one("#check > summary"))
        self.assertEqual((self.log_state(), len(self.column("time"))), ("rows", rows))

    def test_an_address_can_name_a_section(self):
        self.open("/app.html?app=night-watch#check")

        self.until(lambda: self.one("#check-form").is_displayed(), "the section")
        self.until(lambda: 0 <= self.script(
            "return document.querySelector('#check > summary').getBoundingClientRect().top") < 900, "it is in view")


class UsageTests(LayoutTest):
    def test_usage_is_open_if_there_is_some(self):
        self.open_log("night-watch")

        self.until(lambda: self.all("#usage-charts canvas"), "charts")
        self.assertTrue(self.one("#usage").get_attribute("open"))
        self.assertEqual(self.one("#usage-summary").text, "")
        calls = self.script("return performance.getEntriesByType('resource').map(entry => entry.name)")
        self.assertEqual(len([one for one in calls if "/interaction/" in one]), 1)

    def test_usage_is_closed_and_says_so_if_there_is_none(self):
        self.before_load(NO_USAGE)
        self.open_log("night-watch")

        self.until(lambda: self.one("#usage-summary").text == "Nothing in the last 7 days.", "the summary")
        self.assertIsNone(self.one("#usage").get_attribute("open"))
        self.in_each_layout("usage-none")
        self.one("#usage > summary").click()
        self.until(lambda: len(self.all("#usage-charts canvas")) == 3, "charts")

        # It stays open in a period without usage.
        self.one("#usage-period input[value='24h']").find_element("xpath", "..").click()
        self.until(lambda: self.one("#usage-summary").text == "Nothing in the last 24 hours.", "the summary")
        self.assertTrue(self.one("#usage").get_attribute("open"))

    def test_a_section_that_the_user_has_closed_stays_closed(self):
        self.before_load(HELD_USAGE)
        self.open_log("night-watch")
        for _ in range(2):
            self.one("#usage > summary").click()

        self.script("window.goOn()")
        self.until(lambda: self.script("return window.used") >= 2, "the usage")

        self.assertIsNone(self.one("#usage").get_attribute("open"))

    def test_an_internal_app_shows_its_components_only(self):
        self.open_log("pager-bridge")
        self.one("#sections a[href='#usage']").click()

        self.until(lambda: self.all("#usage-charts figure, #usage-charts p"), "the usage")
        self.assertEqual(self.all("#usage-charts .chart-installs, #usage-charts .chart-views"), [])
