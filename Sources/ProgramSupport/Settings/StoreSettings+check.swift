import Buffer
package import Directory
package import Model
import Queue
package import Redis
package import WebhookRules

extension StoreSettings {
    /// Tries what the programs write to Redis: a Redis that can be read may refuse writes, because it is a replica, out
    /// of memory or disk, or because the user has too few permissions.
    ///
    /// - Throws: the first failure; a refusal has Redis' words.
    package static func checkWrites(on connection: RedisConnection) throws(RedisError) {
        try DeliveryQueue.checkWrites(on: connection)
        try WebhookRequestBuffer(connection: connection).checkWrites()
    }

    /// Tries the directory, and says how its secrets are stored and what is missing in it.
    ///
    /// - Parameters:
    ///   - directory: the directory of these settings, where the program has opened it; nil = it is opened for this.
    ///   - isStarting: whether a database that does not respond is no problem: the program goes on, and waits for it.
    package func checkDirectory(
        _ directory: (any DirectoryDatabase)? = nil, isStarting: Bool = false
    ) -> CheckResult {
        do throws(DirectoryError) {
            let directory =
                if let directory { directory } else { try openDirectory(limits: DirectoryLimits(connectionCount: 1)) }
            try directory.check()
            var result = try checkSecrets(of: directory)
            result.warnings = try directory.findings() + result.warnings
            return result
        } catch {
            guard isStarting, case .unavailable = error, case .postgreSQL = self.directory else {
                return CheckResult(problems: [error.description])
            }
            return CheckResult(warnings: ["\(error); requests get status 503, and events wait, until it responds"])
        }
    }

    /// What is to be said of the release that is followed, and of the policy under it.
    ///
    /// - Returns: without anything when the directory does not respond.
    package func protocolCheck(_ choice: ProtocolChoice, _ policies: DeliveryPolicies) -> CheckResult {
        var result = CheckResult()
        guard let directory = try? openDirectory(limits: DirectoryLimits(connectionCount: 1)),
            let releases = try? Optional(directory.releases())
        else { return result }
        let check = ProtocolCheck(choice, fitting: releases)
        result.warnings = [check.warning].compactMap(\.self)
        result.results = [check.result].compactMap(\.self)
        let policy = policies.deployment.under(choice.rules(fitting: releases))
        if policies.deployment.name == .sentry {
            result.results.append(
                "under this release HOOKLINE_DISABLE_APPS is \(policy.autoDisable.apps.rawValue), and circuit breakers "
                    + "are \(policy.breaker == nil ? "off" : "on")")
        }
        return result
    }

    /// Why circuit breakers have no effect: their own Redis does not respond, or refuses what they do. Nil where they
    /// have none.
    ///
    /// - Parameter policies: say whether there are circuit breakers.
    package func breakerWarning(_ policies: DeliveryPolicies) -> String? {
        guard let breaker = policies.breaker, breakerRedis != nil else { return nil }
        do throws(RedisError) {
            let connection = makeBreakerConnection(sharing: makeConnection())
            try CircuitBreakers(connection: connection, settings: breaker).checkWrites(at: .now())
            return nil
        } catch {
            return "\(Setting.breakerRedis.variable): \(error); every circuit breaker counts as closed"
        }
    }
}
