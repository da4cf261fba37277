import Directory
import Handlers
import Model
package import ProgramSupport

/// Verifies a session cookie of the original with the settings: a wrong secret shows in nothing else.
package struct SessionCheck {
    private let cookie: String
    private let configuration: Configuration

    /// - Parameter cookie: the value of `sentrysid`, or a `Cookie` header with it.
    package init(cookie: String, configuration: Configuration) {
        self.cookie = cookie
        self.configuration = configuration
    }

    /// Whose session it is as a result, or a problem. Neither has a part of the cookie.
    package func run() -> CheckResult {
        let variable = Setting.sessionSecret.variable
        guard let settings = configuration.identity.sessions else {
            return CheckResult(problems: ["the session cookie was not verified: \(variable) is not set"])
        }
        do throws(DirectoryError) {
            let directory = try configuration.stores.openDirectory(limits: DirectoryLimits(connectionCount: 1))
            let rules = configuration.identity.protocolSettings.choice.rules(fitting: try directory.releases())
            let identity = SessionIdentity(settings, rules: rules)
            switch try identity.user(ofCookie: cookie, at: .now(), in: directory) {
            case .success(let user):
                var result = CheckResult()
                result.results = ["the session cookie is that of user \(user.id), \(user.username)"]
                return result
            case .failure(let reason):
                return CheckResult(problems: ["the session cookie is not accepted: \(reason.description)"])
            }
        } catch {
            return CheckResult(problems: ["the session cookie was not verified: \(error.description)"])
        }
    }
}
