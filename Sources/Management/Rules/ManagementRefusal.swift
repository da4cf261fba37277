package import Directory
package import Model

/// Why a change of the directory was refused. Nothing was changed then.
package enum ManagementRefusal: Error, Hashable, Sendable {
    /// Fields that break a rule, and what to do about each; no message contains a secret.
    case fields([DocumentProblem])
    /// What is to be changed does not exist any more.
    case notFound
    /// It is not in the state that the caller has seen.
    case changedMeanwhile
    /// Only somebody with more rights may do it; the reason.
    case forbidden(String)
    /// Stored secrets of the app are damaged, so that it cannot be written as a whole; which ones, and the way out.
    case damagedSecrets(String)
    case directory(DirectoryError)

    package init(_ field: String, _ message: String) {
        self = .fields([DocumentProblem(path: field, message: message)])
    }
}

/// The state of a row, by the time of its last change.
package struct RowVersion: Hashable, Sendable {
    /// The value of an `ETag` (RFC 9110, 8.8.3): a strong validator of the row.
    package let tag: String

    /// - Parameter time: nil for a row whose changes are not recorded.
    package init(of key: RowKey, changedAt time: Timestamp?) {
        let kind = key.kind.rawValue.prefix(1)
        tag = "\"\(kind)\(key.text)-\(String(time?.microseconds ?? 0, radix: 16))\""
    }

    /// Whether an `If-Match` names this version or is `*`. Weak tags never match (RFC 9110, 13.1.1).
    package func isNamed(by header: String) -> Bool {
        header.split(separator: ",").contains { part in
            let name = part.trimmingBlanks
            return name == "*" || name == tag
        }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
