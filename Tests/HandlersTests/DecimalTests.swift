import Testing

@testable import Handlers

/// Decimal numbers in an answer.
@Suite
struct DecimalTests {
    @Test(arguments: [0, 7, -1, 10, 304, -90, .max, .min] as [Int64])
    func areWrittenAsSwiftWritesThem(number: Int64) {
        var bytes: [UInt8] = [120]
        bytes.append(decimal: number)

        #expect(String(decoding: bytes, as: UTF8.self) == "x\(number)")
    }
}
