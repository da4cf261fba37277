import Foundation
import Handlers
import ProgramSupport

@testable import ResponderSupport

extension RequestRecord {
    /// A request of `ann` for `/a` that took twelve milliseconds and some.
    static func sample(
        method: String = "GET", path: String = "/a", response: Response? = nil, isSent: Bool = true
    ) -> RequestRecord {
        var phases = RequestPhases()
        phases.parameters = 45
        phases.redis = 12_000
        phases.write = 5
        return RequestRecord(
            request: Request(
                method: method, path: .encoded(path), query: "token=secret", body: [1, 2],
                authorization: "Bearer secret", referer: "secret"),
            response: response ?? Response(status: 200, headers: [("X", "secret")], body: [1, 2, 3], identity: "ann"),
            isSent: isSent, phases: phases, requestID: "r-1", remoteAddress: "192.0.2.7")
    }
}

/// Calls `body` with the table of a block that holds `entries`, each `NAME=value`.
func withParameters<Result>(_ entries: [String], _ body: (ParameterTable) throws -> Result) rethrows -> Result {
    try withParameters(entries.map { Array($0.utf8) }, body)
}

/// The same with bytes that need not be text.
func withParameters<Result>(_ entries: [[UInt8]], _ body: (ParameterTable) throws -> Result) rethrows -> Result {
    var block = entries.map { entry in strdup((entry + [0]).map { CChar(bitPattern: $0) }) } + [nil]
    defer { for entry in block { free(entry) } }
    return try body(ParameterTable(block: &block))
}
