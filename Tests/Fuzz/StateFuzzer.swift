import Model
import WireJSON

@testable import Queue
@testable import Redis
@testable import WebhookRules

/// libFuzzer's entry point for what is computed from what Redis holds: the status page, the diagnosis, the lists of
/// `hookline queue`, the settlement; and for the parsers of cookies and CSRF tokens.
///
/// Compiled as a part of `Handlers`, with the command line's reports. An overflow or a violated property traps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzState(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var source = ValueSource(Array(UnsafeBufferPointer(start: data, count: count)))
    let now = Timestamp(seconds: 1_700_000_000)
    let fleet = FuzzedFleet(&source)
    let letters = (0..<4).compactMap { _ in DeadLetter(source.entryFields()) }
    fleet.letters = letters

    checkStatusPage(fleet, now: now)
    checkDiagnosis(fleet, now: now)
    checkLists(fleet, letters, now: now)
    checkSettlement(source.entryFields(), now: now)
    checkScores(source.text())
    checkCookies(String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self))
    return 0
}

private func checkStatusPage(_ fleet: FuzzedFleet, now: Timestamp) {
    let sources = StatusSources(metrics: fleet, queues: [fleet])
    guard let fields = try? FleetFields(sources, now: now) else { return }
    precondition(!fields.all.isEmpty, "the status page is empty")
}

private func checkDiagnosis(_ fleet: FuzzedFleet, now: Timestamp) {
    let app = SentryApp(id: 1, slug: "radar", name: "Radar", ownerID: 1, status: .internal, uuid: "a")
    let state = StateDiagnostics(app: app, audience: .operator, now: now)
    let sources = StateSources(health: fleet, windows: fleet)
    for policy in [DeliveryPolicy.sentry, .standard] {
        _ = try? state.health(organizationID: 1, in: sources, settings: policy.autoDisable)
        switch policy.autoDisable.rule {
        case .daily(let rule): _ = rule.cause(in: fleet.outcomes)
        case .window(let rule): _ = (rule.cause(in: fleet.failures), rule.warning(among: [50, 90], in: fleet.failures))
        }
    }
    _ = try? state.backlog(fleet.statistics(), in: fleet)
}

private func checkLists(_ fleet: FuzzedFleet, _ letters: [DeadLetter], now: Timestamp) {
    let report = QueueReport(
        name: "events", bound: 100, byteBound: fleet.maximumBytes, statistics: fleet.held, hazards: [],
        workers: fleet.alive,
        refusesWrites: false, now: now)
    precondition(!report.text.isEmpty, "the report is empty")
    _ = report.json.serialized(escaping: .ascii)
    for letter in letters {
        _ = DeadLetterListing.row(letter, app: nil, now: now)
        _ = DeadLetterListing.json(letter, app: nil).serialized(escaping: .ascii)
        precondition(letter.payloadByteCount >= 0, "a payload has no size")
    }
}

/// An entry that is accepted can be given another attempt, and its times compared.
private func checkSettlement(_ values: [ReplyValue], now: Timestamp) {
    let fields = FieldReader(values)
    let entry = QueueEntry(fields)
    guard QueueEntry.problem(of: fields) == nil else { return }
    let delivery = QueueDelivery(entry: entry, deliveryCount: 1, consumer: "c", problem: nil, shard: 0, streamID: "1-0")
    precondition(entry.attempt + 1 > 0, "an attempt has no successor")
    _ = Settlement.retry(delivery, at: entry.dueAt.adding(seconds: 86400), attempt: entry.attempt + 1)
    _ = now.microseconds - entry.enqueuedAt.microseconds
    precondition(!entry.enqueuedAt.iso8601Description.isEmpty, "a time cannot be written")
    _ = QueueIndex.end(appID: entry.appID, upTo: entry.dueAt)
}

/// A client can send any cookie; what is behind the signature only a holder of the secret can.
private func checkCookies(_ text: String) {
    let signer = ValueSigner(salt: "fuzz", secret: Secret("fuzz"), hashes: SigningHash.allCases)
    for name in ["sentrysid", "", "a"] {
        guard let value = CookieHeader.value(named: name, in: text) else { continue }
        precondition(value.utf8.count <= text.utf8.count, "a cookie is longer than its header")
    }
    precondition((try? signer.value(of: text, maximumAge: 1, at: Timestamp(seconds: 0))) == nil, "a forged signature")
    for payload in [text, Base64URL.encoded(Array(text.utf8)), "." + Base64URL.encoded(Array(text.utf8))] {
        _ = SessionPayload(decoding: payload)
    }
    precondition(Base64URL.decoded(Base64URL.encoded(Array(text.utf8)).utf8) == Array(text.utf8), "Base64 loses bytes")
    guard let token = try? CSRFToken(text) else { return }
    precondition(token.isSame(as: token), "a token differs from itself")
}

