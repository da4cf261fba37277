/// A new process that serves in this one's place.
package struct Successor: Hashable, Sendable {
    package let process: Int32
    /// Whether it serves on the socket that was handed over; else this process' socket is nobody's any more.
    package let isSocketTaken: Bool
}
