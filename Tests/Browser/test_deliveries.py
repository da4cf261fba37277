"""Success and duration of an app's webhooks over time."""

import demo
from layouts import LayoutTest


class DeliveriesTests(LayoutTest):
    def open_section(self, slug="release-radar"):
        self.open_log(slug)
        self.one("#deliveries > summary").click()
        self.until(lambda: "Loading" not in self.one("#deliveries-charts").text, "the numbers")

    def test_what_the_worker_has_counted_is_shown(self):
        self.open_section()

        self.until(lambda: len(self.all("#deliveries-charts canvas")) == 2, "charts")
        self.assertRegex(self.one("#deliveries-summary").text,
                         r"^[0-9.]+% of [0-9]+ attempts? succeeded.*\. Half took at most [0-9]+ ms, 95% at most ")
        for details in self.all("#deliveries-charts .as-table summary"):
            details.click()
        self.assertIn(" ms", self.one("#deliveries-charts .chart-durations table").text)

        self.one("#deliveries-period input[value='30d']").find_element("xpath", "..").click()
        self.until(lambda: "last 30 days" in self.one("#deliveries-charts canvas").get_attribute("aria-label"), "days")

    def test_every_layout(self):
        def prepare():
            self.open_section()
            self.until(lambda: self.all("#deliveries-charts canvas"), "charts")
        self.in_each_layout("deliveries", prepare)

    def test_an_app_without_attempts_says_so(self):
        with demo.extra_app("no-attempts", 98_201):
            self.open_section("no-attempts")

            self.assertEqual(self.one("#deliveries-summary").text, "None in the last 24 hours.")
            self.assertEqual(self.one("#deliveries-charts").text, "No attempts in this period.")
            self.in_each_layout("deliveries-empty")
