/// Makes values of the settings' texts and collects everything that is wrong on the way.
package struct SettingReader {
    package let values: SettingValues
    package private(set) var errors: [ConfigurationError]

    package init(_ values: SettingValues) {
        self.values = values
        errors = values.errors
    }

    /// Notes something that is wrong.
    package mutating func report(_ error: ConfigurationError) {
        errors.append(error)
    }

    /// The text; nil when it is empty.
    package func text(_ setting: Setting) -> String? {
        let text = values[setting].text
        return text.isEmpty ? nil : text
    }

    /// What `parse` makes of the text; nil, and an error, when that is nothing.
    ///
    /// - Parameter expected: completes the sentence "… is \"x\", expected".
    package mutating func value<Value>(
        _ setting: Setting, _ expected: String, _ parse: (String) -> Value?
    ) -> Value? {
        let text = values[setting].text
        if let value = parse(text) { return value }
        errors.append(.badValue(setting: label(setting), value: text, expected: expected))
        return nil
    }

    /// A whole number of the setting's range. When it is wrong: an error, and the least of the range.
    package mutating func number(_ setting: Setting) -> Int {
        let range = setting.range ?? 0...Int.max
        return value(setting, "a number from \(range.lowerBound) to \(range.upperBound)") { Self.number($0, in: range) }
            ?? range.lowerBound
    }

    /// A time in milliseconds.
    package mutating func milliseconds(_ setting: Setting) -> Duration {
        .milliseconds(number(setting))
    }

    /// A time in seconds.
    package mutating func seconds(_ setting: Setting) -> Duration {
        .seconds(number(setting))
    }

    /// `on` or `off`. When it is neither: an error, and false.
    package mutating func isOn(_ setting: Setting) -> Bool {
        value(setting, "on or off") { ["on": true, "off": false][$0] } ?? false
    }

    /// One of several words. When it is none of them: an error, and `otherwise`.
    package mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ setting: Setting, otherwise: Choice
    ) -> Choice where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue)
        let expected = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        return value(setting, expected, Choice.init(rawValue:)) ?? otherwise
    }

    /// Numbers of the setting's range with commas, spaces allowed behind them; the words `none` and the empty text are an empty list.
    package mutating func numbers(_ setting: Setting, maximumCount: Int) -> [Int] {
        let range = setting.range ?? 0...Int.max
        let expected = "at most \(maximumCount) numbers from \(range.lowerBound) to \(range.upperBound) with commas"
        return value(setting, expected + ", or none") { text in
            if text.isEmpty || text == "none" { return [] }
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
            let numbers = parts.compactMap { Self.number(String($0), in: range) }
            return numbers.count == parts.count && numbers.count <= maximumCount ? numbers : nil
        } ?? []
    }

    /// A server's address; nil when there is none, or, with an error, when it cannot be read or is a flag that holds a
    /// password.
    package mutating func serverURL(_ setting: Setting, schemes: [String], allowsPath: Bool = false) -> ServerURL? {
        guard let text = text(setting) else { return nil }
        do throws(ServerURL.ParseError) {
            let url = try ServerURL(parsing: text)
            guard schemes.contains(url.scheme) else {
                let known = schemes.map { "\($0)://" }.joined(separator: ", ")
                return refuse(setting, "the address begins with none of \(known)")
            }
            guard allowsPath || url.path.isEmpty else { return refuse(setting, "the address has a path") }
            refuseSecretFlag(setting, hasSecret: url.password != nil)
            return url
        } catch {
            return refuse(setting, error.description)
        }
    }

    /// An error when a value that holds a password is a flag.
    package mutating func refuseSecretFlag(_ setting: Setting, hasSecret: Bool) {
        guard setting.isSecret, hasSecret, values[setting].source == .flag else { return }
        errors.append(.secretInFlag(flag: setting.flag, variable: setting.variable))
    }

    /// Notes why a setting is wrong; nil, for the place of its value.
    package mutating func refuse<Value>(_ setting: Setting, _ reason: String) -> Value? {
        errors.append(.refused(setting: label(setting), reason: reason))
        return nil
    }

    /// The variable, and the line where it stands in the settings file.
    private func label(_ setting: Setting) -> String {
        guard case .settingsFile(let path, let line) = values[setting].source else { return setting.variable }
        return "\(setting.variable) (\(path) line \(line))"
    }

    private static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else { return nil }
        return range.contains(number) ? number : nil
    }
}
