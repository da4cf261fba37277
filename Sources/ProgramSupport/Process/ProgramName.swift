/// The programs that take their settings from the table of `Setting`, by the names they are started with.
package enum ProgramName: String, CaseIterable, Sendable {
    case responder = "hookline-fcgi"
    case worker = "hookline-worker"

    /// What `--version` prints.
    package var versionText: String { "\(rawValue) \(Self.version)" }

    /// The same for all: they are released together.
    package static let version = "0.1.0"
}
