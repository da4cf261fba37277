import Testing

@testable import Handlers

/// Appending byte strings to a buffer of limited capacity.
@Suite
struct ByteCursorTests {
    @Test func bytesOfEveryLengthAreCopiedCompletelyAndNothingElseIsChanged() {
        let text = (0..<300).map { UInt8(truncatingIfNeeded: $0) }

        for length in 0...140 {
            for start in [0, 1, 7, 160] {
                var output: [UInt8] = [1, 2, 3]
                output.append(addingUpTo: length + 4) { cursor in
                    cursor.append("<")
                    cursor.append(text.span, from: start, to: start + length)
                    cursor.append(">>")
                }

                #expect(output == [1, 2, 3, 60] + text[start..<start + length] + [62, 62], "\(length) bytes")
            }
        }
    }

    @Test func bytesMayFillTheBufferToItsLastByte() {
        let text: [UInt8] = Array(repeating: 7, count: 80)

        for length in 0...80 {
            var output: [UInt8] = []
            output.append(addingUpTo: length) { $0.append(text.span, from: 80 - length, to: 80) }

            #expect(output == text.suffix(length))
        }
    }
}

/// Decimal numbers.
@Suite
struct DecimalTests {
    @Test(arguments: [0, 7, -1, 10, 304, -90, .max, .min] as [Int64])
    func decimalNumbersAreFormattedAsSwiftFormatsThem(number: Int64) {
        var bytes: [UInt8] = [120]
        bytes.append(decimal: number)

        #expect(String(decoding: bytes, as: UTF8.self) == "x\(number)")
    }
}
