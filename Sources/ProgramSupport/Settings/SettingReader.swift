/// Parses settings and collects every error on the way.
package struct SettingReader {
    package let values: SettingValues
    package private(set) var errors: [ConfigurationError]

    package init(_ values: SettingValues) {
        self.values = values
        errors = values.errors
    }

    /// Adds an error, once: several parts may ask for the same setting.
    package mutating func report(_ error: ConfigurationError) {
        if !errors.contains(error) { errors.append(error) }
    }

    /// Adds the error that a setting's value cannot be used; returns nil in place of the value.
    package mutating func refuse<Value>(_ setting: Setting, _ reason: String) -> Value? {
        report(.refused(setting: label(setting), reason: reason))
        return nil
    }

    /// An error when a value that holds a password is a flag.
    package mutating func refuseSecretFlag(_ setting: Setting, hasSecret: Bool) {
        guard setting.isSecret, hasSecret, values[setting].source == .flag else { return }
        errors.append(.secretInFlag(flag: setting.flag, variable: setting.variable))
    }

    /// The variable as it was written, and its line in the settings file.
    private func label(_ setting: Setting) -> String {
        let entry = values[setting]
        let name = entry.formerName.map { "\($0), now \(setting.variable)," } ?? setting.variable
        guard case .settingsFile(let path, let line) = entry.source else { return name }
        return "\(name) (\(path) line \(line))"
    }

    // MARK: Values

    /// The unparsed value; nil when it is empty.
    package func text(_ setting: Setting) -> String? {
        let text = values[setting].text
        return text.isEmpty ? nil : text
    }

    /// The value that `parse` returns; when that is nil: an error, and nil.
    ///
    /// - Parameter expected: completes the sentence "… is \"x\", expected".
    package mutating func value<Value>(
        _ setting: Setting, _ expected: String, _ parse: (String) -> Value?
    ) -> Value? {
        let text = values[setting].text
        if let value = parse(text) { return value }
        let shown = setting.isSecret ? "***" : SettingTexts.misplaced(text)
        errors.append(.invalidValue(setting: label(setting), value: shown, expected: expected))
        return nil
    }

    /// A whole number of the setting's range. When it is invalid: an error, and the range's lower bound.
    package mutating func number(_ setting: Setting) -> Int {
        let range = setting.range ?? 0...Int.max
        return value(setting, "a number from \(expectation(of: setting))") { Self.number($0, in: range) }
            ?? range.lowerBound
    }

    package mutating func milliseconds(_ setting: Setting) -> Duration {
        .milliseconds(number(setting))
    }

    package mutating func seconds(_ setting: Setting) -> Duration {
        .seconds(number(setting))
    }

    /// `on` or `off`. When it is neither: an error, and false.
    package mutating func isOn(_ setting: Setting) -> Bool {
        value(setting, expectation(of: setting)) { ["on": true, "off": false][$0] } ?? false
    }

    /// One of the setting's words. When it is none of them: an error, and `fallback`.
    package mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ setting: Setting, fallback: Choice
    ) -> Choice where Choice.RawValue == String {
        value(setting, expectation(of: setting), Choice.init(rawValue:)) ?? fallback
    }

    /// Comma-separated numbers of the setting's range, spaces allowed after the commas; `none` and the empty string are
    /// an empty list. When it is invalid: an error, and an empty list.
    package mutating func numbers(_ setting: Setting) -> [Int] {
        guard case .numbers(_, let range, let maximumCount) = setting.row.type else { return [] }
        return value(setting, expectation(of: setting) + ", or none") { text in
            if text.isEmpty || text == "none" { return [] }
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
            let numbers = parts.compactMap { Self.number(String($0), in: range) }
            return numbers.count == parts.count && numbers.count <= maximumCount ? numbers : nil
        } ?? []
    }

    /// A server's address; nil when it is empty, or, with an error, when it is invalid or a flag that holds a password.
    package mutating func serverURL(_ setting: Setting, schemes: [String], allowsPath: Bool = false) -> ServerURL? {
        guard let text = text(setting) else { return nil }
        do throws(ServerURL.ParseError) {
            let url = try ServerURL(parsing: text)
            guard schemes.contains(url.scheme) else {
                return refuse(setting, "expected an address with \(schemes.map { "\($0)://" }.alternatives)")
            }
            guard allowsPath || url.path.isEmpty else { return refuse(setting, "the address has a path") }
            refuseSecretFlag(setting, hasSecret: url.password != nil)
            return url
        } catch {
            return refuse(setting, error.description)
        }
    }

    private func expectation(of setting: Setting) -> String { setting.row.type.expectation ?? "" }

    private static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else { return nil }
        return range.contains(number) ? number : nil
    }
}
