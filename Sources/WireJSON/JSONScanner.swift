/// A streaming JSON validator (RFC 8259) that finds the byte ranges of selected members of the outermost object.
///
/// It builds no objects: its results are byte ranges, counted from the first byte consumed. Input can be split at any
/// byte. Deviations from the RFC follow the original's Python: a `\u` escape may be half of a surrogate pair; with
/// `acceptsNonFinite`, `NaN`, `Infinity` and `-Infinity` are numbers. Bytes that are not UTF-8 are an error.
package struct JSONScanner: Sendable {
    /// Limits and extensions.
    package struct Options: Hashable, Sendable {
        /// The maximum nesting of arrays and objects, at most 64.
        package var maximumDepth: Int
        package var acceptsNonFinite: Bool
        /// Whether of repeated members with the first of the names the first one counts.
        package var keepsFirst: Bool

        package init(maximumDepth: Int = 64, acceptsNonFinite: Bool = false, keepsFirst: Bool = false) {
            precondition((1...64).contains(maximumDepth), "the nesting is stored in 64 bits")
            self.maximumDepth = maximumDepth
            self.acceptsNonFinite = acceptsNonFinite
            self.keepsFirst = keepsFirst
        }
    }

    /// The state of the automaton between two bytes.
    enum State {
        case value, firstElement, firstKey, nextKey, colon, afterValue
        case string, escape, hexadecimal, continuation
        case minus, zero, integer, point, fraction, exponent, exponentSign, exponentDigits
        case literal
        case failed
    }

    let options: Options
    let names: JSONMemberNames
    var state = State.value
    /// Bytes consumed so far, plus the offset of `reset`.
    var offset = 0
    /// Open arrays and objects; bit n of `objects` says that the one at depth n + 1 is an object.
    var depth = 0
    var objects: UInt64 = 0
    /// Whether the string being read is a member's name.
    var isKey = false
    /// The name being read in the outermost object.
    var key = JSONMemberNames.Packed()
    /// The index of the selected member whose value is being read; -1 = none.
    var slot = -1
    var valueStart = 0
    /// The index of the selected member that is likely to come next: writers keep an order.
    var expectedMember = 0
    /// The remaining digits of a `\u` escape, or bytes of a UTF-8 sequence.
    var pending = 0
    var hexadecimalValue: UInt32 = 0
    var continuationRange: ClosedRange<UInt8> = 0x80...0xBF
    /// The remaining bytes of a literal, next byte lowest.
    var remainingLiteral: UInt64 = 0

    /// The byte range of each selected member's value, by the index of its name; empty = absent. The last of repeated
    /// names counts, as in Python, unless the options say otherwise.
    package internal(set) var fragments: [Range<Int>]
    /// Whether the input is an object.
    package internal(set) var isObject = false

    /// - Parameter names: the selected members of the outermost object.
    package init(names: JSONMemberNames = JSONMemberNames([]), options: Options = Options()) {
        self.names = names
        self.options = options
        fragments = Array(repeating: 0..<0, count: names.count)
    }

    /// Whether the bytes so far are not the beginning of a JSON text.
    package var hasFailed: Bool { state == .failed }

    /// Prepares for another input.
    ///
    /// - Parameter offset: the position of the input's first byte in `fragments`.
    package mutating func reset(offset: Int = 0) {
        state = .value
        self.offset = offset
        depth = 0
        slot = -1
        expectedMember = 0
        isKey = false
        isObject = false
        for index in fragments.indices { fragments[index] = 0..<0 }
    }

    /// Reads the next bytes of the input.
    package mutating func consume(_ bytes: Span<UInt8>) {
        var index = 0
        while index < bytes.count {
            switch state {
            case .string: index = consumeString(bytes, from: index)
            case .failed: return
            case .firstKey, .nextKey:
                let next = consumeMembers(bytes, from: index)
                if next == index { fallthrough }
                index = next
            default:
                step(bytes[index], at: offset + index)
                index += 1
            }
        }
        offset += bytes.count
    }

    /// Ends the input and returns whether it was one JSON value.
    package mutating func finish() -> Bool {
        switch state {
        case .zero, .integer, .fraction, .exponentDigits: endValue(at: offset)
        default: break
        }
        return state == .afterValue && depth == 0
    }

    mutating func fail() {
        state = .failed
    }

    /// Ends the value that began at `valueStart`; stores its range if it is a selected member.
    mutating func endValue(at end: Int) {
        if depth == 1, slot >= 0 {
            fragments[slot] = valueStart..<end
            slot = -1
        }
        state = .afterValue
    }
}
