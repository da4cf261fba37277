import System

/// A file of lines `NAME=VALUE`, read as systemd reads an `EnvironmentFile`: comments begin with `#` or `;`, values may
/// stand in single or double quotes.
///
/// A value ends with its line: what systemd would go on reading on the next one (an open quote, a backslash at the end) is
/// an error here, and so is a line that systemd would pass over.
struct SettingsFile {
    struct Assignment: Hashable {
        var name: String
        var value: String
        /// Counted from 1.
        var line: Int
    }

    struct Failure: Error, Hashable {
        var path: String
        /// Nil when it is about the whole file.
        var line: Int?
        /// Holds no value: that may be a password.
        var reason: String
    }

    let path: String
    /// In the order of the file.
    let assignments: [Assignment]

    init(path: String) throws(Failure) {
        self.path = path
        let text: String
        do throws(TextFile.Failure) {
            text = try TextFile(path: path).read()
        } catch {
            throw Failure(path: path, line: nil, reason: error.reason)
        }
        assignments = try Self.parse(text, path)
    }

    private static func parse(_ text: String, _ path: String) throws(Failure) -> [Assignment] {
        var assignments: [Assignment] = []
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, bytes) in lines.enumerated() {
            do throws(SettingsLine.Mistake) {
                guard let line = try SettingsLine(bytes) else { continue }
                assignments.append(Assignment(name: line.name, value: line.value, line: index + 1))
            } catch {
                throw Failure(path: path, line: index + 1, reason: error.reason)
            }
        }
        return assignments
    }

    /// Names that are no setting, or none for a file: here everything is meant for Hookline.
    func misplacedVariables() -> [ConfigurationError] {
        assignments.compactMap { assignment in
            let reason: String
            if assignment.name == Setting.settingsFile.variable {
                reason = "\(assignment.name) belongs into the environment: one file does not name another"
            } else if SettingValues.knownVariables.contains(assignment.name) {
                return nil
            } else if let nearest = SettingValues.nearestVariable(to: assignment.name) {
                reason = "unknown variable \(assignment.name): did you mean \(nearest)?"
            } else {
                reason = "unknown variable \(assignment.name): remove it, or see --help for the names"
            }
            return .wrongSettingsFile(path: path, line: assignment.line, reason: reason)
        }
    }
}
