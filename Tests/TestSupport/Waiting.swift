import Foundation

/// Waits until `condition` holds, asking every few milliseconds; throws when `seconds` have passed without it.
package func waitUntil(
    _ what: String, seconds: Double = 10, _ condition: () throws -> Bool
) throws {
    let deadline = Date().addingTimeInterval(seconds)
    while try !condition() {
        guard Date() < deadline else { throw TestSupportError("waited \(seconds) s in vain: \(what)") }
        usleep(5000)
    }
}
