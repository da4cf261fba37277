extension JSONScanner {
    /// Reads one byte that is not a plain character of a string.
    mutating func step(_ byte: UInt8, at position: Int) {
        switch state {
        case .value, .firstElement: beginValue(byte, at: position)
        case .firstKey, .nextKey: beginKey(byte, at: position)
        case .colon:
            if byte == UInt8(ascii: ":") { state = .value } else if !isSpace(byte) { fail() }
        case .afterValue: continueContainer(byte, at: position)
        case .escape: readEscape(byte)
        case .hexadecimal: readHexadecimal(byte)
        case .continuation: readContinuation(byte)
        case .literal: readLiteral(byte, at: position)
        case .minus, .zero, .integer, .point, .fraction, .exponent, .exponentSign, .exponentDigits:
            readNumber(byte, at: position)
        case .string, .failed: break
        }
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    private mutating func beginValue(_ byte: UInt8, at position: Int) {
        if isSpace(byte) { return }
        if byte == UInt8(ascii: "]"), state == .firstElement {
            closeContainer(at: position)
            return
        }
        if depth == 1 { valueStart = position }
        switch byte {
        case UInt8(ascii: "\""):
            isKey = false
            state = .string
        case UInt8(ascii: "{"): openContainer(isObject: true)
        case UInt8(ascii: "["): openContainer(isObject: false)
        case UInt8(ascii: "-"): state = .minus
        case UInt8(ascii: "0"): state = .zero
        case UInt8(ascii: "1")...UInt8(ascii: "9"): state = .integer
        case UInt8(ascii: "t"): beginLiteral("rue")
        case UInt8(ascii: "f"): beginLiteral("alse")
        case UInt8(ascii: "n"): beginLiteral("ull")
        case UInt8(ascii: "N") where options.acceptsNonFinite: beginLiteral("aN")
        case UInt8(ascii: "I") where options.acceptsNonFinite: beginLiteral("nfinity")
        default: fail()
        }
    }

    private mutating func openContainer(isObject: Bool) {
        guard depth < options.maximumDepth else { return fail() }
        if depth == 0 { self.isObject = isObject }
        let bit: UInt64 = 1 << UInt64(depth)
        objects = isObject ? objects | bit : objects & ~bit
        depth += 1
        state = isObject ? .firstKey : .firstElement
    }

    private var isInObject: Bool {
        depth > 0 && objects & (1 << UInt64(depth - 1)) != 0
    }

    mutating func closeContainer(at position: Int) {
        depth -= 1
        endValue(at: position + 1)
    }

    private mutating func beginKey(_ byte: UInt8, at position: Int) {
        if byte == UInt8(ascii: "\"") {
            isKey = true
            key = JSONMemberNames.Packed()
            state = .string
        } else if byte == UInt8(ascii: "}"), state == .firstKey {
            closeContainer(at: position)
        } else if !isSpace(byte) {
            fail()
        }
    }

    private mutating func continueContainer(_ byte: UInt8, at position: Int) {
        if isSpace(byte) { return }
        switch byte {
        case UInt8(ascii: ",") where depth > 0: state = isInObject ? .nextKey : .value
        case UInt8(ascii: "}") where isInObject: closeContainer(at: position)
        case UInt8(ascii: "]") where depth > 0 && !isInObject: closeContainer(at: position)
        default: fail()
        }
    }

    private mutating func beginLiteral(_ remaining: StaticString) {
        remainingLiteral = remaining.withUTF8Buffer { bytes in
            bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        state = .literal
    }

    private mutating func readLiteral(_ byte: UInt8, at position: Int) {
        guard UInt64(byte) == remainingLiteral & 0xFF else { return fail() }
        remainingLiteral >>= 8
        if remainingLiteral == 0 { endValue(at: position + 1) }
    }

    private mutating func readNumber(_ byte: UInt8, at position: Int) {
        switch (state, byte) {
        case (.minus, UInt8(ascii: "0")): state = .zero
        case (.minus, UInt8(ascii: "1")...UInt8(ascii: "9")): state = .integer
        case (.minus, UInt8(ascii: "I")) where options.acceptsNonFinite: beginLiteral("nfinity")
        case (.integer, _) where isDigit(byte): break
        case (.zero, UInt8(ascii: ".")), (.integer, UInt8(ascii: ".")): state = .point
        case (.point, _) where isDigit(byte): state = .fraction
        case (.fraction, _) where isDigit(byte): break
        case (.zero, UInt8(ascii: "e")), (.integer, UInt8(ascii: "e")), (.fraction, UInt8(ascii: "e")),
            (.zero, UInt8(ascii: "E")), (.integer, UInt8(ascii: "E")), (.fraction, UInt8(ascii: "E")):
            state = .exponent
        case (.exponent, UInt8(ascii: "+")), (.exponent, UInt8(ascii: "-")): state = .exponentSign
        case (.exponent, _) where isDigit(byte): state = .exponentDigits
        case (.exponentSign, _) where isDigit(byte): state = .exponentDigits
        case (.exponentDigits, _) where isDigit(byte): break
        case (.zero, _), (.integer, _), (.fraction, _), (.exponentDigits, _):
            endValue(at: position)
            continueContainer(byte, at: position)
        default: fail()
        }
    }
}
