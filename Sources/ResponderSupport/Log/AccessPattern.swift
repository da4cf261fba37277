/// The parsed format of an access line, in php-fpm's `access.format` letters.
///
/// Refused are the letters for values that are never logged (the query, parameters, headers), and those without a
/// meaning here (the script, its memory and its processor time).
struct AccessPattern: Hashable, Sendable {
    enum Element: Hashable, Sendable {
        case literal([UInt8])
        case field(Field)
    }

    enum Field: Hashable, Sendable {
        case remoteAddress
        case user
        /// When the request came, in a format of strftime(3).
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
            // php-fpm accepts the misspelt forms, too.
            case "milliseconds", "milli", "miliseconds", "mili": self = .milliseconds
            case "microseconds", "micro": self = .microseconds
            default: return nil
            }
        }
    }

    /// The response headers that a line may hold: none that repeats what the client sent.
    enum Header: String, CaseIterable, Sendable {
        case requestID = "x-request-id"
        case contentType = "content-type"
        case contentLength = "content-length"
        case retryAfter = "retry-after"
    }

    let elements: [Element]
}

/// The format of the access log.
enum AccessFormat: Hashable, Sendable {
    /// One JSON object, like every other line of the log.
    case json
    /// Lines in a format of php-fpm's letters.
    case pattern(AccessPattern)

    /// Parses the setting: `json`, or a format with letters after `%`.
    init(parsing text: String) throws(AccessPattern.ParseError) {
        self = text == "json" ? .json : .pattern(try AccessPattern(parsing: text))
    }

    /// Whether lines hold the client's address.
    var needsRemoteAddress: Bool {
        if case .pattern(let pattern) = self { pattern.elements.contains(.field(.remoteAddress)) } else { false }
    }
}

extension AccessPattern {
    /// Why a format is invalid.
    struct ParseError: Error, Hashable, CustomStringConvertible {
        /// The position of the percent sign, in characters from 1; nil when the format as a whole is invalid.
        var position: Int?
        var reason: String

        var description: String { position.map { "\(reason), at character \($0)" } ?? reason }
    }

    /// The longest format, in bytes: a line shall fit into one `write`.
    static let maximumLength = 1024
    /// The longest argument in braces, in bytes.
    private static let maximumArgumentLength = 64
    /// php-fpm's default: the time of the Common Log Format.
    private static let commonTime = "%d/%b/%Y:%H:%M:%S %z"

    init(parsing text: String) throws(ParseError) {
        guard text.contains("%") else {
            throw ParseError(reason: "expected json, or a format such as %R - %u %t \"%m %r\" %s")
        }
        guard text.utf8.count <= AccessPattern.maximumLength else {
            throw ParseError(reason: "the format is longer than \(AccessPattern.maximumLength) bytes")
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw ParseError(reason: "the format holds a control character")
        }
        var elements: [Element] = []
        var literal: [UInt8] = []
        var remaining = Array(text)[...]
        while let character = remaining.popFirst() {
            guard character == "%" else {
                literal += String(character).utf8
                continue
            }
            let position = remaining.startIndex
            guard let field = try AccessPattern.field(&remaining, position) else {
                literal.append(UInt8(ascii: "%"))
                continue
            }
            if !literal.isEmpty { elements.append(.literal(literal)) }
            literal = []
            elements.append(.field(field))
        }
        if !literal.isEmpty { elements.append(.literal(literal)) }
        self.elements = elements
    }

    /// Parses what follows a percent sign; nil for a second one, an escaped percent sign.
    private static func field(_ remaining: inout ArraySlice<Character>, _ position: Int) throws(ParseError) -> Field? {
        func failure(_ reason: String) -> ParseError { ParseError(position: position, reason: reason) }
        var argument: String?
        if remaining.first == "{" {
            guard let end = remaining.firstIndex(of: "}") else { throw failure("%{ has no closing brace") }
            let text = String(remaining[(remaining.startIndex + 1)..<end])
            guard text.utf8.count <= maximumArgumentLength else {
                throw failure("the argument in braces is longer than \(maximumArgumentLength) bytes")
            }
            argument = text
            remaining = remaining[(end + 1)...]
        }
        guard let letter = remaining.popFirst() else { throw failure("a % has no letter") }
        if letter == "%", argument == nil { return nil }
        if let reason = refusal(of: letter) { throw failure("%\(letter) is not supported: \(reason)") }
        guard let field = field(letter, argument) else {
            guard let argument else { throw failure("unknown letter %\(letter)") }
            throw failure("%\(letter) does not take {\(argument)}\(choices(letter))")
        }
        return field
    }

    private static func field(_ letter: Character, _ argument: String?) -> Field? {
        switch (letter, argument) {
        case ("R", nil): .remoteAddress
        case ("u", nil): .user
        case ("t", let format): format == "" ? nil : .requestTime(format: format ?? commonTime)
        case ("T", let format): format == "" ? nil : .logTime(format: format ?? commonTime)
        case ("m", nil): .method
        case ("r", nil): .path
        case ("s", nil): .status
        case ("d", let unit): DurationUnit(unit ?? "").map { .duration($0) }
        case ("l", nil): .contentLength
        case ("n", nil): .pool
        case ("p", nil): .process
        case ("o", let name?): Header(rawValue: name.lowercased()).map { .header($0) }
        default: nil
        }
    }

    /// Why a letter of php-fpm is refused.
    private static func refusal(of letter: Character) -> String? {
        switch letter {
        case "q", "Q": "the query may hold secrets and is never logged"
        case "e": "parameters may hold secrets and are never logged"
        case "f": "there is no script"
        case "M": "memory is not counted per request"
        case "C": "processor time is not counted per request"
        case "P": "there is no parent process"
        default: nil
        }
    }

    /// The arguments that a letter takes, for the message.
    private static func choices(_ letter: Character) -> String {
        switch letter {
        case "d": ", only seconds, milliseconds or microseconds"
        case "o": ", only " + Header.allCases.map(\.rawValue).joined(separator: ", ")
        case "t", "T": ", only a format for strftime"
        default: ""
        }
    }
}
