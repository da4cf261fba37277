import Buffer
import Directory
import Redis

/// What kept a step of a disabling or a warning from being done; a later call does it.
enum AutoDisableError: Error, CustomStringConvertible {
    case buffer(RedisError)
    case directory(DirectoryError)
    /// The mail queue takes no more.
    case mailQueueFull(depth: Int, bound: Int)

    var description: String {
        switch self {
        case .buffer(let error): error.description
        case .directory(let error): error.description
        case .mailQueueFull(let depth, let bound): "the mail queue is full: it holds \(depth) of \(bound) mails"
        }
    }

    /// Runs a call of a store.
    static func buffered<Value>(_ call: () throws(RedisError) -> Value) throws(AutoDisableError) -> Value {
        do { return try call() } catch { throw .buffer(error) }
    }

    static func looked<Value>(_ call: () throws(DirectoryError) -> Value) throws(AutoDisableError) -> Value {
        do { return try call() } catch { throw .directory(error) }
    }
}
