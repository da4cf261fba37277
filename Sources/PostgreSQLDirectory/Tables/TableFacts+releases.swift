import Model

/// The columns that came and went with releases of the original (docs/protocol.md 6.3).
extension TableFacts {
    /// The releases whose tables these can be; nil when they are Hookline's own.
    ///
    /// A table that is missing says nothing. Where columns contradict each other, as during an upgrade, any release
    /// with the newest of them fits.
    var releases: ClosedRange<ProtocolRelease>? {
        guard !isStandalone, has(Tables.app) else { return nil }
        var (first, last) = (ProtocolRelease.known.lowerBound, ProtocolRelease.known.upperBound)
        for mark in Self.marks where has(mark.table) {
            if has(mark.table, mark.column) {
                if let since = mark.since { first = max(first, since) }
                if let until = mark.until { last = min(last, until) }
            } else if let lastWithout = mark.lastWithout {
                last = min(last, lastWithout)
            }
        }
        return first...(first <= last ? last : ProtocolRelease.known.upperBound)
    }

    private struct Mark {
        var table: String
        var column: String
        /// The first release that can have the column; nil = the oldest that is known.
        var since: ProtocolRelease?
        /// The last release that can have it; nil = the newest.
        var until: ProtocolRelease?
        /// The last release that can lack it; nil = the newest.
        var lastWithout: ProtocolRelease?
    }

    private static let marks = [
        Mark(
            table: Tables.token, column: "hashed_token", since: ProtocolRelease(24, 3),
            lastWithout: ProtocolRelease(24, 2)),
        Mark(table: Tables.team, column: "org_role", until: ProtocolRelease(24, 5)),
        Mark(
            table: Tables.app, column: "is_disabled", since: ProtocolRelease(26, 5),
            lastWithout: ProtocolRelease(26, 4)),
        Mark(
            table: Tables.app, column: "webhook_headers", since: ProtocolRelease(26, 7),
            lastWithout: ProtocolRelease(26, 6)),
    ]
}
