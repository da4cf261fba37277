"""What a fault did: counted from the requests that were sent, the deliveries and the rows of the log."""

from collections import Counter
from dataclasses import dataclass

# Nothing that was sent after the fault was delivered.
UNRECOVERED = float("inf")


@dataclass
class Verdict:
    """Counts of one fault; `recovery` is in seconds."""

    # Requests without a good response; pings also without one in time.
    failed_reads: int
    failed_events: int
    failed_pings: int
    # Events that were accepted and never delivered.
    lost: int
    # Deliveries of events that were delivered before.
    twice: int
    # Events with a response other than 202 that were delivered nevertheless.
    refused_but_sent: int
    # Delivered events without a row that says so.
    unlogged: int
    # Rows of the lists of errors.
    error_rows: int
    # Entries that are still in the queue long after the fault.
    unsettled: int
    recovery: float

    def text(self, name):
        recovery = "not recovered" if self.recovery == UNRECOVERED else f"recovered in {self.recovery:.1f} s"
        return (
            f"{name:21} failed: reads {self.failed_reads:3}, events {self.failed_events:3}, pings {self.failed_pings}  "
            f"lost {self.lost}  twice {self.twice}  refused but sent {self.refused_but_sent}  "
            f"unlogged {self.unlogged}  error rows {self.error_rows:4}  unsettled {self.unsettled}  {recovery}")

    def problems(self, limits):
        """What is worse than expected.

        A limit that is missing is 0, and one that is null allows everything. Counts of `at least` show that the fault
        had an effect.
        """
        problems = [
            f"no effect: {name.replace('_', ' ')} {getattr(self, name)} instead of at least {least}"
            for name, least in limits.get("at least", {}).items() if getattr(self, name) < least
        ]
        for name, value in vars(self).items():
            limit = limits.get(name, 0)
            if limit is not None and value > limit:
                problems.append(f"{name.replace('_', ' ')} {value:g} instead of at most {limit:g}")
        return problems


def judge(requests, deliveries, rows, error_rows, unsettled, healed):
    """The verdict.

    `requests`: as `Load` sent them; `deliveries`: number and time of each event that the receiver answered; `rows` and
    `error_rows`: those of the request log; `unsettled`: what is left in the queue; `healed`: when the fault was over.
    """
    delivered = Counter(number for number, _ in deliveries)
    events = [request for request in requests if request.kind == "event"]
    accepted = {request.number: request.event_id for request in events if request.status == 202}
    refused = {request.number for request in events if request.status not in (0, 202)}
    failed = Counter(request.kind for request in requests if not request.is_good)
    logged = {row.get("request_id") for row in rows if row["response_code"] == 200}
    return Verdict(
        failed_reads=failed["read"],
        failed_events=failed["event"],
        failed_pings=failed["ping"],
        lost=sum(number not in delivered for number in accepted),
        twice=sum(count - 1 for count in delivered.values()),
        refused_but_sent=sum(number in delivered for number in refused),
        unlogged=sum(number in delivered and event_id not in logged for number, event_id in accepted.items()),
        error_rows=len(error_rows),
        unsettled=unsettled,
        recovery=recovery(requests, deliveries, healed))


def recovery(requests, deliveries, healed):
    """Seconds from the end of the fault to the last request that failed, and to the first delivery of an event that was
    sent after it.
    """
    sent = {request.number for request in requests if request.kind == "event" and request.start > healed}
    times = [time for number, time in deliveries if number in sent]
    if not times:
        return UNRECOVERED
    failures = [request.end for request in requests if not request.is_good and request.end > healed]
    return max([min(times), *failures]) - healed
