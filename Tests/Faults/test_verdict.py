"""Each count of a verdict is made by what it counts, and by nothing else."""

import unittest

from load import Request
from verdict import UNRECOVERED, judge

HEALED = 10.0


def event(number, status=202, start=11.0):
    return Request("event", number, start, start + 0.1, status, f"id-{number}" if status == 202 else "")


def row(number, code=200):
    return {"request_id": f"id-{number}", "response_code": code}


class VerdictTests(unittest.TestCase):
    def counts(self, requests, deliveries, rows, error_rows=(), unsettled=0):
        """The counts that are not 0."""
        verdict = judge(requests, deliveries, rows, error_rows, unsettled, HEALED)
        return {name: count for name, count in vars(verdict).items() if count and name != "recovery"}

    def test_an_event_that_was_accepted_delivered_and_logged_counts_as_nothing(self):
        self.assertEqual(self.counts([event(1)], [(1, 12.0)], [row(1)]), {})

    def test_an_accepted_event_without_a_delivery_is_lost(self):
        self.assertEqual(self.counts([event(1)], [], [row(1)]), {"lost": 1})

    def test_a_delivery_without_a_row_of_success_is_unlogged(self):
        self.assertEqual(self.counts([event(1)], [(1, 12.0)], [row(1, 0), row(2)]), {"unlogged": 1})

    def test_each_further_delivery_is_one_too_many(self):
        self.assertEqual(self.counts([event(1)], [(1, 12.0)] * 3, [row(1)]), {"twice": 2})

    def test_a_refused_event_that_is_delivered_counts(self):
        self.assertEqual(self.counts([event(1, 503)], [(1, 12.0)], []), {"failed_events": 1, "refused_but_sent": 1})

    def test_an_event_without_a_response_may_have_been_accepted(self):
        self.assertEqual(self.counts([event(1, 0)], [(1, 12.0)], []), {"failed_events": 1})

    def test_a_ping_has_to_be_quick(self):
        pings = [Request("ping", number, 11.0, end, status) for number, end, status in (
            (1, 11.5, 200), (2, 13.0, 200), (3, 11.1, 503))]
        self.assertEqual(self.counts(pings, [], []), {"failed_pings": 2})

    def test_rows_of_errors_and_what_is_left_are_counted(self):
        self.assertEqual(self.counts([], [], [], [row(1, 0)], 3), {"error_rows": 1, "unsettled": 3})

    def test_recovery_lasts_until_the_last_failure_and_the_first_delivery(self):
        requests = [event(1, start=9.0), event(2, 503, start=10.4), event(3, start=11.0)]
        late = judge(requests, [(1, 10.1), (3, 12.0)], [], [], 0, HEALED)
        early = judge(requests[:2] + [event(3, start=10.1)], [(3, 10.2)], [], [], 0, HEALED)
        never = judge(requests, [(1, 12.0)], [], [], 0, HEALED)
        self.assertEqual([late.recovery, early.recovery, never.recovery], [2.0, 0.5, UNRECOVERED])

    def test_what_exceeds_its_limit_is_a_problem_and_null_is_no_limit(self):
        verdict = judge([event(1, 503), event(2)], [], [], [], 0, HEALED)
        self.assertEqual(
            verdict.problems({"failed_events": None, "recovery": 5, "lost": 0}),
            ["lost 1 instead of at most 0", "recovery inf instead of at most 5"])
        self.assertEqual(
            verdict.problems({"at least": {"twice": 1, "lost": 1}, "failed_events": 1, "recovery": None, "lost": 1}),
            ["no effect: twice 0 instead of at least 1"])
        self.assertEqual(verdict.problems({"failed_events": 1, "recovery": None, "lost": 1}), [])


if __name__ == "__main__":
    unittest.main()