private func checkScores(_ text: String) {
    let time = Timestamp(clamping: Int64(clamping: text))
    precondition(Timestamp.calendarRange.contains(time), "a score is no time")
}

/// Values as Redis may return them, made of the input.
private struct ValueSource {
    private static let numbers: [Int64] = [
        .min, .min + 1, .max, .max - 1, -1, 0, 1, 1 << 31, 1 << 53, -(1 << 53), 1_700_000_000_000_000,
        253_402_300_799_999_999, 253_402_300_800_000_000,
    ]

    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    private mutating func byte() -> UInt8 { bytes.popFirst() ?? 0 }

    mutating func number() -> Int64 {
        let selector = Int(byte())
        if selector < Self.numbers.count { return Self.numbers[selector] }
        return (0..<8).reduce(0) { value, _ in value << 8 | Int64(byte()) }
    }

    mutating func text() -> String {
        let count = Int(byte() % 24)
        defer { bytes = bytes.dropFirst(count) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    mutating func value() -> ReplyValue {
        switch byte() % 8 {
        case 0: .null
        case 1: .oversized
        case 2: .text(Array(text().utf8)[...])
        case 3: .integer(number())
        default: .text(Array(String(number()).utf8)[...])
        }
    }

    mutating func entryFields() -> [ReplyValue] {
        var fields: [ReplyValue] = []
        func add(_ name: String, _ value: ReplyValue) { fields += [.text(Array(name.utf8)[...]), value] }
        add("id", byte() % 4 == 0 ? value() : .text(Array(String(repeating: "a", count: 32).utf8)[...]))
        for name in ["app", "attempt", "enqueued", "due", "buried", "bytes"] { add(name, value()) }
        add("event", .text(Array(text().utf8)[...]))
        add("payload", byte() % 4 == 0 ? value() : .text(Array(text().utf8)[...]))
        return fields
    }
}

/// Workers, queue and failure counts as they are parsed from values.
private final class FuzzedFleet: MetricReading, BacklogReading, FailureCountReading, FailureWindowKeeping {
    let queueName = "events"
    let maximumDepth = 100
    let maximumBytes = 1 << 30
    var alive: [WorkerReport] = []
    var held = QueueStatistics()
    var outcomes: [DailyOutcomes] = []
    var letters: [DeadLetter] = []
    var failures = FailureWindow()
    private var totals = MetricCounts()

    init(_ source: inout ValueSource) {
        for _ in 0..<2 {
            held.add((0..<QueueStatistics.valueCount).map { _ in source.value() })
            let value = "\(source.number()) \(source.number()) started=\(source.number()) in_flight=\(source.number())"
            if let worker = WorkerReport(consumer: source.text(), value: value, nowMilliseconds: source.number()) {
                alive.append(worker)
            }
            totals.add(source.number(), to: .counter(MetricSeries(.retries)))
            totals.add(source.number(), to: .latencyCount(.delay, bound: 10))
            totals.add(source.number(), to: .latencySum(.delay, bound: 10))
        }
        outcomes = (0..<7).map { _ in
            DailyOutcomes(
                successes: source.value().count ?? 0, errors: source.value().count ?? 0,
                timeouts: source.value().count ?? 0, fatals: source.value().count ?? 0)
        }
        failures = FailureWindow(
            failures: .init(
                first: Timestamp(clamping: source.number()), last: Timestamp(clamping: source.number()),
                eventCount: source.value().count ?? 0, dayCount: source.value().count ?? 0),
            warnedPercent: source.value().count ?? 0, timeouts: source.value().count ?? 0,
            successes: source.value().count ?? 0)
    }

    func counts() throws(RedisError) -> MetricCounts { totals }
    func workers() throws(RedisError) -> [WorkerReport] { alive }
    func statistics() throws(RedisError) -> QueueStatistics { held }

    func deadLetterSummary(appID: Int64) throws(RedisError) -> DeadLetterSummary {
        DeadLetterSummary(count: letters.count, newest: letters.last)
    }

    func window(appID: Int64) throws(RedisError) -> FailureWindow { failures }
    func window(of destination: WebhookDestination) throws(RedisError) -> FailureWindow { failures }
    func clear(appID: Int64) throws(RedisError) {}

    func days(
        of key: FailureCountKey, upTo now: Timestamp, count: Int
    ) throws(RedisError) -> [DailyOutcomes] { outcomes }
}
