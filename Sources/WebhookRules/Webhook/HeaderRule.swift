import Model

/// Which headers a webhook can carry.
package enum HeaderRule {
    /// Headers that belong to the connection or to the framing of the message: they are the sender's alone, and whoever
    /// lets users define headers must drop these.
    package static func isReserved(headerName name: String) -> Bool {
        reservedNames.contains { reserved in
            name.utf8.count == reserved.utf8CodeUnitCount
                && reserved.withUTF8Buffer { name.utf8.elementsEqual($0) { lowercased($0) == $1 } }
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static let reservedNames: [StaticString] = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// Whether a header can be sent as it is: a token as its name, no line break or other control character inside.
    package static func isSendable(name: String, value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(SentryApp.CustomHeader.isTokenByte) && !isReserved(headerName: name)
            && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}
