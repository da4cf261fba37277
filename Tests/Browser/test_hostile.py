"""Details of webhooks with hostile content: nothing runs, every character can be seen, and the layout holds.

Each event is a real delivery to a receiver with hostile responses. HOOKLINE_HOSTILE_EVENTS: how many there are, a round
of at most 60 by default. HOOKLINE_HOSTILE_SEED: makes up the content; it is printed.
"""

import json
import os
import random
import sys
import threading

import demo
from hostile import Hostile
from layouts import NARROW, LayoutTest
from receiver import Receiver

EVENTS = int(os.environ.get("HOOKLINE_HOSTILE_EVENTS", "60"))
# The same content in each run of the short form.
SEED = os.environ.get("HOOKLINE_HOSTILE_SEED") or (str(random.randrange(10**9)) if EVENTS > 60 else "1")
# With a second attempt of some, the log has room for the rows of a round.
ROUND = 60
SLUG, NUMBER = "hostile-app", 98_501
URL = "/<img src=x onerror=alert(1)>\u202e\u200b?q=</td><script>alert(1)</script>"
# Opening a row and looking at it takes at most this long, on a machine that has other work as well.
SECONDS = 5

# Records what must not happen, and finds what must not be in an element.
WATCH = """
window.happened = [];
for (const name of ["alert", "confirm", "prompt", "open", "print"]) {
    window[name] = (...values) => { window.happened.push(`${name}(${values})`); };
}
document.addEventListener("securitypolicyviolation", (event) => {
    window.happened.push(`${event.violatedDirective}: ${event.blockedURI}`);
});
// Shown as codes; see visible-text.js.
const invisible = /(?![\\u200c\\u200d\\n\\t\\r])[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]/u;
const allowed = new Set(["div", "p", "span", "button", "code", "pre", "section", "h3", "dl", "dt", "dd", "table",
    "caption", "tbody", "tr", "th", "td", "ul", "li", "strong", "time", "wbr"]);
window.faultsOf = (place) => {
    const nodes = [...place.querySelectorAll("*")];
    const faults = [];
    const others = nodes.filter((one) => !allowed.has(one.localName));
    if (others.length > 0) faults.push(`elements: ${[...new Set(others.map((one) => one.localName))]}`);
    const names = new Set(nodes.flatMap((one) => one.getAttributeNames()));
    const active = [...names].filter((name) => /^(on|style|src|href)/.test(name));
    if (active.length > 0) faults.push(`attributes: ${active}`);
    const found = invisible.exec(place.textContent);
    if (found) faults.push(`U+${found[0].codePointAt(0).toString(16)} is not shown`);
    const width = document.documentElement.scrollWidth;
    if (width > window.innerWidth) faults.push(`${width} pixels wide`);
    return faults;
};
"""
# Opens rows one after the other and shows both tabs of each. Arguments: the index of the first row, the number of rows,
# tokens by the event's id. Gives descriptions of each row: what is not as it should be.
LOOK = """
const [first, count, tokens, done] = arguments;
const tick = () => new Promise((resolve) => setTimeout(resolve, 5));
const look = async (row) => {
    const toggle = row.querySelector(".row-toggle");
    const panel = document.getElementById(toggle.getAttribute("aria-controls"));
    const start = performance.now();
    const faults = [];
    toggle.click();
    while (!panel.querySelector("[role=tablist]") && performance.now() < start + 15000) await tick();
    const id = [...panel.querySelectorAll("dt")].find((one) => one.textContent === "Request ID")
        ?.nextElementSibling.textContent;
    for (const name of ["Request", "Response"]) {
        const tab = [...panel.querySelectorAll("[role=tab]")].find((one) => one.textContent === name);
        if (!tab) {
            faults.push(`no ${name}: ${panel.textContent.slice(0, 300)}`);
            continue;
        }
        tab.click();
        faults.push(...window.faultsOf(panel));
        const body = panel.querySelector(`pre[aria-label="${name} body"]`);
        const hasBody = name === "Request" || !panel.textContent.includes("There was no response.");
        if (hasBody && !body?.textContent.includes(tokens[id])) faults.push(`${name} has the body of another event`);
    }
    faults.push(...window.faultsOf(row));
    if (panel.textContent.length > 400000) faults.push(`${panel.textContent.length} characters`);
    const seconds = (performance.now() - start) / 1000;
    toggle.click();
    return { id, seconds, faults };
};
(async () => {
    const rows = [...document.querySelectorAll("#log-table .row")].slice(first, first + count);
    const results = [];
    for (const row of rows) results.push(await look(row));
    done(results);
})();
"""


