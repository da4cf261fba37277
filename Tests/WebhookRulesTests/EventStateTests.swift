import Buffer
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// What has become of an event.
@Suite struct EventStateTests {
    private static let now = Timestamp(seconds: 1_700_000_000)
    private static let entry = QueueEntry(
        id: "0123456789abcdef0123456789abcdef", appID: 1, event: "issue.created", enqueuedAt: now, payload: [],
        attempt: 2, dueAt: now.adding(seconds: 60))

    /// Rows of one event, the newest first: code, attempt and reason; a minute apart.
    private func attempts(_ rows: [(code: Int, attempt: Int, reason: String?)]) throws -> [LoggedAttempt] {
        let log = MemoryRequestLog()
        for (index, row) in rows.reversed().enumerated() {
            let date = Self.now.adding(seconds: 60 * Int64(index)).pythonDescription
            let reason = row.reason.map { #","reason":"\#($0)""# } ?? ""
            log.add(
                #"{"date":"\#(date)","response_code":\#(row.code),"attempt":\#(row.attempt)\#(reason)}"#, appID: 1,
                event: "issue.created")
        }
        return try log.read(WebhookRequestQuery(appID: 1, events: ["issue.created"])).attempts
    }

    private func state(
        _ place: QueuePlace? = nil, isComplete: Bool = true, _ rows: (Int, Int, String?)...
    ) throws -> EventState? {
        EventState(QueueSearch(place: place, isComplete: isComplete), attempts: try attempts(rows))
    }

    @Test func thePlaceInTheQueueIsTheState() throws {
        let dead = DeadLetter(entry: Self.entry, reason: "4 attempts failed", deadLetteredAt: Self.now)
        let note = DropNote(date: Self.now, attempt: 1, reason: "disabled")

        #expect(
            try state(.waiting(Self.entry, since: Self.now)) == EventState(.waiting, date: Self.now, attempt: 2))
        #expect(try state(.inProgress(Self.entry), (200, 1, nil)) == EventState(.inProgress, attempt: 2))
        #expect(
            try state(.scheduled(Self.entry))
                == EventState(.scheduled, date: Self.now, attempt: 2, nextAttempt: Self.now.adding(seconds: 60)))
        #expect(
            try state(.scheduled(Self.entry), (503, 1, nil), (503, 1, nil))?.date == Self.now.adding(seconds: 60))
        #expect(
            try state(.deadLetter(dead))
                == EventState(.deadLetter, date: Self.now, attempt: 2, reason: "4 attempts failed"))
        #expect(
            try state(.dropped(note)) == EventState(.dropped, date: Self.now, attempt: 1, reason: "disabled"))
    }

    @Test func ofWhatHasLeftTheQueueTheLogTellsTheEnd() throws {
        let later = Self.now.adding(seconds: 60)

        #expect(try state() == nil)
        #expect(try state(nil, (204, 2, nil), (503, 1, nil)) == EventState(.delivered, date: later, attempt: 2))
        // Another worker had it, and delivered it.
        #expect(try state(nil, (0, 1, "lease-lost"), (200, 1, nil))?.name == .delivered)
        #expect(try state(nil, (503, 1, nil)) == EventState(.failed, date: Self.now, attempt: 1, reason: "503"))
        #expect(try state(nil, (0, 1, "timeout"))?.reason == "timeout")
        #expect(try state(nil, (302, 1, "redirect"))?.name == .failed)
        #expect(try state(nil, (0, 2, "breaker-open"), (500, 1, nil))?.attempt == 1)
        for reason in ["lease-lost", "breaker-open", "cancelled"] {
            #expect(try state(nil, (0, 1, reason)) == EventState(.unknown))
        }
        // It may be among the entries that were not looked at.
        #expect(try state(nil, isComplete: false, (503, 1, nil)) == EventState(.unknown))
        #expect(try state(nil, isComplete: false, (200, 1, nil))?.name == .delivered)
    }

    @Test func theObjectHasAllMembers() {
        #expect(
            EventState(.inProgress, attempt: 2).json.compactText
                == #"{"name":"in_progress","date":null,"attempt":2,"nextAttempt":null,"reason":null}"#)
        #expect(
            EventState(.scheduled, date: Self.now, nextAttempt: Self.now.adding(seconds: 1)).json.compactText
                == #"{"name":"scheduled","date":"2023-11-14T22:13:20Z","attempt":null,"#
                + #""nextAttempt":"2023-11-14T22:13:21Z","reason":null}"#)
    }
}
