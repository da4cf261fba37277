import CMessageDigest
import CZlib
package import Model
package import Redis

/// What an interaction series counts (docs/protocol.md 3.5).
package enum InteractionKey: Hashable, Sendable {
    /// Views of an app: model 800, the field is the app's id.
    case viewed(appID: Int64)
    /// Interactions with one component type of an app: model 801, the field is the MD5 of `slug:type`.
    case componentInteracted(appSlug: String, componentType: String)
}

/// The size of a series' buckets, in seconds, and the number of buckets kept.
package enum Rollup: Int, CaseIterable, Sendable {
    case tenSeconds = 10
    case hour = 3600
    case day = 86400

    /// From `SENTRY_TSDB_ROLLUPS` (docs/protocol.md 3.5).
    package var sampleCount: Int {
        switch self {
        case .tenSeconds: 360
        case .hour: 168
        case .day: 90
        }
    }
}

/// Counts interactions in Redis as the original's time series store does. One object serves one thread.
package protocol InteractionCounting: AnyObject {
    /// The counts of each key in each bucket: as many arrays as keys, each as long as `bucketStarts`; absent: 0.
    ///
    /// - Parameter bucketStarts: seconds since the epoch, each a multiple of the rollup.
    func counts(of keys: [InteractionKey], rollup: Rollup, bucketStarts: [Int64]) throws(RedisError) -> [[Int64]]

    /// Adds one at `time` in every rollup.
    func increment(_ key: InteractionKey, at time: Timestamp) throws(RedisError)
}

/// Where one series is stored: the hash's field, and the shard of hashes (docs/protocol.md 3.5).
struct InteractionField: Hashable {
    /// The original's model number for the series' kind.
    let model: Int
    let field: String
    /// 0 to 63.
    let shard: Int

    init(_ key: InteractionKey) {
        switch key {
        case .viewed(let appID):
            model = 800
            field = String(appID)
            // Python's remainder: never negative.
            shard = Int(((appID % 64) + 64) % 64)
        case .componentInteracted(let appSlug, let componentType):
            model = 801
            let digest = InteractionField.digest(InteractionField.quoted("\(appSlug):\(componentType)"))
            field = digest
            shard = InteractionField.checksum(digest)
        }
    }

    /// The hash that holds the bucket beginning at `start`, in seconds since the epoch.
    func hashKey(bucketStart start: Int64, rollup: Rollup) -> String {
        "ts:\(model):\(start.floorDivided(by: Int64(rollup.rawValue))):\(shard)"
    }

    /// `repr` of a byte string in Python 2: in single quotes, or in double ones if it has single ones and no double
    /// ones; what is not printable ASCII becomes `\xNN`, or `\t`, `\n`, `\r`.
    static func quoted(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let single = UInt8(ascii: "'")
        let double = UInt8(ascii: "\"")
        let quote = bytes.contains(single) && !bytes.contains(double) ? double : single
        var result = [quote]
        for byte in bytes {
            switch byte {
            case quote, UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
            case 9: result += "\\t".utf8
            case 10: result += "\\n".utf8
            case 13: result += "\\r".utf8
            case 0x20..<0x7F: result.append(byte)
            default: result += "\\x".utf8 + hexadecimal(byte)
            }
        }
        return result + [quote]
    }

    private static func hexadecimal(_ byte: UInt8) -> [UInt8] {
        [byte >> 4, byte & 15].map { $0 < 10 ? 48 + $0 : 87 + $0 }
    }

    /// MD5 as 32 lower-case hexadecimal digits.
    private static func digest(_ bytes: [UInt8]) -> String {
        var context = MD5_CTX()
        MD5Init(&context)
        MD5Update(&context, bytes, bytes.count)
        var digest = [UInt8](repeating: 0, count: Int(MD5_DIGEST_LENGTH))
        MD5Final(&digest, &context)
        return String(decoding: digest.flatMap(hexadecimal), as: UTF8.self)
    }

    /// CRC-32 modulo 64. The original takes the remainder of a signed number, which for a power of two is the same.
    private static func checksum(_ text: String) -> Int {
        let bytes = Array(text.utf8)
        return Int(crc32(0, bytes, UInt32(bytes.count)) & 63)
    }
}

extension Int64 {
    /// The quotient rounded towards minus infinity; `divisor` is positive.
    func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
