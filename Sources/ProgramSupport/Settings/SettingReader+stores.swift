import Buffer
import Directory
import Model

extension SettingReader {
    /// Redis, the directory and the queue; nil, and at least one error, when something is wrong with the addresses.
    package mutating func stores() -> StoreConfiguration? {
        let (redis, directory) = (redis(), directory())
        let events = value(.events, "23.7, 26, or a list of names such as issue.created,error.created") {
            EventCatalogue(setting: $0)
        }
        let connect = number(.redisConnectMilliseconds, in: 1...60_000)
        let command = number(.redisCommandMilliseconds, in: 1...60_000)
        let queue = QueueConfiguration(
            shardCount: number(.queueShards, in: 1...256),
            maximumDepth: number(.queueMaximumDepth, in: 1...10_000_000),
            maximumEventBytes: number(.maximumEventBytes, in: 1024...786_432),
            idempotencySeconds: number(.idempotencySeconds, in: 1...2_592_000),
            payloadSeconds: number(.payloadSeconds, in: 0...2_592_000))
        guard let redis, let directory, let events else { return nil }
        return StoreConfiguration(
            redis: redis, redisConnectMilliseconds: connect, redisCommandMilliseconds: command, directory: directory,
            events: events, queue: queue)
    }

    private mutating func redis() -> RedisEndpoint? {
        do throws(RedisEndpointError) {
            let endpoint = try RedisEndpoint(parsing: values[.redis].text)
            refuseSecretFlag(.redis, hasSecret: endpoint.password != nil)
            return endpoint
        } catch {
            return refuse(.redis, error.description)
        }
    }

    private mutating func directory() -> DirectoryLocation? {
        do throws(DirectoryLocation.ParseError) {
            return try DirectoryLocation(parsing: values[.directory].text)
        } catch {
            return refuse(.directory, error.description)
        }
    }
}
