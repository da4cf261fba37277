import Buffer
package import Directory
package import Model
package import Redis

extension SettingReader {
    /// Redis, the directory and the queue; nil, and at least one error, when something is wrong with the addresses.
    package mutating func stores() -> StoreConfiguration? {
        let (redis, directory, events) = (redis(), directory(), events())
        let connect = number(.redisConnectMilliseconds)
        let command = number(.redisCommandMilliseconds)
        let queue = queue()
        guard let redis, let directory, let events else { return nil }
        return StoreConfiguration(
            redis: redis, redisConnectMilliseconds: connect, redisCommandMilliseconds: command, directory: directory,
            events: events, queue: queue)
    }

    /// The bounds of the queue; with errors when they are wrong.
    package mutating func queue() -> QueueConfiguration {
        QueueConfiguration(
            shardCount: number(.queueShards), maximumDepth: number(.queueMaximumDepth),
            maximumEventBytes: number(.maximumEventBytes), idempotencySeconds: number(.idempotencySeconds),
            payloadSeconds: number(.payloadSeconds))
    }

    /// What can be sent and queried; nil, and an error, when that cannot be read.
    package mutating func events() -> EventCatalogue? {
        value(.events, "23.7, 26, or a list of names such as issue.created,error.created") {
            EventCatalogue(setting: $0)
        }
    }

    /// Where Redis is; nil, and an error, when that cannot be read.
    package mutating func redis() -> RedisEndpoint? {
        do throws(RedisEndpointError) {
            let endpoint = try RedisEndpoint(parsing: values[.redis].text)
            refuseSecretFlag(.redis, hasSecret: endpoint.password != nil)
            return endpoint
        } catch {
            return refuse(.redis, error.description)
        }
    }

    /// Where the directory is; nil, and an error, when that cannot be read.
    package mutating func directory() -> DirectoryLocation? {
        do throws(DirectoryLocation.ParseError) {
            return try DirectoryLocation(parsing: values[.directory].text)
        } catch {
            return refuse(.directory, error.description)
        }
    }
}
