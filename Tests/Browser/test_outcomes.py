"""A webhook of each outcome, followed from its first attempt to its end: the page, the API and the command line say the
same of it."""

import json
import re
import time
import typing

import demo
from page import PageTest
from receiver import Receiver, response

EVENT = "issue.created"
FOLLOW_SECONDS = 40
# A receiver asks for a delay of this length, so that the next attempt is not made during the test.
LONG_DELAY = 3000


class Outcome(typing.NamedTuple):
    # Of the attempts, the first one first.
    codes: list
    # The name of the state at the end.
    state: str
    # Of each attempt without a success, as in the log.
    reason: str | None = None
    # What the page says of the status of an attempt without a response.
    label: str | None = None
    # Responses by attempt; the last one repeats.
    responses: list | None = None
    # Instead of the receiver.
    url: str | None = None


def answer(status, *headers):
    return response(status, f"it was {status}".encode() if status != 204 else b"",
                    [("Content-Type", "text/plain"), *headers])


# The demo makes at most four attempts. Receivers ask for less than the second until the next one.
OUTCOMES = {
    "200": Outcome([200], "delivered", responses=[answer(200)]),
    "204": Outcome([204], "delivered", responses=[answer(204)]),
    "301": Outcome([301] * 4, "dead_letter", "redirect", responses=[answer(301, ("Location", "https://new.example/"))]),
    "410": Outcome([410], "failed", responses=[answer(410)]),
    "429-then-200": Outcome([429, 200], "delivered", responses=[answer(429, ("Retry-After", "1")), answer(200)]),
    "429-for-long": Outcome([429], "scheduled", responses=[answer(429, ("Retry-After", str(LONG_DELAY)))]),
    "500": Outcome([500] * 4, "dead_letter", responses=[answer(500)]),
    "timeout": Outcome([0] * 4, "dead_letter", "timeout", "timeout", responses=[None]),
    "blocked-address": Outcome([0], "dead_letter", "blocked-address", "blocked", url="https://192.0.2.1/"),
    # The certificate of the demo is signed by itself.
    "tls": Outcome([0] * 4, "dead_letter", "tls", "TLS", url=demo.BASE + "/hooks"),
    "connection": Outcome([0] * 4, "dead_letter", "connection", "connection", url="http://127.0.0.1:1/"),
}
# Which states may follow which, as far as they are seen.
NEXT_STATES = {
    "waiting": {"in_progress", "scheduled", "delivered", "failed", "dead_letter"},
    "in_progress": {"waiting", "scheduled", "delivered", "failed", "dead_letter"},
    "scheduled": {"waiting", "in_progress", "delivered", "failed", "dead_letter"},
    "delivered": set(), "failed": set(), "dead_letter": set(),
}


class Event:
    """An event of an app of its own."""

    def __init__(self, name, number):
        self.outcome = OUTCOMES[name]
        self.name = name
        self.slug = f"outcome-{name}"
        self.number = number
        self.id = None
        # Pairs of the state's name and the number of attempts, without repetitions.
        self.seen = []

    def command(self, *arguments):
        done = demo.hookline(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.stderr}")
        return done.stdout

    def send(self):
        self.id = self.command("event", "send", demo.installation(self.number), EVENT,
                               "--data", json.dumps({"outcome": self.name})).strip()

    def by_command(self, *options):
        return json.loads(self.command("event", "show", self.id, "--app", self.slug, "--json", *options))

    def by_api(self):
        return demo.api(f"sentry-apps/{self.slug}/requests/{self.id}/")

    def look(self):
        """Notes the state; returns whether it is the last one."""
        event = self.by_command()
        seen = event["state"]["name"], len(event["attempts"])
        if seen not in self.seen:
            self.seen.append(seen)
        return seen == (self.outcome.state, len(self.outcome.codes))


def rows_of_command(rows):
    """The attempts as the API has them, of which all forms have these members."""
    names = ["date", "response_code", "webhook_url", "request_id", "attempt", "duration_ms", "reason"]
    return [[row.get(name) for name in names] for row in rows]


