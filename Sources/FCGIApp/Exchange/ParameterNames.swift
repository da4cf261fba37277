import Glibc

/// Finds a parameter by its name. Each request has two dozen names, many of which are of no interest.
///
/// A table by the names' lengths and one letter of them: of a name that is not known that is nearly always all that is
/// looked at.
final class ParameterNames: Sendable {
    static let known = ParameterNames()

    /// A power of two, several times as many as there are names.
    private static let slotCount = 128
    /// Which letter, counted from the end: no two names of one length have the same here.
    private static let letter = 3
    /// Spreads the lengths so that each name that is known has a slot of its own.
    private static let factor = 7

    private struct Slot {
        var name: StaticString = ""
        var parameter: Parameter?
    }

    private let slots: [Slot]

    private init() {
        var slots = [Slot](repeating: Slot(), count: Self.slotCount)
        for parameter in Parameter.allCases {
            let name = parameter.name
            var index = Self.firstIndex(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            while slots[index].parameter != nil { index = Self.index(after: index) }
            slots[index] = Slot(name: name, parameter: parameter)
        }
        self.slots = slots
    }

    /// The parameter of this name; nil when it is none that Hookline reads.
    func parameter(_ name: UnsafeBufferPointer<UInt8>) -> Parameter? {
        guard name.count >= Self.letter else { return nil }
        var index = Self.firstIndex(name)
        while let parameter = slots[index].parameter {
            if Self.isSame(slots[index].name, name) { return parameter }
            index = Self.index(after: index)
        }
        return nil
    }

    private static func firstIndex(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        (name.count &* factor &+ Int(name[name.count - letter])) & (slotCount - 1)
    }

    private static func index(after index: Int) -> Int {
        (index + 1) & (slotCount - 1)
    }

    private static func isSame(_ known: StaticString, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard known.utf8CodeUnitCount == name.count, let start = name.baseAddress else { return false }
        return memcmp(known.utf8Start, start, name.count) == 0
    }
}
