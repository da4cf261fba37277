import TestSupport
import Testing

@testable import WireJSON

/// Members that are read whole and members that are read byte by byte must come to the same.
/// The scanner does not depend on how a text is cut.
@Suite
struct JSONScannerPieceTests {
    private static let names = JSONMemberNames(["date", "response_code", "sixteen_letters_", "x"])

    private static let texts = [
        #"{"date":"2026-11-21 03:43:50.817768+00:00","response_code":200,"x":"\"a\\b\/\n","sixteen_letters_":0}"#,
        #"{"date": "d", "response_code": 503, "x": {"date":"inner","y":{"x":1},"z":[1,{"x":2}]}, "other":"\u00e9"}"#,
        #"{"x":-1,"x":0.5,"x":1e3,"x":12,"response_code":true,"seventeen_letters":"…","d\u0061te":"late"}"#,
        #"{"x":{},"date":{"a":"b"},"response_code":[],"x":"","":"","a":{"b":{"c":"d"}}}"#,
    ]

    @Test(arguments: texts)
    func cutInTwoAnywhere(text: String) {
        let bytes = Array(text.utf8)
        let whole = Self.scan([bytes[...]])
        #expect(whole.isAccepted)

        for cut in bytes.indices {
            #expect(Self.scan([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)")
        }
    }

    @Test(arguments: 0..<UInt64(40))
    func damagedAtRandom(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array(#"{}[]",:\0159.-eutfn ax"#.utf8) + [0x00, 0x1F, 0x80, 0xC3, 0xA9]

        for _ in 0..<200 {
            var bytes = Array(try #require(Self.texts.randomElement(using: &random)).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                let byte = try #require(alphabet.randomElement(using: &random))
                if Bool.random(using: &random) { bytes[index] = byte } else { bytes.insert(byte, at: index) }
            }
            let pieces = bytes.indices.map { bytes[$0...$0] }
            #expect(Self.scan([bytes[...]]) == Self.scan(pieces), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    private struct Outcome: Equatable {
        var isAccepted: Bool
        /// Only what an accepted text has means anything.
        var fragments: [Range<Int>]?
    }

    private static func scan(_ pieces: [ArraySlice<UInt8>]) -> Outcome {
        var scanner = JSONScanner(names: names)
        for piece in pieces { scanner.consume(Array(piece).span) }
        let isAccepted = scanner.finish()
        return Outcome(isAccepted: isAccepted, fragments: isAccepted ? scanner.fragments : nil)
    }
}

/// The same numbers for the same seed.
