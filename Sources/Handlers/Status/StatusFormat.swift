import WireJSON

/// The formats of the status page. Each writes the same list of fields.
enum StatusFormat {
    /// One `key: value` a line, then a block of lines for each thread.
    case text
    /// One object; the threads are its member `processes`.
    case json
    /// The exposition format of OpenMetrics 1.0.
    case openMetrics

    var contentType: StaticString {
        switch self {
        case .text: "text/plain; charset=utf-8"
        case .json: StandardHeaders.json
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    func body(of report: StatusReport) -> [UInt8] {
        switch self {
        case .text: Array(Self.text(report).utf8)
        case .json: Self.json(report).serialized(escaping: .unicode)
        case .openMetrics: Array(Self.openMetrics(report).utf8)
        }
    }

    // MARK: Text

    /// The column of the values.
    private static let keyWidth = 36

    private static func text(_ report: StatusReport) -> String {
        let threads = report.threads.map { "\n************************\n" + lines($0) }
        return lines(report.fields) + threads.joined()
    }

    private static func lines(_ fields: [StatusField]) -> String {
        fields.compactMap(\.line).map { line in
            let key = printable(line.key) + ":"
            let padding = String(repeating: " ", count: max(1, keyWidth - key.unicodeScalars.count))
            return key + padding + printable(line.value) + "\n"
        }.joined()
    }

    /// `text` with `?` for control characters, which could end the line.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars { result.unicodeScalars.append(isControl(scalar) ? "?" : scalar) }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar == "\u{2028}" || scalar == "\u{2029}"
    }

    // MARK: JSON

    private static func json(_ report: StatusReport) -> JSONValue {
        var members = report.fields.compactMap(\.member)
        if !report.threads.isEmpty {
            let threads = report.threads.map { JSONValue.object($0.compactMap(\.member)) }
            members.append(JSONValue.Member(name: "processes", value: .array(threads)))
        }
        return .object(members)
    }

    // MARK: OpenMetrics

    private static func openMetrics(_ report: StatusReport) -> String {
        report.fields.compactMap(\.family).map(text).joined() + "# EOF\n"
    }

    private static func text(_ family: MetricFamily) -> String {
        var text = "# TYPE \(family.name) \(family.kind.rawValue)\n"
        if let unit = family.unit { text += "# UNIT \(family.name) \(unit)\n" }
        text += "# HELP \(family.name) \(escaped(family.help))\n"
        for sample in family.samples {
            text += family.name + sample.suffix
            if !sample.labels.isEmpty {
                let pairs = sample.labels.map { "\($0.name)=\"\(escaped($0.value))\"" }
                text += "{\(pairs.joined(separator: ","))}"
            }
            text += " \(sample.value)\n"
        }
        return text
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
