import Foundation

@testable import FCGIApp

/// Calls `body` with the table of a block that holds `entries`, each `NAME=value`.
func withParameters<Result>(_ entries: [String], _ body: (ParameterTable) throws -> Result) rethrows -> Result {
    var block = entries.map { strdup($0) } + [nil]
    defer { for entry in block { free(entry) } }
    return try body(ParameterTable(block: &block))
}
