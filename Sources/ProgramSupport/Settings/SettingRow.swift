package import WebhookRules

/// One row of the table of settings. The texts are plain sentences with values in backticks.
package struct SettingRow: Sendable {
    package let setting: Setting
    package let type: SettingType
    /// As it would be written; empty for none. Under the policy `sentry`, where it depends on that.
    package let defaultValue: String
    /// The default under a policy; nil when it is the same under all.
    private let policyDefault: (@Sendable (DeliveryPolicy) -> String)?
    /// The value to be set in the example file; nil = the line is a comment.
    package let exampleValue: String?
    /// The programs that read it.
    package let programs: [ProgramName]
    /// The flag's name in earlier releases, which still counts.
    package let formerFlag: String?
    /// One sentence.
    package let help: String
    /// What else follows from the setting; for the documentation and the example file, too long for `--help`.
    package let notice: String
    /// The page of the documentation with more about it: `security.md`.
    package let page: String?

    init(
        _ setting: Setting, _ type: SettingType, default defaultValue: String = "",
        byPolicy policyDefault: (@Sendable (DeliveryPolicy) -> String)? = nil, example exampleValue: String? = nil,
        for programs: [ProgramName], formerly formerFlag: String? = nil, help: String, notice: String = "",
        page: String? = nil
    ) {
        self.setting = setting
        self.type = type
        self.defaultValue = policyDefault?(.sentry) ?? defaultValue
        self.policyDefault = policyDefault
        self.exampleValue = exampleValue
        self.programs = programs
        self.formerFlag = formerFlag
        self.help = help
        self.notice = notice
        self.page = page
    }

    /// The default under a policy.
    package func defaultValue(under policy: DeliveryPolicy) -> String { policyDefault?(policy) ?? defaultValue }
}

/// What a setting's value may be.
package enum SettingType: Hashable, Sendable {
    package enum Unit: String, Sendable {
        case count, bytes, seconds, milliseconds, percent
    }

    /// The placeholder stands for the value in `--help`.
    case text(placeholder: String)
    case words([String])
    /// A whole number, or a word that stands for one.
    case number(Unit, ClosedRange<Int>, orWord: String? = nil)
    /// Comma-separated numbers, or `none`.
    case numbers(Unit, ClosedRange<Int>, maximumCount: Int)
    /// The address of a server or a database, which may hold a password.
    case serverAddress
    /// A secret as a whole, never accepted as a flag.
    case secret

    static let onOrOff = SettingType.words(["on", "off"])

    var placeholder: String {
        switch self {
        case .text(let placeholder): placeholder
        case .words(let words): words.joined(separator: "|")
        case .number(let unit, _, _): unit.rawValue.uppercased()
        case .numbers: "LIST"
        case .serverAddress: "ADDRESS"
        case .secret: "SECRET"
        }
    }

    var range: ClosedRange<Int>? {
        switch self {
        case .number(_, let range, _), .numbers(_, let range, _): range
        case .text, .words, .serverAddress, .secret: nil
        }
    }

    /// The valid values, as a phrase: `1 to 600 seconds`. Nil where the help describes them.
    package var expectation: String? {
        switch self {
        case .text, .serverAddress, .secret: nil
        case .words(let words): words.alternatives
        case .number(let unit, let range, nil): Self.phrase(unit, range)
        case .number(let unit, let range, let word?): "\(Self.phrase(unit, range)), or \(word)"
        case .numbers(let unit, let range, let count):
            "at most \(count) comma-separated numbers from \(Self.phrase(unit, range))"
        }
    }

    private static func phrase(_ unit: Unit, _ range: ClosedRange<Int>) -> String {
        let numbers = "\(range.lowerBound) to \(range.upperBound)"
        return unit == .count ? numbers : "\(numbers) \(unit.rawValue)"
    }
}

extension [String] {
    /// `a, b or c`.
    var alternatives: String { joined(by: "or") }

    /// `a, b and c`.
    func joined(by conjunction: String) -> String {
        guard count > 1, let last else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }
}
