/// Writes a text in the exposition format of OpenMetrics 1.0.
struct OpenMetricsWriter {
    enum Kind: String {
        case counter, gauge, histogram, info
    }

    private var text = ""

    /// Begins a family; its samples follow.
    ///
    /// - Parameter unit: the last part of the name, where there is one.
    mutating func family(_ name: String, _ kind: Kind, unit: String? = nil, help: String) {
        text += "# TYPE \(name) \(kind.rawValue)\n"
        if let unit { text += "# UNIT \(name) \(unit)\n" }
        text += "# HELP \(name) \(OpenMetricsWriter.escaped(help))\n"
    }

    /// - Parameter value: a decimal number.
    mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(OpenMetricsWriter.escaped($0.value))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    /// The whole text.
    mutating func finish() -> [UInt8] {
        text += "# EOF\n"
        return Array(text.utf8)
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

/// A time in seconds as the format wants its bounds: a point and at least one digit behind it, no zeros after that.
func decimalSeconds(microseconds: Int64) -> String {
    let microseconds = max(0, microseconds)
    let digits = String(microseconds % 1_000_000)
    var fraction = Substring(String(repeating: "0", count: 6 - digits.count) + digits)
    while fraction.count > 1, fraction.hasSuffix("0") { fraction = fraction.dropLast() }
    return "\(microseconds / 1_000_000).\(fraction)"
}
