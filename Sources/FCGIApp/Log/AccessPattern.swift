/// The form of an access line in the letters of php-fpm's `access.format`, taken apart.
///
/// Of those letters the ones that would show what no log of ours holds are refused (the query, parameters, headers), and so
/// are those that mean nothing here (the script, its memory and its processor time).
struct AccessPattern: Hashable, Sendable {
    enum Piece: Hashable, Sendable {
        case literal([UInt8])
        case field(Field)
    }

    enum Field: Hashable, Sendable {
        case remoteAddress
        case user
        /// When the request came, as `strftime` is told to write it.
        case requestTime(format: String)
        /// When the line is written.
        case logTime(format: String)
        case method
        case path
        case status
        case duration(DurationUnit)
        case contentLength
        case pool
        case process
        case header(Header)
    }

    enum DurationUnit: Hashable, Sendable {
        case seconds, milliseconds, microseconds

        init?(_ name: String) {
            switch name {
            case "", "seconds": self = .seconds
            // The misspelt forms are php-fpm's own of old.
            case "milliseconds", "milli", "miliseconds", "mili": self = .milliseconds
            case "microseconds", "micro": self = .microseconds
            default: return nil
            }
        }
    }

    /// The headers of an answer that a line may hold: none that repeats what the client sent.
    enum Header: String, CaseIterable, Sendable {
        case requestID = "x-request-id"
        case contentType = "content-type"
        case contentLength = "content-length"
        case retryAfter = "retry-after"
    }

    let pieces: [Piece]
}
