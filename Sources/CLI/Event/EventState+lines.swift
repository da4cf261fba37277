import Model
import WebhookRules

extension EventState {
    /// The lines of a report: the state and, where there is one, the time of the next attempt.
    func lines(now: Timestamp) -> [(name: String, value: String)] {
        var lines = [(name: "state", value: text)]
        if let nextAttempt {
            let time = nextAttempt.truncatedToSeconds.iso8601Description
            let distance =
                nextAttempt > now
                ? "in \(Age(from: now, to: nextAttempt))" : "due for \(Age(from: nextAttempt, to: now))"
            lines.append(("next attempt", "\(distance) (\(time))"))
        }
        return lines
    }

    /// `failed: 503 (attempt 1, 2026-01-31T12:00:00Z)`. The reason of a dead letter has a line of its own.
    private var text: String {
        let explanation = name == .deadLetter ? nil : reason
        let details = [
            attempt.map { "attempt \($0)" }, date.map { $0.truncatedToSeconds.iso8601Description },
        ].compactMap(\.self)
        return name.rawValue + (explanation.map { ": \($0)" } ?? "")
            + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
    }
}
