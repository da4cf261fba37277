import Foundation

/// Makes a real Redis refuse writes, although it can be read.
package enum RefusingRedis {
    /// - Parameter code: of the error reply that writes get from then on.
    package static func prepare(_ redis: RedisServer, _ code: String) throws {
        switch code {
        case "READONLY": try redis.command("REPLICAOF", "127.0.0.1", "1")
        case "NOPERM": try redis.command("ACL", "SETUSER", "default", "-eval")
        case "OOM":
            try redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
            try redis.command("CONFIG", "SET", "maxmemory", "1")
        case "MISCONF":
            // A snapshot that cannot be written, because a folder has its name.
            try FileManager.default.createDirectory(
                atPath: redis.directory.file("dump.rdb"), withIntermediateDirectories: true)
            // Writes are refused only where snapshots are made by themselves.
            try redis.command("CONFIG", "SET", "save", "3600 1000000")
            try redis.command("BGSAVE")
            try waitUntil("the snapshot has failed") {
                try redis.command("INFO", "persistence").contains("rdb_last_bgsave_status:err")
            }
        case "NOREPLICAS": try redis.command("CONFIG", "SET", "min-replicas-to-write", "1")
        default: throw TestSupportError("no way to make Redis say \(code)")
        }
    }
}
