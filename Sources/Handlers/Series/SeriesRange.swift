import Buffer
import Model

/// The time range that a query of `/interaction/` or `/stats/` asks for (docs/protocol.md 3.1).
struct SeriesRange: Equatable {
    var since: Timestamp
    var until: Timestamp
    /// The bucket size asked for with `resolution`.
    var resolution: Rollup?

    init(since: Timestamp, until: Timestamp, resolution: Rollup?) {
        self.since = since
        self.until = until
        self.resolution = resolution
    }

    /// Reads and checks `resolution`, `until` and `since`, in the original's order; fails with 400 and its messages.
    init(_ parameters: QueryParameters, now: Timestamp) throws(HTTPFailure) {
        resolution = try parameters.nonEmpty("resolution").map { (text) throws(HTTPFailure) in
            guard let rollup = SeriesRange.rollup(resolution: text) else { throw .badRequest("Invalid resolution") }
            return rollup
        }
        // The messages differ in their full stop, in the original too.
        until = try SeriesRange.timestamp(parameters, "until", failing: "until must be a numeric timestamp.") ?? now
        since =
            try SeriesRange.timestamp(parameters, "since", failing: "since must be a numeric timestamp")
            ?? until.adding(seconds: -86_400 + 1)
        guard since <= until else { throw .badRequest("start must be before or equal to end") }
    }

    /// The bucket size: the one asked for, or the finest whose kept samples span the range, or days.
    var rollup: Rollup { resolution ?? optimalRollup }

    /// The finest bucket size whose kept samples span the range; days when none does.
    var optimalRollup: Rollup {
        let seconds = until.wholeSeconds - since.wholeSeconds
        return Rollup.allCases.first { Int64($0.rawValue * $0.sampleCount) >= seconds } ?? .day
    }

    /// `10s`, `60m`, `1h`, `1d` and so on, when that many seconds are a bucket size.
    private static func rollup(resolution text: String) -> Rollup? {
        guard let unit = text.unicodeScalars.last, let number = PythonNumber.int(text.dropLast()) else { return nil }
        let unitSeconds: [Unicode.Scalar: Int] = ["h": 3600, "d": 86_400, "m": 60, "s": 1]
        guard let width = unitSeconds[unit] else { return nil }
        let (seconds, overflowed) = number.multipliedReportingOverflow(by: width)
        return overflowed ? nil : Rollup(rawValue: seconds)
    }

    /// A parameter in seconds since the epoch, rounded to microseconds as Python's `timedelta` does; nil when it is
    /// absent or empty. What is infinite or outside the years 1 to 9999 gets the message too (docs/compatibility.md
    /// D15).
    private static func timestamp(
        _ parameters: QueryParameters, _ name: String, failing message: String
    ) throws(HTTPFailure) -> Timestamp? {
        guard let text = parameters.nonEmpty(name) else { return nil }
        guard let seconds = PythonNumber.float(text), seconds >= earliestSeconds, seconds < endSeconds else {
            throw .badRequest(message)
        }
        let whole = seconds.rounded(.towardZero)
        let fraction = ((seconds - whole) * 1_000_000).rounded(.toNearestOrEven)
        return Timestamp(microseconds: Int64(whole) * 1_000_000 + Int64(fraction))
    }

    /// 0001-01-01 and 10000-01-01: the bounds of Python's dates.
    private static let earliestSeconds = -62_135_596_800.0
    private static let endSeconds = 253_402_300_800.0
}

extension Timestamp {
    /// Seconds since the epoch cut towards zero, as Python's `int()` does; differs from `seconds` before 1970.
    var wholeSeconds: Int64 { microseconds / 1_000_000 }
}
