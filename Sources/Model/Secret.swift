/// A text that must not reach a log, an error or an answer by accident: its description is `***`.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself. Ask for it only where it is used.
    package let exposed: String

    package init(_ text: String) {
        exposed = text
    }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
