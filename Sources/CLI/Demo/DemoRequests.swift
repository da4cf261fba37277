import Buffer
import Directory
import Model
import WebhookRules

/// The demo's webhook requests: 90 days of successes, errors and timeouts.
struct DemoRequests {
    private let document: DirectoryDocument
    private let now: Timestamp
    private let rules: ProtocolRules
    private var random: DemoRandom

    /// - Parameter rules: by which the requests are written.
    init(seed: UInt64, now: Timestamp, document: DirectoryDocument, rules: ProtocolRules = .default) {
        self.rules = rules
        self.document = document
        self.now = now
        // A different sequence from the directory's.
        random = DemoRandom(seed: seed ^ 0x5EED)
    }

    /// The requests of one app for one event type, oldest first.
    mutating func records(of app: SentryApp, plan: DemoApp, event: EventType) -> [WebhookRequestRecord] {
        let organizations = document.installations.map(\.installation)
            .filter { $0.appID == app.id }.map(\.organizationID)
        // The lists keep the newest 100. Older requests are put into the first ten days, so that full lists still cover
        // the other 80, and fail, so that the list of errors is full as well.
        let hiddenCount = max(0, plan.requestsPerEvent - 100)
        let boundary = Int64(80 * 86400)
        let ages = (0..<plan.requestsPerEvent).map { index in
            index < hiddenCount
                ? Int64.random(in: boundary..<90 * 86400, using: &random)
                : Int64.random(in: 30..<boundary, using: &random)
        }
        return ages.sorted(by: >).enumerated().map { index, age in
            let micros = Int64.random(in: 1..<1_000_000, using: &random)
            let date = Timestamp(microseconds: now.adding(seconds: -age).truncatedToSeconds.microseconds + micros)
            let isError = index < hiddenCount || random.chance(percent: plan.errorPercent)
            let organizationID = organizations.isEmpty ? app.ownerID : random.pick(organizations)
            return record(of: app, event: event, at: date, isError: isError, organizationID: organizationID)
        }
    }

    private mutating func record(
        of app: SentryApp, event: EventType, at date: Timestamp, isError: Bool, organizationID: Int64
    ) -> WebhookRequestRecord {
        let outcome = isError ? random.pick(DemoOutcome.failures) : random.pick(DemoOutcome.successes)
        let resource = event.rawValue.split(separator: ".").first.map(String.init) ?? event.rawValue
        let requestID = random.hexadecimal(digits: 32)
        let isConnectionError =
            outcome.body == nil && outcome.reason.map { $0 != "timeout" } ?? false
            && rules.includes(.connectionErrorCode)
        var record = WebhookRequestRecord(
            date: date, event: event, appID: app.id,
            responseCode: isConnectionError ? WebhookRequestRecord.connectionErrorCode : outcome.code,
            webhookURL: app.webhookURL ?? "https://hooks.example.com/")
        record.rules = rules
        record.organizationID = app.status == .internal ? nil : organizationID
        record.requestID = requestID
        record.attempt = isError && random.chance(percent: 30) ? Int.random(in: 2...4, using: &random) : 1
        let duration = outcome.duration(using: &random)
        record.durationMilliseconds = isConnectionError ? nil : duration
        record.idempotencyKey = WebhookIdempotency.key(ofEvent: requestID, installationID: organizationID)
        record.reason = outcome.reason
        guard isError else { return record }

        record.requestHeaders = [
            ("Content-Type", "application/json"), ("Request-ID", requestID), ("Sentry-Hook-Resource", resource),
            ("Sentry-Hook-Timestamp", String(date.seconds)),
            ("Sentry-Hook-Signature", random.hexadecimal(digits: 64)),
        ]
        record.requestBody = body(of: event, about: resource)
        record.responseBody = outcome.body.map { Array($0.utf8) }
        if outcome.code != 0, random.chance(percent: 25) {
            let own = Set(document.projects.filter { $0.organizationID == app.ownerID }.map(\.id))
            let events = document.issueEvents.filter { own.contains($0.projectID) }
            if !events.isEmpty {
                let event = random.pick(events)
                record.errorID = event.eventID
                record.projectID = .text(String(event.projectID))
            }
        }
        return record
    }

    private mutating func body(of event: EventType, about resource: String) -> String {
        let action = event.rawValue.split(separator: ".").last.map(String.init) ?? ""
        let number = Int.random(in: 1000...9999, using: &random)
        return """
            {"action":"\(action)","installation":{"uuid":"\(random.hexadecimal(digits: 32))"},\
            "data":{"\(resource)":{"id":"\(number)","title":"TypeError: cannot read r\\u00e9sum\\u00e9"}},\
            "actor":{"type":"application","id":"sentry","name":"Sentry"}}
            """
    }
}

/// A receiver's response to a request.
struct DemoOutcome {
    let code: Int
    /// Nil = no response.
    let body: String?
    let milliseconds: ClosedRange<Int>
    /// Why there was no response.
    var reason: String?

    func duration(using random: inout DemoRandom) -> Int {
        Int.random(in: milliseconds, using: &random)
    }

    static let successes = [
        DemoOutcome(code: 200, body: nil, milliseconds: 18...240),
        DemoOutcome(code: 200, body: nil, milliseconds: 30...600),
        DemoOutcome(code: 201, body: nil, milliseconds: 40...300),
        DemoOutcome(code: 202, body: nil, milliseconds: 10...90),
        DemoOutcome(code: 204, body: nil, milliseconds: 8...60),
    ]

    static let failures = [
        DemoOutcome(code: 0, body: nil, milliseconds: 5000...5003, reason: "timeout"),
        DemoOutcome(code: 0, body: nil, milliseconds: 5000...5003, reason: "timeout"),
        DemoOutcome(code: 0, body: nil, milliseconds: 1...40, reason: "connection"),
        DemoOutcome(code: 0, body: nil, milliseconds: 2...120, reason: "dns"),
        DemoOutcome(code: 0, body: nil, milliseconds: 20...90, reason: "tls"),
        DemoOutcome(code: 400, body: #"{"error":"unknown field \"actor\"","line":1}"#, milliseconds: 12...80),
        DemoOutcome(code: 401, body: #"{"detail":"signature does not match"}"#, milliseconds: 9...40),
        DemoOutcome(code: 404, body: "<html><body><h1>Not Found</h1></body></html>", milliseconds: 6...30),
        DemoOutcome(code: 410, body: "", milliseconds: 5...20),
        DemoOutcome(code: 429, body: "Zu viele Anfragen, bitte später: ünöä 🐌", milliseconds: 4...15),
        DemoOutcome(code: 500, body: longTrace, milliseconds: 200...2400),
        DemoOutcome(code: 502, body: "Bad Gateway\n", milliseconds: 30...900),
        DemoOutcome(code: 503, body: #"{"status":"maintenance","retry":true}"#, milliseconds: 20...70),
        DemoOutcome(code: 504, body: "upstream request timeout", milliseconds: 4000...4900),
    ]

    /// Longer than the stored part of a body.
    private static let longTrace =
        "Traceback (most recent call last):\n"
        + (1...24).map { "  File \"/srv/app/handlers/part\($0).py\", line \($0 * 17), in handle_event\n" }.joined()
        + "KeyError: 'installation'\n"
}

/// A pseudorandom generator (SplitMix64), the same for the same seed. Not for secrets.
struct DemoRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True with this probability.
    mutating func chance(percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }

    /// Lower-case hexadecimal digits.
    mutating func hexadecimal(digits: Int) -> String {
        let alphabet = Array("0123456789abcdef")
        return String((0..<digits).map { _ in pick(alphabet) })
    }
}
