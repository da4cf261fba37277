extension AccessPattern {
    /// Why a text is no pattern.
    struct ParseError: Error, Hashable, CustomStringConvertible {
        /// Of the percent sign, counted in characters from 1; nil when the text as a whole is wrong.
        var position: Int?
        var reason: String

        var description: String { position.map { "\(reason), at character \($0)" } ?? reason }
    }

    /// A line shall fit into one `write`.
    static let maximumLength = 1024
    /// Of what stands in braces.
    private static let maximumArgumentLength = 64
    /// php-fpm's default, Common Log Format's form of a time.
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
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        var rest = Array(text)[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                literal += String(character).utf8
                continue
            }
            let position = rest.startIndex
            guard let field = try AccessPattern.field(&rest, position) else {
                literal.append(UInt8(ascii: "%"))
                continue
            }
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = []
            pieces.append(.field(field))
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        self.pieces = pieces
    }

    /// Reads what follows a percent sign; nil for a second one, which stands for itself.
    private static func field(_ rest: inout ArraySlice<Character>, _ position: Int) throws(ParseError) -> Field? {
        func failure(_ reason: String) -> ParseError { ParseError(position: position, reason: reason) }
        var argument: String?
        if rest.first == "{" {
            guard let end = rest.firstIndex(of: "}") else { throw failure("%{ has no closing brace") }
            let text = String(rest[(rest.startIndex + 1)..<end])
            guard text.utf8.count <= maximumArgumentLength else {
                throw failure("what stands in braces is longer than \(maximumArgumentLength) bytes")
            }
            argument = text
            rest = rest[(end + 1)...]
        }
        guard let letter = rest.popFirst() else { throw failure("a % has no letter") }
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

    /// Why a letter that php-fpm knows means nothing here.
    private static func refusal(of letter: Character) -> String? {
        switch letter {
        case "q", "Q": "the log never holds the query, which may hold secrets"
        case "e": "the log never holds parameters, which may hold secrets"
        case "f": "there is no script"
        case "M": "memory is not counted by request"
        case "C": "processor time is not counted by request"
        case "P": "there is no parent process"
        default: nil
        }
    }

    /// What a letter takes in its braces, for the message.
    private static func choices(_ letter: Character) -> String {
        switch letter {
        case "d": ", only seconds, milliseconds or microseconds"
        case "o": ", only " + Header.allCases.map(\.rawValue).joined(separator: ", ")
        case "t", "T": ", only a format for strftime"
        default: ""
        }
    }
}
