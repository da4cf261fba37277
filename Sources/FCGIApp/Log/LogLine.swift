import Model
import WireJSON

/// One line of the log: a JSON object, its keys always in the same order, `time`, `level` and `message` first.
struct LogLine {
    enum Level: String {
        case info, warning, error
    }

    enum Value {
        case text(String)
        case number(Int64)
        case none
    }

    /// Longer texts are cut, so that a line stays within what one `write` puts into a pipe unbroken.
    static let maximumTextBytes = 1024

    private(set) var bytes: [UInt8]

    init(_ level: Level, _ message: String, _ fields: [(key: String, value: Value)], time: Timestamp = .now()) {
        bytes = []
        bytes.reserveCapacity(512)
        append("{", "time", .text(time.iso8601Description))
        append(",", "level", .text(level.rawValue))
        append(",", "message", .text(message))
        for (key, value) in fields { append(",", key, value) }
        bytes.append(contentsOf: "}\n".utf8)
    }

    private mutating func append(_ separator: String, _ key: String, _ value: Value) {
        bytes.append(contentsOf: separator.utf8)
        JSONText.append(key, escaping: .ascii, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        switch value {
        case .text(let text): JSONText.append(Self.cut(text), escaping: .ascii, to: &bytes)
        case .number(let number): bytes.append(contentsOf: String(number).utf8)
        case .none: bytes.append(contentsOf: "null".utf8)
        }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumTextBytes else { return text }
        return String(decoding: text.utf8.prefix(maximumTextBytes), as: UTF8.self) + "…"
    }
}
