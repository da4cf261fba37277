import Buffer
import Directory
import Model

/// The demo's webhook requests: 90 days of successes, errors and time-outs.
struct DemoRequests {
    private let document: DirectoryDocument
    private let now: Timestamp
    private var random: DemoRandom

    init(seed: UInt64, now: Timestamp, document: DirectoryDocument) {
        self.document = document
        self.now = now
        // Another sequence than the directory's.
        random = DemoRandom(seed: seed ^ 0x5EED)
    }

    /// The requests of one app for one event, oldest first.
    mutating func records(of app: SentryApp, plan: DemoApp, event: EventType) -> [WebhookRequestRecord] {
        let organizations = document.installations.map(\.installation)
            .filter { $0.appID == app.id }.map(\.organizationID)
        // The lists keep the newest 100. What is older is put into the first ten days, so that full lists still reach
        // back over the rest, and fails, so that the list of errors is full as well.
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
            let isError = index < hiddenCount || random.isLucky(percent: plan.errorPercent)
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
        var record = WebhookRequestRecord(
            date: date, event: event, appID: app.id, responseCode: outcome.code,
            webhookURL: app.webhookURL ?? "https://hooks.example.com/")
        record.organizationID = app.status == .internal ? nil : organizationID
        record.requestID = requestID
        record.attempt = isError && random.isLucky(percent: 30) ? Int.random(in: 2...4, using: &random) : 1
        record.durationMilliseconds = outcome.duration(using: &random)
        record.reason = outcome.reason
        guard isError else { return record }

        record.requestHeaders = [
            ("Content-Type", "application/json"), ("Request-ID", requestID), ("Sentry-Hook-Resource", resource),
            ("Sentry-Hook-Timestamp", String(date.seconds)),
            ("Sentry-Hook-Signature", random.hexadecimal(digits: 64)),
        ]
        record.requestBody = body(of: event, about: resource)
        record.responseBody = outcome.body.map { Array($0.utf8) }
        if outcome.code != 0, random.isLucky(percent: 25) {
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
