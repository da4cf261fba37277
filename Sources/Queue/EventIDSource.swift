/// Where the ids of new events come from, so that tests can say which.
package struct EventIDSource: Sendable {
    /// Another id at each call: 32 lower-case hexadecimal digits.
    package var next: @Sendable () -> String

    package init(next: @escaping @Sendable () -> String) {
        self.next = next
    }

    /// 128 bits from the system's source of randomness: no two events ever share them.
    package static let random = EventIDSource {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}
