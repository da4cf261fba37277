import Directory
import Management

/// The failures of the management API.
extension HTTPFailure {
    /// The tables of the directory are an original's, which alone changes them.
    static let managedBySentry = HTTPFailure(status: 403, detail: "This installation is managed by Sentry.")

    /// This program may only read the directory, or was not given a way to change it.
    static func managementOff(_ cause: String) -> HTTPFailure {
        unavailable(
            detail: "This program may not change the directory. An administrator finds out why with "
                + "'hookline-fcgi --check', or changes the directory with 'hookline'.", cause: cause)
    }

    static let importInProgress = unavailable(
        detail: "Another import is in progress. Try again when it has ended.", cause: "another import is in progress")

    init(_ refusal: ManagementRefusal) {
        switch refusal {
        case .fields(let problems): self = .invalidFields(of: problems)
        case .notFound: self = .notFound
        case .changedMeanwhile:
            self.init(
                status: 412, detail: "It was changed since you have read it. Read it again, and repeat the change.")
        case .forbidden(let reason): self.init(status: 403, detail: reason)
        case .damagedSecrets(let reason): self.init(status: 409, detail: reason)
        case .directory(let error): self = .refused(error)
        }
    }

    /// A change that the directory did not make.
    static func refused(_ error: DirectoryError) -> HTTPFailure {
        switch error {
        case .conflict(let reason):
            var failure = HTTPFailure(
                status: 409, detail: "The directory refused the change, because other rows contradict it.")
            failure.cause = reason
            return failure
        case .readOnlyTables: return managedBySentry
        case .missingRight: return managementOff(error.description)
        case .unopened, .unavailable, .newerSchema, .olderSchema, .corrupt: return directoryUnavailable(error)
        }
    }

    /// One list of messages for each field.
    static func invalidFields(of problems: [DocumentProblem]) -> HTTPFailure {
        var fields: [String] = []
        var messages: [String: [String]] = [:]
        for problem in problems {
            let field = problem.path.isEmpty ? "non_field_errors" : problem.path
            if messages[field] == nil { fields.append(field) }
            messages[field, default: []].append(problem.message)
        }
        return invalidFields(
            fields.flatMap { field in (messages[field] ?? []).map { (field: field, message: $0) } })
    }
}
