"""The request log: rows, filters, URL, pagination."""

import json

import demo
from page import Keys, PageTest

# The response with older rows waits until the test goes on.
HELD_PAGE = """
window.held = new Promise((done) => { window.goOn = done; });
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    const response = await realFetch(url, options);
    if (/cursor=/.test(url)) {
        window.hasAsked = true;
        await window.held;
    }
    return response;
};
"""


class RowTests(PageTest):
    def test_the_log_shows_the_newest_requests(self):
        self.open_log()

        self.assertEqual(len(self.column("time")), 50)
        self.assertEqual(self.texts("#log-table thead th"), [
            "Time", "Status", "Event", "Organization", "Webhook URL", "Duration", "Attempt"])
        self.assertEqual(self.one("#app-name").text, "Release Radar")
        self.assertIn("Release Radar", self.browser.title)

    def test_an_internal_app_has_no_organization_column(self):
        self.open_log("pager-bridge")
        self.until(lambda: self.one("#app-name").text == "Pager Bridge", "name")

        self.assertNotIn("Organization", self.texts("#log-table thead th"))
        self.assertFalse(self.one("#organization").is_displayed())

    def test_times_are_local_with_utc_in_the_tooltip(self):
        self.open_log()

        date = self.one("#log-table .row time")
        self.assertRegex(date.get_attribute("title"), r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC")
        hours = self.script(
            "const t = arguments[0]; const d = new Date(t.dateTime);"
            "return [t.textContent,"
            "        d.toLocaleTimeString(undefined, {hour: '2-digit', minute: '2-digit', second: '2-digit'})]",
            date)
        self.assertTrue(hours[0].endswith(hours[1]), hours)

    def test_older_requests_are_loaded_until_there_are_no_more(self):
        self.open_log()
        before = self.column("event")

        self.one("#older").click()
        self.until(lambda: len(self.column("time")) > 50, "older rows")

        self.assertEqual(self.column("event")[:50], before)
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("class"), "row-toggle")
        while self.one("#older").is_displayed():
            count = len(self.column("time"))
            self.one("#older").click()
            self.until(lambda count=count: len(self.column("time")) > count, "older rows")
        self.assertIn("in total", self.one("#log-count").text)

    def test_a_new_request_stays_when_older_ones_are_loaded(self):
        self.before_load(HELD_PAGE)
        self.open_log()
        self.one("#older").click()
        self.until(lambda: self.script("return window.hasAsked"), "the call")
        self.addCleanup(demo.store("release-radar", "issue.created", self.new_entry()))
        self.one("#refresh").click()
        self.until(lambda: self.column("url")[0] == "https://new.example/", "the new row")
        count = len(self.column("time"))

        self.script("window.goOn()")

        self.until(lambda: len(self.column("time")) > count, "older rows")
        self.assertEqual(self.column("url")[0], "https://new.example/")

    def test_a_new_request_appears_automatically_and_is_announced(self):
        self.open_log("night-watch")
        count = len(self.column("time"))

        self.addCleanup(demo.store("night-watch", "issue.created", self.new_entry()))
        self.refresh_soon()

        self.until(lambda: len(self.column("time")) == count + 1, "the new row")
        self.assertEqual(self.column("url")[0], "https://new.example/")
        self.assertEqual(self.one("#log-live").get_attribute("textContent"), "1 new request.")

    def test_a_hidden_page_does_not_refresh(self):
        self.open_log("night-watch")
        self.until(lambda: "next refresh in" in self.one("#log-age").text, "refreshing")

        self.script("Object.defineProperty(document, 'hidden', { value: true, configurable: true });"
                    "document.dispatchEvent(new Event('visibilitychange'))")

        self.assertNotIn("next refresh in", self.one("#log-age").text)
        self.script("Object.defineProperty(document, 'hidden', { value: false, configurable: true });"
                    "document.dispatchEvent(new Event('visibilitychange'))")
        self.until(lambda: "next refresh in" in self.one("#log-age").text, "refreshing")

    def test_a_search_is_refreshed_less_often(self):
        self.open_log("night-watch", "&search=issue")

        self.until(lambda: "next refresh in 60 s" in self.one("#log-age").text, "the time")
        self.one("#refresh").click()
        self.until(lambda: "next refresh in 60 s" in self.one("#log-age").text, "the time")

    def test_pause_stops_the_refresh_until_it_is_pressed_again(self):
        self.open_log("night-watch")
        self.until(lambda: "next refresh in" in self.one("#log-age").text, "refreshing")

        self.one("#pause").click()

        self.assertTrue(self.one("#log-age").text.endswith("paused"))
        self.assertEqual(self.one("#pause").get_attribute("aria-pressed"), "true")
        self.one("#pause").click()
        self.until(lambda: "next refresh in" in self.one("#log-age").text, "refreshing")
        self.assertEqual(self.one("#pause").get_attribute("aria-pressed"), "false")

    def test_an_unchanged_log_is_not_transferred_again(self):
        self.open_log("night-watch")
        self.transfers()

        self.one("#refresh").click()
        self.until(lambda: self.script(
            "return performance.getEntriesByType('resource').filter(e => e.name.includes('webhook-requests')"
            "&& e.responseStatus === 304).length") == 1, "a response 304")

        self.assertEqual(self.log_state(), "rows")

    def test_the_first_view_of_a_full_log_is_small(self):
        self.browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
        self.transfers()

        self.open_log()
        self.until(lambda: any(self.texts("#app-last")), "health")

        sizes = {key: size for key, size in self.transfers().items() if "/vendor/" not in key}
        self.assertGreater(len(sizes), 10)
        self.assertLess(sum(sizes.values()), 110_000, sizes)


