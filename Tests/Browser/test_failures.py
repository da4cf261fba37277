"""What the page says when something does not answer: never an empty table."""

import json

import demo
from page import PageTest


class RedisTests(PageTest):
    expected_complaints = ("status of 503",)

    def test_rows_stay_and_are_said_to_be_old(self):
        self.open_log("night-watch")
        rows = self.column("time")

        with demo.redis_stopped():
            self.one("#refresh").click()
            self.wait_for_log("stale")

            self.assertIn("could not be refreshed", self.one("#log-notice").text)
            self.assertEqual(self.column("time"), rows)
            self.screenshot("stale-1440-light")
        self.wait_for_log("rows")
        self.assertFalse(self.one("#log-notice").is_displayed())

    def test_a_log_that_was_never_read_is_no_empty_table_and_comes_by_itself(self):
        with demo.redis_stopped():
            self.open("/app.html?app=night-watch")
            self.wait_for_log("failed")

            self.assertIn("could not be read", self.one("#log-notice").text)
            self.assertFalse(self.one("#log-table").is_displayed())
            self.assertFalse(self.one("#log-empty").is_displayed())
            self.screenshot("failed-1440-light")
            self.resize(360, 800, dark=True)
            self.screenshot("failed-360-dark")
        self.wait_for_log("rows")
        self.until(lambda: self.texts("#app-last"), "health", seconds=60)


class StatusTests(PageTest):
    expected_complaints = ("status of 503",)

    def test_the_status_says_that_redis_is_away_and_when_it_is_back(self):
        with demo.redis_stopped():
            self.open("/status.html")
            self.until(lambda: "Redis does not answer" in self.one("#page-notice").text, "the sentence", seconds=60)
            self.assertEqual(self.texts("#queues"), [])
            self.screenshot("status-failed-1440-light")

        self.until(lambda: self.texts("#redis") == ["Redis answers"], "Redis", seconds=60)
        self.assertFalse(self.one("#page-notice").is_displayed())


class SignInTests(PageTest):
    expected_complaints = ("status of 401",)

    def test_a_wrong_password_opens_the_dialog_for_pages_only(self):
        wrong = demo.answer("/", demo.ALICE, "wrong")
        self.assertEqual((wrong.status, wrong.headers.get_all("WWW-Authenticate")), (401, ['Basic realm="Hookline"']))

        for path in ["/api/0/sentry-apps/", "/api/0/sentry-apps/night-watch/webhook-requests/"]:
            wrong = demo.answer(path, demo.ALICE, "wrong")
            self.assertEqual((wrong.status, wrong.headers.get_all("WWW-Authenticate")), (401, ['xBasic realm="api"']))
            self.assertEqual(json.loads(wrong.read()), {"detail": "Invalid username/password."})
            self.assertEqual(demo.answer(path, demo.ALICE, demo.PASSWORD).status, 200)

    def test_a_sign_in_that_ends_is_said_and_can_be_renewed(self):
        self.open_log("night-watch")
        self.until(lambda: self.all("#usage-charts canvas"), "charts")

        with demo.nobody_signed_in():
            self.one("#refresh").click()
            # The first that is said: while a dialog of the browser's stood, the call would be too slow.
            self.until(lambda: self.one("#log-notice").text, "a sentence", seconds=60)
            self.assertIn("no longer signed in", self.one("#log-notice").text)
            self.assertEqual(self.log_state(), "stale")
            self.screenshot("signed-out-1440-light")
            view = self.browser.current_url
            self.one("#log-notice button").click()
        # The page asks for the password with the browser's dialog; an address with a password answers that.
        self.browser.get(demo.address("/api.html", demo.ALICE))
        self.browser.get(view)

        self.wait_for_log("rows")
        self.assertFalse(self.one("#log-notice").is_displayed())


class UnknownTests(PageTest):
    expected_complaints = ("status of 404", "status of 403")

    def test_an_app_that_is_not_there_is_no_empty_log(self):
        self.open("/app.html?app=no-such-app")

        self.until(lambda: "There is no app" in self.one("#page-notice").text, "the sentence")
        self.until(lambda: not self.one("#log").is_displayed(), "no log")

    def test_anothers_app_is_no_empty_log(self):
        self.open("/app.html?app=globex-sync")

        self.wait_for_log("failed")
        self.assertIn("permission", self.one("#log-notice").text)
        self.assertFalse(self.one("#log-table").is_displayed())


# As a browser's fetch does when nobody answers; until the page has what it needs to know.
UNREACHABLE = """
window.unreachable = new RegExp(arguments0);
const reached = window.fetch;
window.fetch = (address, options) => (window.unreachable?.test(address)
    ? Promise.reject(new TypeError('unreachable')) : reached(address, options));
"""


class UnreachableTests(PageTest):
    def cut_off(self, pattern):
        source = UNREACHABLE.replace("arguments0", json.dumps(pattern))
        self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})

    def connect(self):
        self.script("window.unreachable = null")

    def test_a_server_that_does_not_answer_is_no_empty_table_and_is_asked_again(self):
        self.cut_off("/api/0/")
        self.open("/app.html?app=night-watch")
        self.wait_for_log("failed")
        self.assertIn("The server did not answer", self.one("#log-notice").text)
        self.assertIn("Trying again in", self.one("#log-age").text)
        self.assertFalse(self.one("#log-empty").is_displayed())

        self.connect()

        self.wait_for_log("rows")

    def test_a_list_that_was_not_read_is_no_empty_list(self):
        self.cut_off("/api/0/")
        self.open("/")
        self.until(lambda: "The apps could not be read" in self.one("#page-notice").text, "the sentence")
        self.assertFalse(self.one("#apps-empty").is_displayed())

        self.connect()
        self.one("#page-notice button").click()

        self.until(lambda: len(self.texts("#apps-table .name a")) == 3, "three apps")

    def test_a_name_that_could_not_be_read_comes_by_itself(self):
        self.cut_off("/night-watch/$")
        self.open_log("night-watch")
        self.assertEqual(self.one("#app-name").text, "night-watch")

        self.connect()

        self.until(lambda: self.one("#app-name").text == "Night Watch", "the name", seconds=60)


class ChartTests(PageTest):
    expected_complaints = ("/vendor/chart.js", "ERR_BLOCKED")

    def test_without_the_library_there_are_tables(self):
        self.browser.execute_cdp_cmd("Network.enable", {})
        self.browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/vendor/chart.js"]})

        self.open_log()

        self.until(lambda: len(self.all("#usage-charts table.plain")) == 3, "three tables")
        self.assertEqual(self.all("#usage-charts canvas"), [])
        self.screenshot("tables-1440-light")
