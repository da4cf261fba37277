import Foundation

@testable import FCGIApp

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
