"""The relay of an app: its targets, their state, and its rows in the log. The demo has one."""

import json

import demo
from layouts import LayoutTest
from settings import SettingsTest

ROOT = "root@hookline.example"


class RelayTests(LayoutTest):
    user = ROOT

    def open_relay(self):
        self.open("/app.html?app=issue-relay#relay")
        self.until(lambda: self.one("#relay").get_attribute("data-state") == "rows", "the targets")

    def state(self, name):
        row = next(one for one in self.all("#relay-table tbody tr") if self.one("th", one).text == name)
        return self.one(".badge", row).text

    def test_the_targets_are_shown_disabled_and_enabled(self):
        self.in_each_layout("relay", self.open_relay)
        self.assertEqual(self.texts("#relay-table tbody th"), ["ci", "chat"])
        self.assertIn("/relay/issue-relay/", self.one("#relay-received").text)
        self.assertIn("The original has sent the last webhook", self.one("#relay-received").text)
        self.assertEqual(self.texts("#relay-table tbody [data-label=Gets]"), ["all events", "issue"])

        self.one("[aria-label='Disable chat']").click()
        self.one("#relay-table .question button").click()
        self.until(lambda: "is disabled" in self.one("#relay-notice").text, "the message")
        self.assertEqual((self.state("ci"), self.state("chat")), ("ok", "disabled"))
        self.assertIn("was disabled by", self.one("#relay-table").text)

        self.one("[aria-label='Enable chat']").click()
        self.until(lambda: "is enabled" in self.one("#relay-notice").text, "the message")
        self.assertEqual(self.state("chat"), "ok")
        audit = demo.hookline("audit", "list", "--json", "--limit", "20").stdout
        self.assertIn("target-disabled", audit)
        self.assertIn("target-enabled", audit)

    def test_the_log_tells_the_targets_apart_and_knows_their_events(self):
        self.open_log("issue-relay", "&event=seer.root_cause_completed")
        self.until(lambda: self.column("event") == ["seer.root_cause_completed"], "the row")
        self.assertIn("ci: http", self.column("url")[0])

        self.open_log("issue-relay")
        self.until(lambda: any(text.startswith("chat: ") for text in self.column("url")), "the rows of the target")
        self.until(lambda: self.all("#event option[value='seer.root_cause_completed']"), "the event in the filter")

    def test_other_apps_have_no_such_section(self):
        self.open_log("release-radar")
        self.until(lambda: any(self.texts("#app-last")), "health")
        self.assertFalse(self.one("#relay").is_displayed())
        self.assertFalse(self.one("#relay-link").is_displayed())


class TargetTests(SettingsTest):
    expected_messages = ("status of 400",)

    def test_targets_are_added_and_refused(self):
        slug = self.app()
        self.open_settings(slug)
        self.press("Add target")
        self.one("[data-name=name]").send_keys("ci")
        self.one("[data-name=url]").send_keys("ftp://ci.example/in")
        self.one("[data-name=events]").send_keys("issue, error.created")
        self.one("[data-name=conditions]").send_keys("data.issue.project.slug=web; data.n=1")
        self.press("Save")
        self.until(lambda: "targets[0].url" in self.one("#targets-error").text, "the message beside the field")

        self.one("[data-name=url]").clear()
        self.one("[data-name=url]").send_keys("https://ci.example/in")
        self.save()
        self.open_settings(slug)

        self.assertEqual(
            [self.one(f"[data-name={name}]").get_attribute("value") for name in ("name", "url", "events")],
            ["ci", "https://ci.example/in", "issue, error.created"])
        app = json.loads(demo.hookline("app", "show", slug, "--json").stdout)
        self.assertEqual(app["slug"], slug)
        self.one("[aria-label='Remove ci']").click()
        self.save()
        self.open_settings(slug)
        self.assertEqual(self.all(".target-list li"), [])
