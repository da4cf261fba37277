/// A sum that saturates instead of overflowing.
package func saturatingSum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflows) = left.addingReportingOverflow(right)
    guard overflows else { return sum }
    return left < 0 ? .min : .max
}
