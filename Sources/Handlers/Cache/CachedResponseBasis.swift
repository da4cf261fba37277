import Model

/// What an answer turns out to depend on while it is made. One object serves one request.
final class CachedResponseBasis {
    /// The answer is another one from this moment on, whatever happens; nil = it depends on no clock.
    private(set) var end: Timestamp?
    /// What was looked up for it.
    private(set) var references: [DirectoryReference] = []

    func note(_ reference: DirectoryReference) {
        references.append(reference)
    }

    /// Notes a moment at which the answer changes by itself.
    func noteEnd(_ moment: Timestamp?) {
        guard let moment else { return }
        end = end.map { min($0, moment) } ?? moment
    }
}