class FilterTests(PageTest):
    def test_filter_by_event(self):
        self.open_log()

        self.choose("event", "issue.created")

        self.assertEqual(set(self.column("event")), {"issue.created"})
        self.assertIn("event=issue.created", self.browser.current_url)

    def test_filter_by_errors(self):
        self.open_log()

        self.one("#errors").click()
        self.wait_for_log()

        self.assertFalse([text for text in self.column("status") if text.startswith("2")])
        self.assertGreater(len(self.column("status")), 10)
        self.assertIn("errors=1", self.browser.current_url)

    def test_filter_by_organization(self):
        self.open_log()

        self.choose_organization("organization", "globex")
        self.wait_for_log()

        self.assertEqual(set(self.column("organization")), {"Globex"})
        self.assertIn("organization=globex", self.browser.current_url)

    def test_filter_by_time(self):
        self.open_log()
        dates = self.script("return [...document.querySelectorAll('#log-table .row time')].map(t => t.dateTime)")
        minute = self.script(
            "const d = new Date(arguments[0]); const p = n => String(n).padStart(2, '0');"
            "return `${d.getFullYear()}-${p(d.getMonth() + 1)}-${p(d.getDate())}`"
            "     + `T${p(d.getHours())}:${p(d.getMinutes())}`",
            dates[20])

        self.choose("from", minute)
        self.choose("to", minute)

        shown = self.script("return [...document.querySelectorAll('#log-table .row time')].map(t => t.dateTime)")
        self.assertEqual({date[:16] for date in shown}, {dates[20][:16]})
        self.assertIn(f"from={dates[20][:16]}".replace(":", "%3A"), self.browser.current_url)

    def test_the_server_searches_while_the_user_types(self):
        self.open_log()

        self.one("#search").send_keys("installation.")

        self.until(lambda: "matching request" in self.one("#log-count").text, "the count")
        self.assertTrue(self.column("event"))
        self.assertTrue(all("installation." in event for event in self.column("event")))
        self.assertIn("search=installation.", self.browser.current_url)
        self.assertRegex(self.one("#log-live").get_property("textContent"), r"^\d+ matching requests")
        self.one("#search").send_keys("no such thing")
        self.until(lambda: self.log_state() == "empty", "the end of the search")
        self.assertIn("No requests match these filters", self.one("#log-empty").text)
        self.assertEqual(self.one("#log-live").get_property("textContent"), "No requests match.")

    def test_payloads_are_searched(self):
        with demo.directory() as database:
            installation = database.execute(
                "SELECT uuid FROM installations WHERE app_id = ? AND organization_id = "
                "(SELECT owner_id FROM apps WHERE id = ?)", [demo.APP_IDS["release-radar"]] * 2).fetchone()[0]
        server = f"unix:{demo.FOLDER / 'redis.sock'}"
        demo.hookline("event", "send", installation, "issue.created", "--redis", server,
                      "--data", json.dumps({"title": "Straße gesperrt"})).check_returncode()
        self.until(lambda: demo.hookline("log", "show", "release-radar", "--search", "straße GESPERRT", "--json",
                                         "--redis", server).stdout, "the row")
        self.open_log()

        self.one("#search").send_keys("straße GESPERRT", Keys.ENTER)

        self.until(lambda: self.column("event") == ["issue.created"], "the row of the event")
        self.open_log(query="&search=stra%C3%9Fe")
        self.assertEqual(self.column("event"), ["issue.created"])

    def test_a_search_in_the_address_is_applied(self):
        self.open_log(query="&search=installation.")

        self.assertIn("match", self.one("#log-count").text)
        self.assertTrue(self.column("event"))
        self.assertTrue(all("installation." in event for event in self.column("event")))

    def test_the_url_contains_all_filters_and_the_back_button_restores_them(self):
        self.open_log(query="&event=issue.created&errors=1&usage=24h")

        self.assertEqual(set(self.column("event")), {"issue.created"})
        self.assertTrue(self.one("#errors").is_selected())
        self.choose("event", "error.created")
        self.assertEqual(set(self.column("event")), {"error.created"})
        self.browser.back()
        self.until(lambda: set(self.column("event")) == {"issue.created"}, "the previous view")
        self.one("#clear-filters").click()
        self.until(lambda: len(self.column("event")) == 50, "all rows")
        self.assertTrue(self.browser.current_url.endswith("?app=release-radar&usage=24h"))

    def test_no_match_is_reported(self):
        self.open_log(query="&from=2020-01-01T00:00Z&to=2020-01-02T00:00Z")

        self.assertEqual(self.log_state(), "empty")
        self.assertFalse(self.one("#log-table").is_displayed())
        self.assertIn("No requests match these filters", self.one("#log-empty").text)

    def test_typing_into_the_search_adds_no_history_entries(self):
        self.open_log()
        length = self.script("return history.length")

        self.one("#search").send_keys("issue", Keys.ARROW_LEFT)

        self.assertEqual(self.script("return history.length"), length)


class WrongFilterTests(PageTest):
    expected_messages = ("status of 400",)

    def test_a_rejected_filter_shows_the_message_of_the_server(self):
        self.open_log("release-radar")
        self.open("/app.html?app=release-radar&organization=nobody")

        self.wait_for_log("failed")
        self.assertIn("Invalid organization.", self.one("#log-notice").text)
        self.assertFalse(self.one("#log-table").is_displayed())
