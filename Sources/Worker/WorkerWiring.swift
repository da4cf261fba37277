import Delivery
import Logging
import Model
import ProgramSupport

/// Puts the rooms together: what delivers, what watches over integrations, what mails and what counts.
struct WorkerWiring: Sendable {
    private let configuration: WorkerConfiguration
    private let logger: Logger

    init(_ configuration: WorkerConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
    }

    /// Starts all threads. Does not wait for Redis, which may be down.
    func start() throws {}

    /// Takes no more events, lets attempts under way finish for up to `limit`, puts back the rest and ends all threads.
    ///
    /// - Returns: how many events could not be put back; another worker takes them over.
    func stop(within limit: Duration) -> Int { 0 }
}
