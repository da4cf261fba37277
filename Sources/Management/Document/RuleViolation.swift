package import Directory

/// A value of a document that a directory can store, but that breaks a rule of the import: a slug that no path can
/// carry, a webhook URL to which nothing can be sent.
///
/// Directories and exports from before the rule have such values. Each other problem of a document is an error.
package struct RuleViolation: Hashable, Sendable {
    package var problem: DocumentProblem
    /// The row's kind and its position in the document.
    package var kind: RowKind
    package var index: Int
    /// The row's field.
    package var field: String
}
