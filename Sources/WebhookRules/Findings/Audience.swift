/// Whom findings are told: what one can do about a problem, and may know of it, differs.
package enum Audience: Hashable, Sendable {
    /// Whoever runs Hookline: has its command line and its settings, and may know everything.
    case theOperator
    /// A user of the API, or of the page on it, who may read the app's request log.
    ///
    /// - Parameter seesProjects: whether the user may know the projects of the organization that installed the app.
    case user(seesProjects: Bool)

    var seesProjects: Bool {
        switch self {
        case .theOperator: true
        case .user(let seesProjects): seesProjects
        }
    }

    /// The text of those two that is meant for this audience.
    func choose(forOperator: @autoclosure () -> String, forUser: @autoclosure () -> String) -> String {
        self == .theOperator ? forOperator() : forUser()
    }
}
