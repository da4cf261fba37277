import Buffer
import Delivery
import Directory
import ProgramSupport
import Queue
import Redis
import System
import WebhookRules

/// Tries what the settings name.
struct StartupChecks {
    let configuration: WorkerConfiguration

    /// Tries the directory and the files that the settings name. Problems must be corrected before the worker can
    /// deliver.
    ///
    /// - Parameter isStarting: a database that does not respond is no problem then: the worker waits for it.
    func localResult(isStarting: Bool = false) -> CheckResult {
        let stores = configuration.stores
        var result = stores.checkDirectory(isStarting: isStarting)
        let release = stores.protocolCheck(configuration.plan.protocolChoice, configuration.policies)
        result.warnings += release.warnings + [configuration.timeoutWarning].compactMap(\.self)
        result.results += release.results
        result.problems += [certificateProblem(), templateProblem()].compactMap(\.self)
        return result
    }

    /// How Redis may lose events because of its settings.
    ///
    /// - Parameter milliseconds: the time limit, whatever the settings allow.
    func hazards(within milliseconds: Int = .max) throws(RedisError) -> [QueueHazard] {
        var stores = configuration.stores
        stores.redisConnectMilliseconds = min(stores.redisConnectMilliseconds, milliseconds)
        stores.redisCommandMilliseconds = min(stores.redisCommandMilliseconds, milliseconds)
        return try DeliveryQueue(connection: stores.makeConnection(), settings: stores.queue.events).hazards()
    }

    /// Throws when Redis refuses what the worker writes.
    func checkWrites() throws(RedisError) {
        try StoreSettings.checkWrites(on: configuration.stores.makeConnection())
    }

    /// Without this check, a wrong file would show only as failing webhooks.
    private func certificateProblem() -> String? {
        guard let path = configuration.sender.extraAuthorities else { return nil }
        let variable = Setting.certificateAuthorityFile.variable
        do throws(FileError) {
            let lines = try TextFile(path: path).read().split(whereSeparator: \.isNewline)
            return lines.contains("-----BEGIN CERTIFICATE-----") ? nil : "\(variable): \(path) has no PEM certificate"
        } catch {
            return "\(variable): \(error.description)"
        }
    }

    private func templateProblem() -> String? {
        guard let mail = configuration.mail else { return nil }
        do throws(MailTemplateError) {
            _ = try AutoDisableMails(templatesDirectory: mail.templatesDirectory)
            return nil
        } catch {
            return error.description
        }
    }
}
