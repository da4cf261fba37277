import Testing

@testable import Handlers

/// Numbers in queries, in the syntax of Python's `int()` and `float()`.
@Suite struct PythonNumberTests {
    @Test(arguments: [
        ("0", 0), ("42", 42), (" 42\t", 42), ("+42", 42), ("-42", -42), ("007", 7), ("1_000", 1000), ("0_1", 1),
        ("٣٠٠", 300), ("९", 9), ("9223372036854775807", .max), ("-9223372036854775808", .min), ("\u{1C}1\u{2003}", 1),
    ])
    func integers(_ text: String, _ expected: Int) {
        #expect(PythonNumber.int(text) == expected)
    }

    @Test(arguments: [
        "", " ", "+", "-", "1.0", "1e3", "0x10", "_1", "1_", "1__0", "1 0", "--1", "+-1", "½", "²", "一", "1\u{0}",
        "9223372036854775808", "inf",
    ])
    func notIntegers(_ text: String) {
        #expect(PythonNumber.int(text) == nil)
    }

    @Test(arguments: [
        ("0", 0.0), ("1.5", 1.5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("1E+3", 1000), ("1e-1", 0.1),
        (" -1_0.2_5 ", -10.25), ("٣.٥", 3.5), ("inf", .infinity), ("-Infinity", -.infinity), ("1e400", .infinity),
        ("1e-400", 0), ("1_0e1_0", 1e11),
    ])
    func floats(_ text: String, _ expected: Double) {
        #expect(PythonNumber.float(text) == expected)
    }

    @Test(arguments: [
        "", ".", "e3", "1e", "1e+", "1_.5", "1._5", "1_e3", "0x10", "1.2.3", "infin", "nan(1)", "1,5", "+-1", "1 2",
        "1f",
    ])
    func notFloats(_ text: String) {
        #expect(PythonNumber.float(text) == nil)
    }

    @Test(arguments: ["nan", "NaN", "+nan"])
    func notANumberIsAFloat(_ text: String) {
        #expect(PythonNumber.float(text)?.isNaN == true)
    }
}
