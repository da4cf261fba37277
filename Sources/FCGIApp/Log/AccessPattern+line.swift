import Glibc
import Handlers
import Model

extension AccessPattern {
    /// Longer lines are cut: so many bytes, the end of the line included, go into a pipe in one piece.
    static let maximumLineBytes = Int(PIPE_BUF)
    /// Values that take more of the line, hidden characters counted as they stand there, are cut: a client shall not push
    /// what comes behind its path out of the line.
    private static let maximumValueBytes = 1024

    /// The line of one request, without its end.
    ///
    /// - Parameters:
    ///   - now: when the request was over.
    ///   - pool: the responder's name.
    func line(_ record: RequestRecord, now: Timestamp, pool: String) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        for piece in pieces {
            switch piece {
            case .literal(let bytes): line += bytes
            case .field(let field): AccessPattern.append(field, of: record, now: now, pool: pool, to: &line)
            }
        }
        return Array(line.prefix(AccessPattern.maximumLineBytes - 1))
    }

    private static func append(
        _ field: Field, of record: RequestRecord, now: Timestamp, pool: String, to line: inout [UInt8]
    ) {
        switch field {
        case .remoteAddress: append(record.remoteAddress, to: &line)
        case .user: append(record.response.identity, to: &line)
        case .requestTime(let format):
            append(Timestamp(microseconds: now.microseconds - record.phases.total), format, to: &line)
        case .logTime(let format): append(now, format, to: &line)
        case .method: append(record.request.method, to: &line)
        case .path: append(record.request.path.text, to: &line)
        case .status: line += String(record.response.status).utf8
        case .duration(let unit): line += text(record.phases.total, unit).utf8
        case .contentLength: line += String(record.request.body.count).utf8
        case .pool: append(pool, to: &line)
        case .process: line += String(getpid()).utf8
        case .header(.requestID): append(record.requestID, to: &line)
        case .header(.contentLength): line += String(record.response.body.count).utf8
        case .header(let header):
            append(record.response.headers.first { $0.name.lowercased() == header.rawValue }?.value, to: &line)
        }
    }

    /// A value as nginx writes one into its log, blanks hidden, too: it can neither end the line, nor a quoted part of it,
    /// nor look like two values. A hyphen stands for no value.
    private static func append(_ value: String?, to line: inout [UInt8]) {
        guard let value, !value.isEmpty else { return line.append(UInt8(ascii: "-")) }
        let end = line.count + maximumValueBytes
        for byte in value.utf8 {
            guard line.count + hiddenByteCount <= end else { return }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), ...0x20, 0x7F...: line += hidden(byte)
            default: line.append(byte)
            }
        }
    }

    private static let hiddenByteCount = 4

    /// `\x22`.
    private static func hidden(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// In the zone of the machine; what `strftime` makes of a format never ends the line.
    private static func append(_ time: Timestamp, _ format: String, to line: inout [UInt8]) {
        var seconds = time_t(time.seconds)
        var parts = tm()
        localtime_r(&seconds, &parts)
        let written = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            let count = strftime(buffer.baseAddress, buffer.count, format, &parts)
            return buffer.prefix(count).map { UInt8(bitPattern: $0) }
        }
        line += written.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
    }

    /// php-fpm's forms: three digits behind the point, microseconds as a whole number.
    private static func text(_ microseconds: Int64, _ unit: DurationUnit) -> String {
        switch unit {
        case .seconds: decimal((microseconds + 500) / 1000)
        case .milliseconds: decimal(microseconds)
        case .microseconds: String(microseconds)
        }
    }

    /// Thousandths with their point: `12.003`.
    private static func decimal(_ thousandths: Int64) -> String {
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
    }
}
