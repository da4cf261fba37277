import Foundation

/// Whether two values made by `JSONSerialization` are the same JSON: `true` is not `1`, the order of keys is free.
package func isSameJSON(_ left: Any?, _ right: Any?) -> Bool {
    switch (left, right) {
    case (nil, nil): return true
    case (let left as [String: Any], let right as [String: Any]):
        return left.count == right.count && left.allSatisfy { isSameJSON($0.value, right[$0.key]) }
    case (let left as [Any], let right as [Any]):
        return left.count == right.count && zip(left, right).allSatisfy { isSameJSON($0, $1) }
    case (let left as NSNumber, let right as NSNumber):
        return isBoolean(left) == isBoolean(right) && left == right
    case (let left as String, let right as String): return left == right
    case (is NSNull, is NSNull): return true
    default: return false
    }
}

private func isBoolean(_ number: NSNumber) -> Bool {
    String(cString: number.objCType) == "c"
}

/// A value of `JSONSerialization` as one line with sorted keys, for messages.
package func jsonDescription(_ value: Any?) -> String {
    guard let value else { return "(no JSON)" }
    let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed])
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
}
