import ArgumentParser
import Buffer
import Directory
import Model
import ProgramSupport
import Queue
import Redis
import WireJSON

/// `hookline event …`
struct EventCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "Send events to installations, list, show, redeliver and erase them.",
        subcommands: [EventSend.self, EventList.self, EventShow.self, EventRedeliver.self, EventErase.self])
}

/// The options of all event commands: directory, Redis, catalogue.
struct EventOptions: ParsableArguments {
    @OptionGroup var directoryOptions: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    /// The queue of events, not connected yet.
    func queue() throws(CommandFailure) -> DeliveryQueue {
        DeliveryQueue(connection: try redisOptions.connection(), settings: try CommandDeliverySettings().queue(.events))
    }

    func submitter() throws(CommandFailure) -> EventSubmitter {
        EventSubmitter(
            directory: try directoryOptions.reader(), queue: try queue(), catalogue: try redisOptions.catalogue())
    }

    /// The archive, also where payloads are not stored any more.
    func anyArchive() throws(CommandFailure) -> PayloadArchive {
        PayloadArchive(
            connection: try redisOptions.connection(),
            limits: try CommandDeliverySettings().queue().archive ?? ArchiveLimits())
    }

    func archive() throws(CommandFailure) -> PayloadArchive {
        PayloadArchive(connection: try redisOptions.connection(), limits: try CommandDeliverySettings().archive())
    }
}