def rows_of_api(rows):
    names = ["date", "responseCode", "webhookUrl", "requestId", "attempt", "durationMs", "reason"]
    return [[row.get(name) for name in names] for row in rows]


class OutcomeTests(PageTest):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        events = {name: Event(name, 98_300 + index) for index, name in enumerate(OUTCOMES)}
        cls.events = events
        cls.receiver = Receiver(cls.respond)
        cls.addClassCleanup(cls.receiver.close)
        for event in events.values():
            url = event.outcome.url or f"{cls.receiver.address}/{event.name}"
            cls.enterClassContext(demo.app_at(event.slug, event.number, url))
            cls.addClassCleanup(event.command, "queue", "delete", "--all", "--app", event.slug, "--yes")
        demo.hookline("app", "set", events["timeout"].slug, "--timeout-ms", "500").check_returncode()
        for event in events.values():
            event.send()
        cls.follow()

    @classmethod
    def respond(cls, path, identifier, number):
        responses = OUTCOMES[path[1:]].responses
        return responses[min(number, len(responses)) - 1]

    @classmethod
    def follow(cls):
        """Looks at the events in turn until each has ended."""
        end = time.monotonic() + FOLLOW_SECONDS
        pending = list(cls.events.values())
        while pending:
            if time.monotonic() > end:
                raise AssertionError(f"not as expected: {[(event.name, event.seen) for event in pending]}")
            pending = [event for event in pending if not event.look()]

    def test_states_follow_each_other(self):
        for event in self.events.values():
            with self.subTest(outcome=event.name):
                for (before, attempts), (after, later) in zip(event.seen, event.seen[1:], strict=False):
                    self.assertTrue(before == after or after in NEXT_STATES[before], event.seen)
                    self.assertLessEqual(attempts, later, event.seen)

    def test_200(self):
        self.check("200")

    def test_204(self):
        self.check("204")

    def test_301(self):
        self.check("301")

    def test_410_disables_the_app(self):
        event = self.check("410")

        shown = json.loads(event.command("app", "show", event.slug, "--json"))
        self.assertIn("410", shown["disabled"]["reason"])
        self.until(lambda: demo.api(f"sentry-apps/{event.slug}/health/")["status"] == "disabled", "the health")
        self.open_log(event.slug)
        self.until(lambda: "This app is disabled" in self.one("#page-notice").text, "the notice")

    def test_429_then_200(self):
        event = self.check("429-then-200")

        dates = self.script("return arguments[0].map((text) => Date.parse(text))",
                            [row["date"] for row in event.by_api()["attempts"]])
        self.assertGreaterEqual(dates[0] - dates[1], 1000)

    def test_429_with_a_long_delay(self):
        event = self.check("429-for-long")

        state = event.by_api()["state"]
        delay = self.script("return (Date.parse(arguments[0]) - Date.parse(arguments[1])) / 1000",
                            state["nextAttempt"], state["date"])
        self.assertAlmostEqual(delay, LONG_DELAY, delta=LONG_DELAY * 0.11)
        self.assertEqual(state["attempt"], 2)

    def test_500(self):
        self.check("500")

    def test_a_receiver_that_does_not_respond(self):
        event = self.check("timeout")

        for attempt in event.by_api()["attempts"]:
            self.assertIn(attempt["durationMs"], range(490, 1500))

    def test_a_blocked_address(self):
        self.check("blocked-address")

    def test_an_untrusted_certificate(self):
        event = self.check("tls")

        for attempt in event.by_api()["attempts"]:
            self.assertRegex(attempt["reasonDetail"], "certificate|issuer")

    def test_a_refused_connection(self):
        self.check("connection")

    def check(self, name):
        event = self.events[name]
        self.check_attempts(event)
        self.check_state(event)
        self.check_errors(event)
        self.check_dead_letter(event)
        self.check_counts(event)
        self.check_page(event)
        return event

    def check_attempts(self, event):
        outcome = event.outcome
        shown = event.by_api()["attempts"]
        self.assertEqual([row["attempt"] for row in shown], list(range(len(outcome.codes), 0, -1)))
        self.assertEqual([row["responseCode"] for row in reversed(shown)], outcome.codes)
        self.assertEqual([row.get("reason") for row in shown], [outcome.reason] * len(shown))
        log = demo.api(f"sentry-apps/{event.slug}/webhook-requests/?eventType={EVENT}")
        lines = event.command("log", "show", event.slug, "--format", "json").splitlines()
        for others in [rows_of_api(log), rows_of_command(event.by_command()["attempts"]),
                       rows_of_command(map(json.loads, lines))]:
            self.assertEqual(others, rows_of_api(shown))

        detailed = event.by_command("--details")["attempts"]
        for part in ["request", "response"]:
            self.assertEqual([row.get(part) for row in detailed], [row.get(part) for row in shown])
        if outcome.responses:
            self.check_exchange(event, list(reversed(shown)))

    def check_exchange(self, event, shown):
        """What is kept of the attempts is what the receiver has got and sent."""
        received = self.receiver.received[event.id]
        self.assertEqual(len(received), len(shown))
        for one, row, code in zip(received, shown, event.outcome.codes, strict=True):
            self.assertEqual(row["request"]["body"], one.body.decode())
            kept = [(header["name"], header["value"]) for header in row["request"]["headers"]]
            self.assertEqual([pair for pair in kept if pair not in one.headers], [])
            if code:
                self.assertEqual(row["response"]["status"], code)
                self.assertEqual(row["response"]["body"], "" if code == 204 else f"it was {code}")
            else:
                self.assertIsNone(row["response"])

    def check_state(self, event):
        state = event.by_api()["state"]
        self.assertEqual(state, event.by_command()["state"])
        self.assertEqual(state["name"], event.outcome.state)
        self.assertEqual(state["nextAttempt"] is not None, state["name"] == "scheduled")
        lines = event.command("event", "show", event.id, "--app", event.slug).splitlines()
        line = next(line for line in lines if line.startswith("state "))
        self.assertIn(f"attempt {state['attempt']}", line)
        self.assertRegex(line, f"^state +{state['name']}")
        if state["nextAttempt"]:
            self.assertIn(state["nextAttempt"][:19], next(one for one in lines if one.startswith("next attempt")))

    def check_errors(self, event):
        """The lists of failures."""
        failed = [row for row in event.by_api()["attempts"] if not 200 <= row["responseCode"] < 300]
        log = demo.api(f"sentry-apps/{event.slug}/webhook-requests/?errorsOnly=true")
        lines = event.command("log", "show", event.slug, "--errors-only", "--json").splitlines()
        self.assertEqual(rows_of_api(log), rows_of_api(failed))
        self.assertEqual(rows_of_command(map(json.loads, lines)), rows_of_api(failed))

    def check_dead_letter(self, event):
        letters = demo.api(f"sentry-apps/{event.slug}/dead-letters/")
        lines = event.command("queue", "list", "--app", event.slug, "--json").splitlines()
        expected = [event.id] if event.outcome.state == "dead_letter" else []
        self.assertEqual([one["id"] for one in letters["deadLetters"]], expected)
        self.assertEqual([json.loads(line)["id"] for line in lines], expected)
        if expected:
            reason = event.by_api()["state"]["reason"]
            self.assertEqual({letters["deadLetters"][0]["reason"], json.loads(lines[0])["reason"]}, {reason})

    def check_counts(self, event):
        """The attempts of the hour, of which the page shows a chart."""
        codes = event.outcome.codes
        expected = {"succeeded": sum(code in (200, 204) for code in codes),
                    "timeouts": len(codes) if event.outcome.reason == "timeout" else 0}
        expected["failed"] = len(codes) - expected["succeeded"]
        counted = demo.api(f"sentry-apps/{event.slug}/deliveries/")["total"]
        shown = json.loads(event.command("app", "show", event.slug, "--json"))["last_24_hours"]
        self.assertEqual({name: counted[name] for name in expected}, expected)
        self.assertEqual([shown[name] for name in [*expected, "p50_ms", "p95_ms"]],
                         [counted[name] for name in [*expected, "p50Ms", "p95Ms"]])

    def check_page(self, event):
        shown = event.by_api()
        attempts, state = shown["attempts"], shown["state"]
        # The section of dead letters is open.
        self.open(f"/app.html?app={event.slug}#dead-letters")
        self.wait_for_log()
        labels = [str(row["responseCode"] or event.outcome.label) for row in attempts]
        self.assertEqual(self.column("status"), labels)
        self.assertEqual(self.column("attempt"), [str(row["attempt"]) for row in attempts])
        self.assertEqual(self.column("event"), [EVENT] * len(attempts))
        self.assertEqual(self.column("url"), [row["webhookUrl"] for row in attempts])
        self.assertEqual(
            self.script("return [...document.querySelectorAll('#log-table .row time')].map((one) => one.dateTime)"),
            [row["date"].replace(" ", "T")[:23] + "Z" for row in attempts])

        panel = self.open_row(selector=".row")
        if state["name"] == "delivered":
            self.until(lambda: "Delivered." in panel.text, "the state")
            self.assertEqual(self.one(".event-state", panel).text, "")
        else:
            self.until(lambda: self.one(".event-state", panel).text, "the state")
            self.assertRegex(self.one(".event-state", panel).text, f"^{self.state_text(state)}$")
        if len(attempts) > 1:
            items = [item.text for item in self.all(".attempts li", panel)]
            for item, label, row in zip(items, labels, attempts, strict=True):
                self.assertTrue(item.startswith(label), item)
                self.assertIn(f", attempt {row['attempt']}", item)
        if attempts[0].get("reasonDetail"):
            self.assertIn(f"Details: {attempts[0]['reasonDetail']}.", panel.text)
        self.check_tabs(panel, attempts[0])
        reasons = [state["reason"]] if state["name"] == "dead_letter" else []
        self.until(lambda: self.one("#dead-letters").get_attribute("data-state") in ("rows", "empty"), "dead letters")
        self.assertEqual(self.texts("#dead-letters-table .reason"), reasons)
        self.one("#errors").click()
        failed = [str(row["attempt"]) for row in attempts if not 200 <= row["responseCode"] < 300]
        self.until(lambda: self.column("attempt") == failed and self.log_state() in ("rows", "empty"), "the failures")

    def check_tabs(self, panel, attempt):
        """The request and the response of the newest attempt."""
        request, answered = attempt["request"], attempt["response"]
        self.show_tab(panel, "Request")
        self.assertEqual(json.loads(self.body(panel, "Request")), json.loads(request["body"]))
        self.assertEqual([row.text for row in self.all(".headers tr", panel) if row.is_displayed()],
                         [f"{one['name']} {one['value']}" for one in request["headers"]])
        self.show_tab(panel, "Response")
        if answered is None:
            self.assertIn("There was no response.", panel.text)
            return
        self.assertIn(str(answered["status"]), self.one("[role=tabpanel]:not([hidden]) .first-line", panel).text)
        self.assertEqual([row.text for row in self.all(".headers tr", panel) if row.is_displayed()],
                         [f"{one['name']} {one['value']}" for one in answered["headers"]])
        if answered["body"]:
            self.assertEqual(self.body(panel, "Response"), answered["body"])

    def state_text(self, state):
        """A pattern of what the page says of a state."""
        name, attempt = state["name"], state["attempt"]
        if name == "scheduled":
            date = self.script(
                "return new Date(arguments[0]).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })",
                state["nextAttempt"])
            return f"Attempt {attempt} follows at {re.escape(date)}, in [0-9]+ minutes\\."
        return {"failed": "The event was not delivered\\. No attempt follows\\.",
                "dead_letter": f"The event is a dead letter{self.dead_text(state['reason'] or '')}"}[name]

    def dead_text(self, reason):
        failed = re.fullmatch(r"(attempt \d+ of \d+ failed): (.+)", reason)
        return f", because {failed[1]} \\({re.escape(failed[2])}\\)\\." if failed else f": {re.escape(reason)}"
