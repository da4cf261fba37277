package import Model
import WireJSON

/// One line of the log: a JSON object, its keys always in the same order, `time`, `level` and `message` first.
package struct LogLine {
    package enum Level: String, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }

    package enum Value: Sendable {
        case text(String)
        case number(Int64)
        case boolean(Bool)
        case none
    }

    /// Longer strings are truncated: most lines then fit into one atomic `write` to a pipe.
    package static let maximumTextBytes = 1024
    /// Further fields are omitted.
    package static let maximumFields = 32

    /// The line including its newline.
    package private(set) var bytes: [UInt8]

    /// - Parameters:
    ///   - message: constant; variable parts are fields.
    ///   - fields: values never hold a secret.
    package init(
        _ level: Level, _ message: String, _ fields: [(key: String, value: Value)], time: Timestamp = .now()
    ) {
        bytes = []
        bytes.reserveCapacity(512)
        append("{", "time", .text(time.iso8601Description))
        append(",", "level", .text(level.rawValue))
        append(",", "message", .text(message))
        for (key, value) in fields.prefix(Self.maximumFields) { append(",", key, value) }
        bytes.append(UInt8(ascii: "}"))
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A line in another format than JSON.
    ///
    /// - Parameter content: without a newline.
    package init(plain content: [UInt8]) {
        bytes = content
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ separator: Unicode.Scalar, _ key: String, _ value: Value) {
        bytes.append(UInt8(ascii: separator))
        append(key)
        bytes.append(UInt8(ascii: ":"))
        switch value {
        case .text(let text): append(text)
        case .number(let number): bytes.append(contentsOf: String(number).utf8)
        case .boolean(let isTrue): bytes.append(contentsOf: (isTrue ? "true" : "false").utf8)
        case .none: bytes.append(contentsOf: "null".utf8)
        }
    }

    /// Nearly every string needs no escaping: then its bytes are copied.
    private mutating func append(_ text: String) {
        let isCopied =
            text.utf8.withContiguousStorageIfAvailable { content in
                guard Self.isPlain(content) else { return false }
                bytes.append(UInt8(ascii: "\""))
                bytes.append(contentsOf: content)
                bytes.append(UInt8(ascii: "\""))
                return true
            } ?? false
        if !isCopied { JSONText.append(Self.truncated(text), escaping: .ascii, to: &bytes) }
    }

    /// Whether a string is neither too long nor changed by escaping.
    private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count <= maximumTextBytes else { return false }
        for byte in bytes
        where byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
        return true
    }

    private static func truncated(_ text: String) -> String {
        guard text.utf8.count > maximumTextBytes else { return text }
        return String(decoding: text.utf8.prefix(maximumTextBytes), as: UTF8.self) + "…"
    }
}
