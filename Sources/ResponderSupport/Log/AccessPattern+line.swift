import Glibc
import Handlers
import Model

extension AccessPattern {
    /// Longer lines are cut: at most this many bytes, the line end included, are written to a pipe atomically.
    static let maximumLineBytes = Int(PIPE_BUF)
    /// Longer values, escapes included, are cut: a client shall not push the fields after its path out of the line.
    private static let maximumValueBytes = 1024

    /// The line of one request, without the line end.
    ///
    /// - Parameters:
    ///   - now: when the response was sent.
    ///   - pool: the responder's name.
    func line(_ record: RequestRecord, now: Timestamp, pool: String) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        for element in elements {
            switch element {
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
        case .duration(let unit): line += duration(record.phases.total, unit).utf8
        case .contentLength: line += String(record.request.body.count).utf8
        case .pool: append(pool, to: &line)
        case .process: line += String(getpid()).utf8
        case .header(.requestID): append(record.requestID, to: &line)
        case .header(.contentLength): line += String(record.response.body.count).utf8
        case .header(let header):
            append(record.response.headers.first { $0.name.lowercased() == header.rawValue }?.value, to: &line)
        }
    }

    /// A value escaped as in nginx's log, spaces included: it can end neither the line nor a quoted field, nor look
    /// like two values. A hyphen means no value.
    private static func append(_ value: String?, to line: inout [UInt8]) {
        guard let value, !value.isEmpty else { return line.append(UInt8(ascii: "-")) }
        let end = line.count + maximumValueBytes
        for byte in value.utf8 {
            guard line.count + escapedByteCount <= end else { return }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), ...0x20, 0x7F...: line += escaped(byte)
            default: line.append(byte)
            }
        }
    }

    private static let escapedByteCount = 4

    /// `\x22`.
    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// In the machine's time zone. Control characters that `strftime` returns become spaces.
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

    /// As php-fpm: three decimal places, microseconds as an integer.
    private static func duration(_ microseconds: Int64, _ unit: DurationUnit) -> String {
        switch unit {
        case .seconds: decimal((microseconds + 500) / 1000)
        case .milliseconds: decimal(microseconds)
        case .microseconds: String(microseconds)
        }
    }

    /// Thousandths as a decimal fraction: `12.003`.
    private static func decimal(_ thousandths: Int64) -> String {
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
    }
}
