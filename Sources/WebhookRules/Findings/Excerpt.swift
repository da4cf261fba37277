/// The beginning of a receiver's answer, on one line and without what could steer a terminal.
package struct Excerpt: CustomStringConvertible {
    /// Unicode scalars that are shown.
    private static let maximumCount = 300

    package let description: String

    package init(_ body: String) {
        let scalars = body.unicodeScalars.prefix(Self.maximumCount).map {
            $0.properties.generalCategory == .control ? " " : $0
        }
        description =
            String(String.UnicodeScalarView(scalars))
            + (body.unicodeScalars.dropFirst(Self.maximumCount).isEmpty ? "" : "…")
    }
}
