"""Request and response of an open row: tabs, copy buttons, raw and indented bodies, the curl command, hostile data."""

import contextlib
import http.server
import json
import subprocess
import threading

import demo
from layouts import LayoutTest
from page import Keys, PageTest

MASK = "*" * 64
ID = "ee00000000000000000000000000000"


class ExchangeTest(PageTest):
    """Uses rows dated in the future, which are always first."""

    def show(self, event="issue.created", code=500, **fields):
        self.addCleanup(demo.store("night-watch", event, {
            "date": "2099-01-01 00:00:00.000001+00:00", "response_code": code,
            "webhook_url": "https://hook.example/in", **fields}))
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")
        return self.open_row()

    def press(self, panel, name):
        """Presses a button of the panel and returns the text of the clipboard."""
        button = next(one for one in self.all("button", panel) if one.text == name and one.is_displayed())
        self.script("arguments[0].scrollIntoView({ block: 'center' })", button)
        button.click()
        self.until(lambda: self.one(".copy-status", panel).text, "the report")
        self.assertEqual(self.browser.switch_to.active_element, button)
        # A field of the test's own, into which it pastes like a user.
        self.script("const f = document.createElement('textarea'); f.id = 'pasted'; document.body.append(f); f.focus()")
        self.browser.switch_to.active_element.send_keys(Keys.CONTROL, "v")
        return self.script("const f = document.getElementById('pasted'); f.remove(); return f.value")

    def selected(self, panel):
        return [tab.text for tab in self.all("[role=tab][aria-selected=true]", panel)]


class TabTests(ExchangeTest):
    def test_arrow_keys_move_between_the_tabs_which_are_one_stop(self):
        panel = self.show(request_body='"x"', response_body="no")
        self.assertEqual(self.selected(panel), ["Response"])

        self.script("arguments[0].focus()", self.one("[role=tab][aria-selected=true]", panel))
        self.keys(Keys.ARROW_LEFT)
        self.assertEqual((self.selected(panel), self.browser.switch_to.active_element.text), (["Request"], "Request"))
        self.assertEqual([one.get_attribute("aria-labelledby") for one in self.all("[role=tabpanel]", panel)
                          if one.is_displayed()], [self.browser.switch_to.active_element.get_attribute("id")])
        self.keys(Keys.ARROW_LEFT)
        self.assertEqual(self.selected(panel), ["Response"])
        self.keys(Keys.HOME)
        self.assertEqual(self.selected(panel), ["Request"])
        self.keys(Keys.END)
        self.assertEqual(self.selected(panel), ["Response"])
        self.tab()
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("role"), "tabpanel")
        self.tab(backwards=True)
        self.assertEqual(self.browser.switch_to.active_element.text, "Response")

    def test_without_a_response_the_request_is_selected(self):
        panel = self.show("issue.resolved", 0, reason="dns")

        self.assertEqual(self.selected(panel), ["Request"])
        self.show_tab(panel, "Response")
        self.assertIn("There was no response.", panel.text)

    def test_each_attempt_can_be_shown(self):
        first = {"date": "2099-01-01 00:00:00.000001+00:00", "response_code": 500, "attempt": 1, "request_id": ID + "1",
                 "webhook_url": "https://hook.example/in", "response_body": "first-refusal"}
        second = {**first, "date": "2099-01-01 00:05:00.000001+00:00", "attempt": 2, "response_body": "second-refusal"}
        for entry in [first, second]:
            self.addCleanup(demo.store("night-watch", "issue.created", entry))
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")
        panel = self.open_row()
        self.assertEqual(self.body(panel, "Response"), "second-refusal")

        self.all(".attempts button", panel)[1].click()

        self.until(lambda: self.body(panel, "Response") == "first-refusal", "the other attempt")
        self.assertIn("attempt 1", self.one(".attempts [aria-current]", panel).text)


# What the server keeps of attempts beside the log, of one that succeeded too.
KEPT = """
const realFetch = window.fetch;
window.fetch = async (url, options) => {
    const response = await realFetch(url, options);
    if (!/\\/requests\\/ee/.test(url)) return response;
    const body = await response.json();
    Object.assign(body.attempts[0], {
        request: { headers: [{ name: "Request-ID", value: "x" }], headersTruncated: true, body: "{}",
                   bodyTruncated: false },
        response: { status: 200, headers: [{ name: "Set-Cookie", value: "MASK" }, { name: "Set-Cookie", value: "b" }],
                    headersTruncated: false, body: "kept", bodyTruncated: true },
    });
    body.redeliveries = [{ id: "aa", date: "2026-11-21 13:29:32.085158+00:00" }];
    return new Response(JSON.stringify(body));
};
""".replace("MASK", MASK)


