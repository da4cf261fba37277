"""An event of the deployment's own, which HOOKLINE_EVENTS names."""

import demo
from test_check import CheckTest

EVENT = "deploy.finished"


class OwnEventTests(CheckTest):
    def test_it_can_be_checked_sent_and_filtered(self):
        self.subscribe()

        # Responders cache the directory for some seconds.
        self.until(lambda: self.check("night-watch", EVENT).startswith("Yes: "), "the check", seconds=60)
        self.assertEqual(self.status(), f"Yes: the app would receive {EVENT}.")
        self.one("#send-test").click()
        self.until(lambda: "The test event was sent" in self.status(), "the test event", seconds=60)

        self.choose("event", EVENT)
        self.assertEqual(set(self.column("event")), {EVENT})
        self.assertIn(f"event={EVENT}", self.browser.current_url)

    def test_the_events_are_grouped_by_resource(self):
        self.open_log("night-watch")
        self.one("#check > summary").click()
        self.choose_event()

        for field in ["#event", "#check-event"]:
            labels = self.script("return [...arguments[0].querySelectorAll('optgroup')].map(n => n.label)",
                                 self.one(field))
            self.assertEqual(labels[:3] + labels[-1:], ["Issue", "Error", "Comment", "Deploy"])

    def subscribe(self):
        app = demo.APP_IDS["night-watch"]
        hooks = "service_hooks WHERE installation_id IN (SELECT id FROM installations WHERE app_id = ?)"
        with demo.directory() as database:
            before = database.execute("SELECT events FROM apps WHERE id = ?", [app]).fetchone()[0]
            rows = database.execute(f"SELECT events, id FROM {hooks}", [app]).fetchall()
        self.write(app, f"{before} deploy", [(f"{events} {EVENT}", hook) for events, hook in rows])
        self.addCleanup(self.write, app, before, rows)

    def write(self, app, events, hooks):
        with demo.directory() as database:
            database.execute("UPDATE apps SET events = ? WHERE id = ?", [events, app])
            database.executemany("UPDATE service_hooks SET events = ? WHERE id = ?", hooks)