class HostileTests(LayoutTest):
    def setUp(self):
        super().setUp()
        self.before_load(WATCH)
        self.browser.set_script_timeout(120)
        print(f"seed {SEED} ", end="", file=sys.stderr, flush=True)

    def start(self):
        """The app and its receiver."""
        # The events of the round by id.
        self.sent = {}
        self.sent_changed = threading.Condition()
        receiver = Receiver(self.respond)
        self.addCleanup(receiver.close)
        self.enterContext(demo.app_at(SLUG, NUMBER, receiver.address + URL))

    def respond(self, _, identifier, number):
        # The command that sends a round prints the ids, perhaps after the first attempts.
        with self.sent_changed:
            self.sent_changed.wait_for(lambda: identifier in self.sent, timeout=4)
            responses = self.sent[identifier].responses
        return responses[min(number, len(responses)) - 1]

    def send(self, numbers, app=NUMBER):
        """Sends events; gives them by id."""
        events = [Hostile(SEED, number) for number in numbers]
        file = demo.FOLDER / "hostile.ndjson"
        file.write_text("".join(json.dumps({
            "installation": demo.installation(app), "event": "issue.created", "data": event.data}) + "\n"
            for event in events), encoding="ascii")
        done = demo.hookline("event", "send", "--from", str(file), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        ids = [line["id"] for line in lines if "id" in line]
        self.assertEqual(len(ids), len(events), done.stdout[:500])
        return dict(zip(ids, events, strict=True))

    def logged(self):
        lines = demo.hookline("log", "show", SLUG, "--format", "json", "--limit", "100").stdout.splitlines()
        return [(row["request_id"], row["response_code"]) for row in map(json.loads, lines)]

    def is_delivered(self, sent):
        return sent.keys() <= {identifier for identifier, code in self.logged() if 200 <= code < 300}

    def test_details_of_events(self):
        self.start()
        slowest = 0
        for first in range(0, EVENTS, ROUND):
            sent = self.send(range(first, min(first + ROUND, EVENTS)))
            with self.sent_changed:
                self.sent = sent
                self.sent_changed.notify_all()
            self.until(lambda sent=sent: self.is_delivered(sent), "the deliveries", seconds=60)
            slowest = max(slowest, self.look(sent, first))
        self.assertLess(slowest, SECONDS)
        if EVENTS > ROUND:
            print(f"{EVENTS} events, the slowest row {slowest:.2f} s ", end="", file=sys.stderr, flush=True)

    def look(self, sent, first):
        """Looks at the rows of a round; gives the time of the slowest one."""
        # The rows of the round are the newest.
        count = sum(identifier in sent for identifier, _ in self.logged())
        self.resize(NARROW, 900, dark=bool(first // ROUND % 2))
        self.open_log(SLUG)
        self.one("#pause").click()
        while len(self.column("time")) < count:
            shown = len(self.column("time"))
            self.one("#older").click()
            self.until(lambda shown=shown: len(self.column("time")) > shown, "older rows")
        if first == 0:
            # Three open rows.
            for toggle in self.all("#log-table .row-toggle")[:3]:
                self.script("arguments[0].click()", toggle)
            self.until(lambda: len(self.all("#log-table [role=tablist]")) == 3, "details")
            self.in_each_layout("hostile")
            for toggle in self.all("#log-table .row-toggle")[:3]:
                self.script("arguments[0].click()", toggle)
            self.resize(NARROW, 900)

        tokens = {identifier: event.token for identifier, event in sent.items()}
        rows = []
        for start in range(0, count, 10):
            rows += self.browser.execute_async_script(LOOK, start, min(10, count - start), tokens)
        for row in rows:
            event = sent.get(row["id"])
            self.assertEqual(row["faults"], [], f"seed {SEED}, event {event and (event.number, event.kind)}")
        self.assertEqual({row["id"] for row in rows}, set(sent))
        self.assertEqual(self.script("return window.happened"), [], f"seed {SEED}, events from {first} on")
        self.assertTrue(self.browser.title.startswith(SLUG), self.browser.title)
        return max(row["seconds"] for row in rows)

    def test_dead_letters(self):
        slug, app = f"{SLUG}-dead", NUMBER + 1
        with demo.app_at(slug, app, "https://192.0.2.1/"):
            self.addCleanup(demo.hookline, "queue", "delete", "--all", "--app", slug, "--yes")
            sent = self.send(range(12), app)
            self.until(lambda: len(demo.hookline("queue", "list", "--app", slug, "--json").stdout.splitlines())
                       == len(sent), "dead letters")
            self.resize(NARROW, 900)
            self.open(f"/app.html?app={slug}#dead-letters")
            self.until(lambda: len(self.all("#dead-letters-table .row-toggle")) == len(sent), "rows")

            for toggle in self.all("#dead-letters-table .row-toggle"):
                self.script("arguments[0].click()", toggle)
            self.until(lambda: len(self.texts("#dead-letters-table pre")) == len(sent), "events")
            text = "\n".join(self.texts("#dead-letters-table .panel"))
            self.assertEqual([event.number for event in sent.values() if event.token not in text], [])
            self.assertEqual(self.script(
                "return window.faultsOf(document.querySelector('#dead-letters-table tbody'))"), [], f"seed {SEED}")
            self.in_each_layout("hostile-dead-letters")
            self.assertEqual(self.script("return window.happened"), [])
