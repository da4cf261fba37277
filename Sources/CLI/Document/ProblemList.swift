import Directory

/// Collects what is wrong with a document, up to a limit.
final class ProblemList {
    private(set) var problems: [DocumentProblem] = []
    /// How many were found, those beyond the limit included.
    private(set) var count = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func report(_ path: String, _ message: String) {
        count += 1
        if problems.count < limit { problems.append(DocumentProblem(path: path, message: message)) }
    }
}
