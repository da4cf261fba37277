import Buffer
import Delivery
import Directory
import ProgramSupport
import Queue
import Redis
import System

/// Tries what the settings name.
struct StartupChecks {
    let configuration: WorkerConfiguration

    /// Errors in files that the settings name, which must be corrected before the worker can deliver.
    func localProblems() -> [String] {
        [directoryProblem(), certificateProblem(), templateProblem()].compactMap(\.self)
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

    private func directoryProblem() -> String? {
        do throws(DirectoryError) {
            switch configuration.stores.directory {
            case .sqlite(let path): try SQLiteDirectory(path: path).check()
            case .postgreSQL: preconditionFailure("the settings refuse it")
            }
            return nil
        } catch {
            return error.description
        }
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
