import Model

/// The secret in a CSRF cookie or token of the original (docs/protocol.md 5.4): bare, or behind a mask that changes
/// from page to page.
struct CSRFToken: Undisclosed {
    /// Why a text has no secret.
    enum Problem: Error, Hashable {
        case length
        case characters

        /// As the original's messages end.
        var description: String {
            switch self {
            case .length: "has incorrect length"
            case .characters: "has invalid characters"
            }
        }
    }

    private static let secretLength = 32

    /// `a` to `z`, `A` to `Z`, `0` to `9`.
    private static let alphabet: [UInt8] = Array(97...122) + Array(65...90) + Array(48...57)

    private let secret: [UInt8]

    init(_ text: String) throws(Problem) {
        let bytes = Array(text.utf8)
        let length = CSRFToken.secretLength
        guard bytes.count == length || bytes.count == 2 * length else { throw .length }
        let places = bytes.compactMap(CSRFToken.place)
        guard places.count == bytes.count else { throw .characters }
        guard bytes.count == 2 * length else {
            secret = bytes
            return
        }
        let count = CSRFToken.alphabet.count
        secret = (0..<length).map { CSRFToken.alphabet[(places[length + $0] - places[$0] + count) % count] }
    }

    func isSame(as other: CSRFToken) -> Bool {
        ConstantTime.areEqual(secret, other.secret)
    }

    /// The place of a character in the alphabet.
    private static func place(_ byte: UInt8) -> Int? {
        switch byte {
        case 97...122: Int(byte) - 97
        case 65...90: Int(byte) - 65 + 26
        case 48...57: Int(byte) - 48 + 52
        default: nil
        }
    }
}