class KeptTests(ExchangeTest):
    def test_details_that_are_kept_of_a_success_are_shown(self):
        self.before_load(KEPT)
        self.addCleanup(demo.store("night-watch", "issue.created", {
            "date": "2099-01-01 00:00:00.000001+00:00", "response_code": 200, "request_id": ID + "3",
            "webhook_url": "https://hook.example/in"}))
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")
        panel = self.open_row(selector=".row-good")

        self.assertEqual(self.selected(panel), ["Request"])
        self.assertIn("truncated: only the first ones are stored", panel.text)
        self.assertIn("# Headers are missing: only the first ones are stored\n", self.press(panel, "Copy as curl"))
        self.show_tab(panel, "Response")
        self.assertEqual([row.text for row in self.all(".headers tr", panel) if row.is_displayed()],
                         ["Set-Cookie ******** masked", "Set-Cookie b"])
        self.assertEqual(self.body(panel, "Response"), "kept … truncated")
        self.one(".redeliveries button", panel).click()
        self.until(lambda: self.one("#search").get_property("value") == "aa", "the redelivery")


class LoadingTests(ExchangeTest, LayoutTest):
    def test_loading_is_shown(self):
        self.before_load("const realFetch = window.fetch; window.fetch = (url, options) => "
                         "(/requests\\/ee/.test(url) ? new Promise(() => {}) : realFetch(url, options));")
        self.addCleanup(demo.store("night-watch", "issue.created", {
            "date": "2099-01-01 00:00:00.000001+00:00", "response_code": 500, "request_id": ID + "4",
            "webhook_url": "https://hook.example/in"}))
        self.open_log("night-watch", "&to=2100-01-01T00:00Z")

        self.one("#log-table .row-bad .row-toggle").send_keys(Keys.ENTER)

        self.until(lambda: [one.text for one in self.all(".exchange")] == ["Loading headers and bodies…"], "the text")
        self.in_each_layout("row-loading")


