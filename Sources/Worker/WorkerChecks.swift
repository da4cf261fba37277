import Buffer
import Delivery
import Directory
import ProgramSupport
import Queue
import Redis

/// Tries what the settings name.
struct WorkerChecks {
    let configuration: WorkerConfiguration

    /// What is wrong on this machine, and must be right before anything is delivered.
    func localProblems() -> [String] {
        [directoryProblem(), authoritiesProblem(), templatesProblem()].compactMap { $0 }
            + configuration.process.problems()
    }

    /// What may lose events in the way Redis is set up.
    ///
    /// - Parameter milliseconds: how long the question may take at most, whatever the settings allow.
    func hazards(within milliseconds: Int = .max) throws(RedisError) -> [QueueHazard] {
        var stores = configuration.stores
        stores.redisConnectMilliseconds = min(stores.redisConnectMilliseconds, milliseconds)
        stores.redisCommandMilliseconds = min(stores.redisCommandMilliseconds, milliseconds)
        return try DeliveryQueue(connection: stores.makeConnection(), settings: stores.queue.events).hazards()
    }

    private func directoryProblem() -> String? {
        do throws(DirectoryError) {
            switch configuration.stores.directory {
            case .sqlite(let path): try SQLiteDirectory(path: path).check()
            }
            return nil
        } catch {
            return error.description
        }
    }

    private func authoritiesProblem() -> String? {
        configuration.sender.extraAuthorities.flatMap { AuthoritiesFile(path: $0).problem() }
    }

    private func templatesProblem() -> String? {
        guard let mail = configuration.mail else { return nil }
        do throws(MailTemplateError) {
            _ = try AutoDisableMails(templatesDirectory: mail.templatesDirectory)
            return nil
        } catch {
            return error.description
        }
    }
}
