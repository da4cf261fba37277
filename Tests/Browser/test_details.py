"""The panel of an open row; data is never interpreted as HTML."""

import json

import demo
from page import PageTest

HTML = '<img src=x onerror="document.title=1"><script>alert(1)</script>&amp;'


def entry(code, **fields):
    return {"date": "2099-01-01 00:00:00.000001+00:00", "response_code": code,
            "webhook_url": "https://hook.example/in", **fields}


class DetailTests(PageTest):
    def test_a_row_opens_and_closes(self):
        self.addCleanup(demo.store("night-watch", "issue.created", entry(
            500, request_headers={"Sentry-Hook-Signature": "0"}, response_body="no")))
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")
        toggle = self.one("#log-table .row-bad .row-toggle")

        panel = self.open_row()

        self.assertEqual(toggle.get_attribute("aria-expanded"), "true")
        for tab, headings in {"Request": ["Request headers", "Sentry-Hook-Signature", "Request body"],
                              "Response": ["Response headers", "Response body"]}.items():
            self.show_tab(panel, tab)
            for heading in headings:
                self.assertIn(heading, panel.text)
        toggle.click()
        self.assertEqual(toggle.get_attribute("aria-expanded"), "false")
        self.assertFalse(panel.is_displayed())

    def test_a_failure_without_a_response_shows_its_details(self):
        self.addCleanup(demo.store("night-watch", "issue.created", entry(
            0, reason="tls", reason_detail="the receiver refused the TLS connection: <b>unknown ca</b>")))
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")

        panel = self.open_row()

        self.assertIn("Details: the receiver refused the TLS connection: <b>unknown ca</b>.", panel.text)

    def test_a_successful_request_that_was_sent_by_the_worker_has_its_details(self):
        self.open_log()

        panel = self.open_row(selector=".row-good")

        self.assertEqual(panel.text.count("elivered."), 1, panel.text)
        self.assertIn("Sentry-Hook-Signature", panel.text)
        self.assertIn('"action": "created"', panel.text)

    def test_a_successful_request_without_details_says_so(self):
        entry = {"date": "2099-01-01 00:00:00.000001+00:00", "response_code": 204, "attempt": 1,
                 "webhook_url": "https://hook.example/in", "request_id": "d" * 32}
        self.addCleanup(demo.store("night-watch", "issue.created", entry))
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")

        panel = self.open_row(selector=".row-good")

        self.assertIn("Headers and bodies of this request are not stored.", panel.text)

    def test_an_open_row_stays_open_after_a_refresh(self):
        self.open_log()
        self.open_row()

        self.addCleanup(demo.store("release-radar", "issue.created", self.new_entry()))
        self.one("#refresh").click()
        self.until(lambda: self.column("url")[0] == "https://new.example/", "the new row")

        self.assertEqual(len([one for one in self.all(".details") if one.is_displayed()]), 1)


class BodyTests(PageTest):
    """Uses rows dated in the future, which are always first."""

    def show(self, event, **fields):
        self.addCleanup(demo.store("night-watch", event, entry(500, **fields)))
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")
        return self.open_row()

    def test_json_is_decoded_and_keeps_its_digits(self):
        text = '{"id":12345678901234567890,"list":[1,{"a":"\\u00e9"}],"none":{}}'

        panel = self.show("issue.created", request_body=json.dumps(text))

        self.assertIn('{\n  "id": 12345678901234567890,\n  "list": [\n    1,\n    {\n      "a": "é"\n    }\n  ],\n'
                      '  "none": {}\n}', self.body(panel, "Request"))

    def test_a_truncated_body_is_marked_and_indented(self):
        whole = json.dumps({"items": [f"item {number} \\ \"x\"" for number in range(200)]})

        panel = self.show("issue.resolved", request_body=json.dumps(whole)[:1024])

        self.show_tab(panel, "Request")
        self.assertIn("truncated: the log stores only the beginning", panel.text)
        body = self.body(panel, "Request")
        self.assertTrue(body.startswith('{\n  "items": [\n    "item 0 '), body[:60])
        self.assertTrue(body.endswith("… truncated"), body[-60:])

    def test_a_plain_body_is_shown_unchanged(self):
        panel = self.show("issue.ignored", response_body="Bad\n  Request")

        self.assertEqual(self.body(panel, "Response"), "Bad\n  Request")
        self.assertIn("Not stored.", panel.text)

    def test_reasons_are_explained(self):
        self.addCleanup(demo.store("night-watch", "issue.assigned", entry(0, reason="dns")))
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")

        panel = self.open_row()

        self.assertEqual(self.column("status")[0], "DNS")
        self.assertIn("could not be resolved", panel.text)

    def test_html_is_shown_as_text_everywhere(self):
        with demo.directory() as database:
            database.execute("UPDATE organizations SET name = ? WHERE id = 9001", (HTML,))
        self.addCleanup(self.rename_back)
        panel = self.show(
            "issue.created", webhook_url=f"https://x/{HTML}", request_headers={HTML: HTML},
            request_body=json.dumps(HTML), response_body=HTML, organization_id=9001, request_id=HTML,
            reason=HTML)

        # Responders cache names for some seconds.
        if not self.column("organization")[0].endswith(HTML):
            self.until(self.shows_the_new_name, "the organization's new name")
            panel = self.open_row()
        for name in ["url", "organization"]:
            self.assertTrue(self.column(name)[0].endswith(HTML), self.column(name)[0])
        self.assertEqual(self.body(panel, "Response"), HTML)
        self.assertEqual(self.body(panel, "Request"), HTML)
        self.show_tab(panel, "Request")
        self.assertEqual(self.one(".headers td", panel).text, HTML)
        self.assertEqual(self.script("return document.querySelectorAll('main img, main script').length"), 0)
        self.assertNotEqual(self.browser.title, "1")

    def shows_the_new_name(self):
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")
        return self.column("organization")[0].endswith(HTML)

    @staticmethod
    def rename_back():
        with demo.directory() as database:
            database.execute("UPDATE organizations SET name = 'Acme' WHERE id = 9001")
