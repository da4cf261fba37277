import Foundation

/// What tests that start programs have in common.
package enum ProgramRun {
    /// This process' environment without Hookline's variables, and `further`.
    package static func environment(_ further: [String: String]) -> [String: String] {
        ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("HOOKLINE_") }.merging(further) { $1 }
    }

    /// The lines of a JSON log with this message.
    package static func logLines(_ text: String, message: String) -> [[String: Any]] {
        text.split(separator: "\n").compactMap { line in
            try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        }.filter { $0["message"] as? String == message }
    }
}