class CopyTests(ExchangeTest):
    headers = {"Content-Type": "application/json", "Sentry-Hook-Resource": "issue", "X-Key": MASK}

    def test_headers_and_bodies_are_copied_and_announced(self):
        body = '{"id":12345678901234567890}'
        panel = self.show(request_headers=self.headers, request_body=json.dumps(body), response_body="plain\n refusal")

        self.assertEqual(self.press(panel, "Copy body"), "plain\n refusal")
        self.show_tab(panel, "Request")
        self.assertEqual(self.press(panel, "Copy body"), body)
        self.assertEqual(self.one(".copy-status[role=status]", panel).text, "Copied: request body.")
        self.assertEqual(self.press(panel, "Copy headers"),
                         f"Content-Type: application/json\nSentry-Hook-Resource: issue\nX-Key: {MASK}\n")
        self.until(lambda: self.one(".copy-status", panel).text == "Copied: request headers.", "the report")

    def test_copying_works_without_tls(self):
        self.before_load("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        panel = self.show(response_body="plain-refusal")

        self.assertEqual(self.press(panel, "Copy body"), "plain-refusal")
        self.assertEqual(self.one(".copy-status", panel).text, "Copied: response body.")

    def test_a_browser_that_forbids_copying_is_reported(self):
        panel = self.show(response_body="plain-refusal")
        self.script("Object.defineProperty(navigator, 'clipboard', { value: undefined });"
                    "document.execCommand = () => false;")

        next(one for one in self.all("button", panel) if one.text == "Copy body" and one.is_displayed()).click()

        self.until(lambda: "does not allow to copy" in self.one(".copy-status", panel).text, "the report")

    def test_masked_values_are_marked(self):
        panel = self.show(request_headers=self.headers)
        self.show_tab(panel, "Request")

        self.assertEqual([row.text for row in self.all(".headers tr", panel)][-1], "X-Key ******** masked")

    def test_json_can_be_shown_as_it_was_sent(self):
        panel = self.show(request_body=json.dumps('{"a":[1]}'))
        self.show_tab(panel, "Request")
        raw = next(one for one in self.all("button", panel) if one.text == "Raw" and one.is_displayed())
        self.assertEqual(self.body(panel, "Request"), '{\n  "a": [\n    1\n  ]\n}')

        raw.click()

        self.assertEqual((raw.get_attribute("aria-pressed"), self.body(panel, "Request")), ("true", '{"a":[1]}'))
        raw.click()
        self.assertEqual((raw.get_attribute("aria-pressed"), self.body(panel, "Request")[:2]), ("false", "{\n"))


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        self.server.received = (self.path, self.headers.items(), self.rfile.read(length))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


class CurlTests(ExchangeTest):
    def setUp(self):
        super().setUp()
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def command(self, path="/hook", **fields):
        panel = self.show(webhook_url=f"{self.address}{path}", **fields)
        self.show_tab(panel, "Request")
        return self.press(panel, "Copy as curl")

    def run_command(self, command, shell):
        """Runs the command and returns what the receiver got; fails if the shell wrote or printed anything."""
        done = subprocess.run([shell, "-c", command.replace("curl ", "curl --silent --noproxy '*' ", 1)],
                              capture_output=True, text=True, timeout=20, check=True)
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        path, headers, body = self.server.received
        return path, dict(headers), body

    def build(self, url, headers, body):
        """The command for values that no stored row can have, such as a long body."""
        return self.browser.execute_async_script(
            "const [url, headers, body, done] = arguments;"
            "import('/js/curl-command.js').then((m) => done(m.curlCommand({ url, headers, body })))",
            url, [{"name": name, "value": value} for name, value in headers.items()], body)

    def test_the_command_sends_the_request_again(self):
        body = '{"title":"it\'s $HOME `id` \\\\ !! %s é","n":12345678901234567890}'
        command = self.command("/hook?a=[1]&b={x}'", request_headers={
            "Content-Type": "application/json", "Sentry-Hook-Resource": "issue", "X-Quote": "it's \"$HOME\" `id`",
            "Host": "elsewhere.example", "Content-Length": "9999"}, request_body=json.dumps(body))

        for shell in ["dash", "bash"]:
            path, headers, sent = self.run_command(command, shell)
            self.assertEqual(path, "/hook?a=[1]&b={x}%27")
            self.assertEqual(sent.decode(), body)
            self.assertEqual(headers["Content-Type"], "application/json")
            self.assertEqual(headers["X-Quote"], "it's \"$HOME\" `id`")
            self.assertNotIn("elsewhere", headers["Host"])
        self.assertFalse(command.startswith("#"), command)

    def test_masked_and_missing_parts_are_marked(self):
        command = self.command(
            request_headers={
                "Content-Type": "application/json", "X-Key": MASK, "bad name": "x", "X-Lines": "a\r\nb: c"},
            request_body=json.dumps(json.dumps({"list": ["x" * 50] * 40}))[:1024])

        self.assertIn("# Replace the masked values of these headers: X-Key\n", command)
        self.assertIn("# Left out: 2 headers that are not valid in HTTP\n", command)
        self.assertIn("# The body is truncated: only its beginning is stored\n", command)
        self.assertEqual(self.run_command(command, "dash")[1]["X-Key"], MASK)
        self.assertNotIn("b: c", command)

    def test_any_bytes_arrive_as_they_are(self):
        self.open("/api.html")
        texts = ["", "@/etc/passwd", "-n", "--help", "a\n", "\n\n", "\0a\0", "%s%d\\n\\0", "it's", "'\n'",
                 "\u001b[201~id\n", "\u202eabc\u2066", "😀é", "".join(map(chr, range(256))), "x" * 1_000_000,
                 "'" * 60_000, "\t\\'\"$(id)`id`"]
        for text in texts:
            command = self.build(f"{self.address}/hook", {"Content-Type": "text/plain"}, text)
            self.assertNotRegex(command, "[^\n\x20-\x7e]" if "é" not in text else "[\0-\x09\x0b-\x1f]")
            for shell in ["dash", "bash"]:
                with self.subTest(text=text[:20], shell=shell):
                    file = demo.FOLDER / "command.sh"
                    file.write_text(command.replace("curl ", "curl --silent --noproxy '*' ", 1), encoding="utf-8")
                    done = subprocess.run([shell, file], capture_output=True, timeout=20, check=False)
                    self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
                    self.assertEqual(self.server.received[2].decode(), text)
                    self.assertEqual(dict(self.server.received[1])["Content-Type"], "text/plain")

    def test_addresses_and_headers_are_no_options_and_no_files(self):
        self.open("/api.html")
        for url in ["file:///etc/passwd", "-o/tmp/x", "javascript:alert(1)", "", "no url"]:
            self.assertIsNone(self.build(url, {}, "x"))
        command = self.build(f"{self.address}/a\n;id\t'$(id)", {
            "@/etc/passwd": "x", "X-Empty": "", "X-Sub": "$(id)", "X-Bidi": "a\u202eb"}, "x")
        for shell in ["dash", "bash"]:
            path, headers, _ = self.run_command(command, shell)
            self.assertEqual(path, "/a;id%27$(id)".replace("%27", path[5:8] if "%27" in path else "'"))
            self.assertEqual((headers["X-Empty"], headers["X-Sub"]), ("", "$(id)"))
            self.assertNotIn("Content-Type", headers)
        self.assertNotIn("passwd", command)
        self.assertNotIn("\u202e", command)


HOSTILE = '<img src=x onerror="document.title=1"><script>document.title = 1</script>' \
    '\u202e\u2066evil\u0000\u001b[31m\u200b'


class HostileTests(ExchangeTest, LayoutTest):
    def check_layout(self, name):
        self.in_each_layout(name)
        self.assertEqual(self.script("return document.querySelectorAll('main img, main script').length"), 0)
        self.assertNotEqual(self.browser.title, "1")

    def test_markup_and_control_characters_are_visible_and_run_nothing(self):
        panel = self.show(
            webhook_url=f"https://x/{HOSTILE}", request_headers={f"X-{HOSTILE}": HOSTILE, "X-Long": "y" * 5000},
            request_body=json.dumps(json.dumps({"text": HOSTILE})), response_body=HOSTILE, reason_detail=HOSTILE)

        self.assertIn("⟨U+202E⟩⟨U+2066⟩evil⟨U+0000⟩⟨U+001B⟩[31m⟨U+200B⟩", self.body(panel, "Response"))
        self.assertIn("with invisible characters, shown as ⟨U+…⟩", panel.text)
        self.check_layout("hostile-response")
        self.show_tab(panel, "Request")
        self.assertIn("⟨U+202E⟩", self.one(".headers td", panel).text)
        self.assertIn("⟨U+202E⟩", self.column("url")[0])
        self.assertIn("not all is shown", self.all(".headers td", panel)[1].text)
        self.check_layout("hostile-request")

    def test_a_body_of_a_mebibyte_is_cut_and_marked(self):
        texts = ["[" * 1_048_576, "\u202e" * 1_048_576]
        if demo.HAS_ALL:
            texts += ["x" * 1_048_576, '{"a":"' + "\\u00e9" * 170_000 + '"}', "\ufffd" * 1_048_576]
        for text in texts:
            with self.subTest(text=text[:8]), self.large_rows(text):
                self.open_log("night-watch", "&to=2100-01-01T00:00Z")
                panel = self.open_row()
                self.until(lambda panel=panel: "characters are shown" in panel.text, "the mark")
                self.assertTrue(self.body(panel, "Response").endswith(" … not all is shown"))
                self.assertLess(self.script("return document.body.textContent.length"), 1_000_000)
                self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 1440)
        self.resize(360, 900)
        self.until(lambda: self.script("return innerWidth") == 360, "the narrow window")
        self.until(lambda: self.script("return document.documentElement.scrollWidth") <= 360, "the narrow page")

    @contextlib.contextmanager
    def large_rows(self, text):
        """A row whose response body the server gives in full."""
        removed = demo.store("night-watch", "issue.created", {
            "date": "2099-01-01 00:00:00.000001+00:00", "response_code": 500, "request_id": ID + "2",
            "webhook_url": "https://hook.example/in", "response_body": "short"})
        script = """
            const realFetch = window.fetch;
            window.fetch = async (url, options) => {
                const response = await realFetch(url, options);
                if (!/\\/requests\\/ee/.test(url)) return response;
                const body = await response.json();
                body.attempts[0].response_body = TEXT;
                return new Response(JSON.stringify(body));
            };
        """.replace("TEXT", json.dumps(text))
        added = self.before_load(script)
        try:
            yield
        finally:
            self.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
            removed()
