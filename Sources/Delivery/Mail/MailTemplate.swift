import Glibc

/// A template with placeholders for values: `{{integration_name}}`.
package struct MailTemplate<Value: RawRepresentable & CaseIterable & Sendable>: Sendable
where Value.RawValue == String {
    package enum Escaping: Sendable {
        case none
        /// Values are escaped for text and quoted attributes.
        case html
    }

    private enum Segment: Sendable {
        case text(String)
        case value(Value)
    }

    private var segments: [Segment] = []
    private let escaping: Escaping

    /// Parses a template.
    ///
    /// - Parameter file: its name, for errors.
    /// - Throws: when a placeholder is unknown, or is not closed on its line.
    package init(parsing text: String, file: String, escaping: Escaping) throws(MailTemplateError) {
        self.escaping = escaping
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if index > 0 { segments.append(.text("\n")) }
            try append(line: line, file: file, number: index + 1)
        }
    }

    private mutating func append(line: Substring, file: String, number: Int) throws(MailTemplateError) {
        var remaining = line
        while let start = remaining.firstIndexOfPair("{") {
            segments.append(.text(String(remaining[..<start])))
            remaining = remaining[start...].dropFirst(2)
            guard let end = remaining.firstIndexOfPair("}") else { throw .unclosed(file: file, line: number) }
            let name = String(remaining[..<end].filter { $0 != " " })
            guard let value = Value(rawValue: name) else {
                let known = Value.allCases.map(\.rawValue)
                throw .unknownPlaceholder(name: name, file: file, line: number, known: known)
            }
            segments.append(.value(value))
            remaining = remaining[end...].dropFirst(2)
        }
        segments.append(.text(String(remaining)))
    }

    package func render(_ value: (Value) -> String) -> String {
        segments.map { segment in
            switch segment {
            case .text(let text): text
            case .value(let name): escaping == .html ? Self.escaped(value(name)) : value(name)
            }
        }.joined()
    }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}

/// Why a template is invalid.
package enum MailTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(file: String, reason: String)
    case unknownPlaceholder(name: String, file: String, line: Int, known: [String])
    case unclosed(file: String, line: Int)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "cannot read mail template \(file): \(reason)"
        case .unknownPlaceholder(let name, let file, let line, let known):
            "\(file), line \(line): unknown placeholder {{\(name)}}; known are \(known.joined(separator: ", "))"
        case .unclosed(let file, let line): "\(file), line \(line): {{ without }} on the same line"
        }
    }
}

extension Substring {
    /// The first position at which the character occurs twice in a row.
    fileprivate func firstIndexOfPair(_ character: Character) -> Index? {
        zip(indices, indices.dropFirst()).first { self[$0] == character && self[$1] == character }?.0
    }
}

/// Reads template files.
enum MailTemplateFile {
    /// Limit in bytes.
    static let limit = 64 << 10

    static func read(_ path: String) throws(MailTemplateError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk.prefix(count)
            guard bytes.count <= limit else {
                throw .unreadable(file: path, reason: "it is longer than \(limit) bytes")
            }
        }
    }
}
