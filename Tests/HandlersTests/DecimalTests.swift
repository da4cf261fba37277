import Testing

@testable import Handlers

@Suite("Decimal numbers in an answer")
struct DecimalTests {
    @Test("are written as Swift writes them", arguments: [0, 7, -1, 10, 304, -90, .max, .min] as [Int64])
    func numbers(number: Int64) {
        var bytes: [UInt8] = [120]
        bytes.append(decimal: number)

        #expect(String(decoding: bytes, as: UTF8.self) == "x\(number)")
    }
}
