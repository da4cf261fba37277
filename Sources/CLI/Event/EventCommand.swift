import ArgumentParser
import Buffer
import Directory
import Model
import Queue
import Redis
import WireJSON

/// `hookline event …`
struct EventCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "Send events to installations, list, show and redeliver them.",
        subcommands: [EventSend.self, EventList.self, EventShow.self, EventRedeliver.self])
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

    func archive() throws(CommandFailure) -> PayloadArchive {
        PayloadArchive(connection: try redisOptions.connection(), limits: try CommandDeliverySettings().archive())
    }
}
