import Buffer
import Model
import WebhookRules

/// The state of an app, as far back as its log reaches.
struct AppHealth {
    enum Status: String {
        /// Most webhooks are delivered.
        case fine
        /// At least half of the last day's requests failed; where that has none, of the last seven days'.
        case failing
        /// Nothing is sent to the app.
        case disabled
        /// There was no request in the last seven days, or the app is silent by the settings.
        case silent
    }

    struct Counts: Equatable {
        var requests = 0
        var errors = 0
    }

    /// One day in UTC.
    struct Day: Equatable {
        var start: Timestamp
        var counts = Counts()
    }

    /// The maximum number of rows in a list: older ones are removed (docs/protocol.md 1.6).
    static let rowsPerList = 100
    private static let dayCount = 7
    private static let secondsPerDay: Int64 = 86_400

    let status: Status
    let disablement: SentryApp.Disablement?
    /// The last 24 hours.
    let lastDay: Counts
    /// Of the rows, or what is remembered of a silent app.
    let lastRequest: Timestamp?
    /// Counts before this moment may be too low, because lists have a maximum length. Nil: no list is full.
    let completeSince: Timestamp?
    /// Seven days in UTC, the oldest first; the last is today.
    let days: [Day]

    /// - Parameters:
    ///   - requests: every row of the app's lists, in any order. Webhooks that were not sent take a place in the lists
    ///     and do not count.
    ///   - errors: every row of its lists of errors, which may reach back further. Redirects are failures, too, but
    ///     only the policy `standard` stores them there.
    ///   - isDisabled: whether nothing is sent to the app, by Hookline's decision or by the platform's.
    ///   - silentSince: the last request of a silent app; nil = the app is not silent.
    init(
        requests: WebhookRequestPage, errors: WebhookRequestPage, disablement: SentryApp.Disablement?,
        isDisabled: Bool, silentSince: Timestamp?, now: Timestamp
    ) {
        let made = requests.attemptRows
        let dated = made.compactMap(\.date)
        let failed = AppHealth.failures(requests: made, errors: errors.attemptRows).compactMap(\.date)
        self.disablement = disablement
        lastRequest = [(dated + failed).max(), silentSince].compactMap(\.self).max()
        completeSince = AppHealth.completeSince(requests.rows)
        let dayAgo = now.adding(seconds: -AppHealth.secondsPerDay)
        lastDay = AppHealth.counts(dated.filter { $0 > dayAgo }, failed.filter { $0 > dayAgo })
        days = AppHealth.days(dated, failed, now: now)

        var week = Counts()
        for day in days {
            week.requests += day.counts.requests
            week.errors += day.counts.errors
        }
        let recent = lastDay.requests > 0 ? lastDay : week
        status =
            if isDisabled {
                .disabled
            } else if recent.requests == 0 || silentSince != nil {
                .silent
            } else {
                recent.errors * 2 >= recent.requests ? .failing : .fine
            }
    }

    /// The first moment at which the same rows give another state: a day begins, a row becomes a day old, or the app
    /// becomes silent.
    static func nextChange(_ rows: [WebhookRequestRow], _ silence: SilenceRule, now: Timestamp) -> Timestamp {
        let newest = rows.compactMap(\.date).max()
        if silence.isOn, let newest, silence.start(after: newest) > now {
            return min(silence.start(after: newest), nextChange(rows, now: now))
        }
        return nextChange(rows, now: now)
    }

    private static func nextChange(_ rows: [WebhookRequestRow], now: Timestamp) -> Timestamp {
        let nextDay = Timestamp(seconds: now.seconds - now.seconds % secondsPerDay + secondsPerDay)
        let dayAgo = now.adding(seconds: -secondsPerDay)
        return rows.compactMap(\.date).filter { $0 > dayAgo }.map { $0.adding(seconds: secondsPerDay) }
            .reduce(nextDay, min)
    }

    /// The rows of failures, each once: redirects from the list with more of them.
    private static func failures(
        requests: [WebhookRequestRow], errors: [WebhookRequestRow]
    ) -> [WebhookRequestRow] {
        let isRedirect = { (row: WebhookRequestRow) in (300..<400).contains(row.responseCode) }
        let redirects = [requests.filter(isRedirect), errors.filter(isRedirect)].max { $0.count < $1.count } ?? []
        return errors.filter { !isRedirect($0) } + redirects
    }

    /// Errors may have been removed from the list of requests, but were requests too.
    private static func counts(_ requests: [Timestamp], _ errors: [Timestamp]) -> Counts {
        Counts(requests: max(requests.count, errors.count), errors: errors.count)
    }

    private static func days(_ requests: [Timestamp], _ errors: [Timestamp], now: Timestamp) -> [Day] {
        let today = now.seconds - now.seconds % secondsPerDay
        return (0..<dayCount).reversed().map { age in
            let start = Timestamp(seconds: today - Int64(age) * secondsPerDay)
            let end = start.adding(seconds: secondsPerDay)
            let isInside = { (date: Timestamp) in date >= start && date < end }
            return Day(start: start, counts: counts(requests.filter(isInside), errors.filter(isInside)))
        }
    }

    /// The newest of the full lists' oldest rows.
    private static func completeSince(_ requests: [WebhookRequestRow]) -> Timestamp? {
        var dates: [Int: [Timestamp]] = [:]
        for row in requests {
            if let date = row.date { dates[row.eventIndex, default: []].append(date) }
        }
        return dates.values.filter { $0.count >= rowsPerList }.compactMap { $0.min() }.max()
    }
}
