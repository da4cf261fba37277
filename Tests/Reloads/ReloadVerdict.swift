/// What came out.
struct ReloadVerdict: Sendable {
    var reloads: Int
    var requests: Int
    /// In words.
    var failures: [String]
    /// Open in an idle process after the first reload, and after the last.
    var firstDescriptors: Int
    var lastDescriptors: Int
    /// Of the responder, before it was stopped.
    var processes: Int
    /// Before it was stopped, and after.
    var isSocketThere: Bool
    var isSocketLeft: Bool
    var errorLog: String

    var isGood: Bool {
        failures.isEmpty && firstDescriptors == lastDescriptors && processes == 1 && isSocketThere && !isSocketLeft
    }

    var text: String {
        var lines = [
            "reloads      \(reloads) under load, 2 without",
            "requests     \(requests)",
            "failed       \(failures.count)",
            "descriptors  \(firstDescriptors) after the first reload, \(lastDescriptors) after the last",
            "processes    \(processes) before the stop",
            "socket       \(isSocketThere ? "there" : "GONE") before the stop, "
                + (isSocketLeft ? "LEFT BEHIND" : "gone") + " after it",
        ]
        lines += failures.prefix(10).map { "             \($0)" }
        if !isGood { lines += errorLog.split(separator: "\n").suffix(10).map(String.init) }
        return lines.joined(separator: "\n")
    }
}
