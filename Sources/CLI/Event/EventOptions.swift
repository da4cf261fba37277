import ArgumentParser
import Buffer
import Directory
import Model
import Queue

/// What every command about events needs: directory, Redis, catalogue.
struct EventOptions: ParsableArguments {
    @OptionGroup var directoryOptions: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    /// The queue of events, its connection not yet made.
    func queue() throws(CommandFailure) -> DeliveryQueue {
        DeliveryQueue(connection: try redisOptions.connection(), settings: try CommandDeliverySettings().queue(.events))
    }

    func submitter() throws(CommandFailure) -> EventSubmitter {
        EventSubmitter(
            directory: try directoryOptions.reader(), queue: try queue(), catalogue: try redisOptions.catalogue())
    }

    func archive() throws(CommandFailure) -> PayloadArchive {
        PayloadArchive(connection: try redisOptions.connection(), limits: try CommandDeliverySettings().archive())
    }
}
