import Buffer
import Glibc
import Model
import ProgramSupport
import Redis

/// `hookline log show --follow`: the newest rows, the oldest of them first, and then those that are added.
struct LogFollower {
    /// How often Redis is asked.
    private static let interval = 500

    let tail: WebhookRequestTail
    let events: [EventType]
    /// Earlier rows are left out.
    let since: Timestamp?
    /// Of the rows that are there at the beginning.
    let limit: Int

    /// Runs until a signal (INT, TERM, QUIT) comes or nobody reads the output any more.
    ///
    /// An error of the first read is thrown; a later one is reported once, and Redis is asked again.
    func run(_ writer: inout RowWriter) throws(CommandFailure) {
        // A write to a closed pipe is an error then, and not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        var signals = ProcessSignals()
        let first = try reportingRedisErrors(try tail.next())
        guard try hasWritten(first, upTo: limit, isFirst: true, to: &writer) else { return }
        var isFailing = false
        while !Self.isStopped(&signals), Self.hasReader {
            let addition: WebhookRequestTail.Addition
            do throws(RedisError) {
                addition = try tail.next()
            } catch {
                if !isFailing { StandardStreams.error.write("hookline: \(error); trying again\n") }
                isFailing = true
                continue
            }
            isFailing = false
            guard addition.page.rows.count + addition.page.skippedCount > 0 else { continue }
            guard try hasWritten(addition, upTo: .max, isFirst: false, to: &writer) else { return }
        }
    }

    /// Writes what was added; false when nobody reads the output any more.
    private func hasWritten(
        _ addition: WebhookRequestTail.Addition, upTo limit: Int, isFirst: Bool, to writer: inout RowWriter
    ) throws(CommandFailure) -> Bool {
        do throws(CommandFailure) {
            try write(addition, upTo: limit, isFirst: isFirst, to: &writer)
            return true
        } catch {
            if Self.hasReader { throw error }
            return false
        }
    }

    private func write(
        _ addition: WebhookRequestTail.Addition, upTo limit: Int, isFirst: Bool, to writer: inout RowWriter
    ) throws(CommandFailure) {
        var page = addition.page
        page.rows = page.rows.filter { $0.isSince(since) }.prefix(limit).reversed()
        // The header comes at once.
        if isFirst || !page.rows.isEmpty { try writer.write(RequestListing(page: page, events: events)) }
        RequestListing.reportSkipped(page)
        for event in addition.overrunEvents {
            StandardStreams.error.write(
                "hookline: more rows of \(event.rawValue) were added at once than the log keeps; some are missing\n")
        }
    }

    /// Waits for the interval; true when a signal came.
    private static func isStopped(_ signals: inout ProcessSignals) -> Bool {
        if case .stop = signals.wait(milliseconds: interval) { true } else { false }
    }

    /// Whether the other end of standard output, if it has one, is open.
    private static var hasReader: Bool {
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        guard poll(&output, 1, 0) > 0 else { return true }
        return output.revents & Int16(POLLERR | POLLHUP | POLLNVAL) == 0
    }
}

extension WebhookRequestRow {
    /// Whether the row is not older than `start`; nil: always. A row without a date is older than every time.
    func isSince(_ start: Timestamp?) -> Bool {
        guard let start else { return true }
        return date.map { $0 >= start } ?? false
    }
}
