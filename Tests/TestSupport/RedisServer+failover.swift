extension RedisServer {
    /// Makes this server the master of what `master` has, and `master` its replica; open connections stay.
    ///
    /// Both have a port.
    package func takeOver(from master: RedisServer) throws {
        guard let port, let masterPort = master.port else { throw TestSupportError("a failover needs ports") }
        for server in [self, master] { try server.command("CONFIG", "SET", "repl-diskless-sync-delay", "0") }
        try command("REPLICAOF", "127.0.0.1", String(masterPort))
        try waitUntil("the replica is in sync") {
            try command("INFO", "replication").contains("master_link_status:up")
        }
        try command("REPLICAOF", "NO", "ONE")
        try master.command("REPLICAOF", "127.0.0.1", String(port))
        try waitUntil("the old master is a replica") { try master.command("ROLE").contains("slave") }
    }
}
