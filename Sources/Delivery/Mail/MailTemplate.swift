/// A text with places for values: `{{integration_name}}`.
package struct MailTemplate<Value: RawRepresentable & CaseIterable & Sendable>: Sendable
where Value.RawValue == String {
    package enum Escaping: Sendable {
        case none
        /// Values cannot become markup, in text or in quoted attributes.
        case html
    }

    private enum Piece: Sendable {
        case text(String)
        case value(Value)
    }

    private var pieces: [Piece] = []
    private let escaping: Escaping

    /// Reads a template.
    ///
    /// - Parameter file: for errors.
    /// - Throws: where a place names no known value, or does not end on its line.
    package init(parsing text: String, file: String, escaping: Escaping) throws(MailTemplateError) {
        self.escaping = escaping
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if index > 0 { pieces.append(.text("\n")) }
            try append(line: line, file: file, number: index + 1)
        }
    }

    private mutating func append(line: Substring, file: String, number: Int) throws(MailTemplateError) {
        var rest = line
        while let start = rest.firstIndexOfPair("{") {
            pieces.append(.text(String(rest[..<start])))
            rest = rest[start...].dropFirst(2)
            guard let end = rest.firstIndexOfPair("}") else { throw .unclosed(file: file, line: number) }
            let name = String(rest[..<end].filter { $0 != " " })
            guard let value = Value(rawValue: name) else {
                let known = Value.allCases.map(\.rawValue)
                throw .unknownPlace(name: name, file: file, line: number, known: known)
            }
            pieces.append(.value(value))
            rest = rest[end...].dropFirst(2)
        }
        pieces.append(.text(String(rest)))
    }

    package func render(_ value: (Value) -> String) -> String {
        pieces.map { piece in
            switch piece {
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

/// What is wrong with a template.
package enum MailTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(file: String, reason: String)
    case unknownPlace(name: String, file: String, line: Int, known: [String])
    case unclosed(file: String, line: Int)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "cannot read mail template \(file): \(reason)"
        case .unknownPlace(let name, let file, let line, let known):
            "\(file), line \(line): there is no value {{\(name)}}; there are \(known.joined(separator: ", "))"
        case .unclosed(let file, let line): "\(file), line \(line): a {{ has no }} on its line"
        }
    }
}

extension Substring {
    /// Where the character stands twice in a row first.
    fileprivate func firstIndexOfPair(_ character: Character) -> Index? {
        zip(indices, indices.dropFirst()).first { self[$0] == character && self[$1] == character }?.0
    }
}
