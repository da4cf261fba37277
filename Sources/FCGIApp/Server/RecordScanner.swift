/// Follows the records of one FastCGI request, in pieces of any size: how far it has arrived. Pure.
///
/// Only what a web server sends is a request: its beginning, its parameters and its input, each stream ended by an
/// empty record. Records of other requests on the connection are skipped, as libfcgi does. Everything else is
/// malformed: management records too, which no web server sends.
struct RecordScanner: Sendable {
    enum State {
        case beginning
        case parameters
        /// The parameters are complete.
        case input
        /// All of the request has arrived.
        case whole
        case malformed
    }

    /// Bytes of a record's header.
    private static let headerBytes = 8
    private static let version: UInt64 = 1

    /// Types of records (FastCGI specification 8).
    private enum RecordType {
        static let begin: UInt64 = 1
        static let parameters: UInt64 = 4
        static let input: UInt64 = 5
    }

    private(set) var state = State.beginning
    private var requestID: UInt64 = 0
    /// What is still to come of the record's content, and of its padding.
    private var content = 0
    private var padding = 0
    private var isInputContent = false
    /// Whether the record is the last; the request is whole once its padding has arrived.
    private var isLast = false
    /// The bytes of a header that are there, and their number.
    private var header: UInt64 = 0
    private var headerCount = 0

    /// A request that has arrived as a whole.
    struct WholeRequest: Equatable {
        /// The length of its input.
        var bodyBytes: Int
        /// The length of its records.
        var byteCount: Int
    }

    /// The request that is at the beginning of `bytes` as a whole; others may follow it. Nil where it is not, or has
    /// records that only a scanner follows: also those whose padding libfcgi does not skip, that of the beginning and
    /// of the empty ones. Without state: nearly every request is looked at once.
    @inline(__always)
    static func wholeRequest(in bytes: UnsafeRawBufferPointer) -> WholeRequest? {
        guard bytes.count >= 2 * headerBytes, let start = bytes.baseAddress else { return nil }
        func header(at position: Int) -> UInt64 {
            UInt64(bigEndian: start.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        }
        let beginning = header(at: 0)
        let id = beginning >> 32 & 0xFFFF
        guard beginning >> 48 == version << 8 | RecordType.begin, id != 0, beginning >> 8 & 0xFF_FFFF == 8 << 8 else {
            return nil
        }
        var position = 2 * headerBytes
        var type = RecordType.parameters
        var inputBytes = 0
        while position <= bytes.count - headerBytes {
            let record = header(at: position)
            guard record >> 32 == version << 24 | type << 16 | id else { return nil }
            let content = Int(record >> 16 & 0xFFFF)
            let padding = Int(record >> 8 & 0xFF)
            position += headerBytes + content + padding
            guard content > 0 || padding == 0 else { return nil }
            if type == RecordType.input {
                if content == 0 { return WholeRequest(bodyBytes: inputBytes, byteCount: position) }
                inputBytes += content
            } else if content == 0 {
                type = RecordType.input
            }
        }
        return nil
    }

    /// Follows the next bytes, up to the end of `bytes`, of the parameters or of the request.
    ///
    /// - Parameter input: gets the pieces of the request's input.
    /// - Returns: how many bytes belong to it.
    mutating func consume(_ bytes: UnsafeRawBufferPointer, input: (UnsafeRawBufferPointer) -> Void = { _ in }) -> Int {
        let first = state
        var position = 0
        while position < bytes.count, state == first || state == .parameters {
            if content > 0 {
                let end = position + min(content, bytes.count - position)
                if isInputContent { input(UnsafeRawBufferPointer(rebasing: bytes[position..<end])) }
                content -= end - position
                position = end
            } else if padding > 0 {
                let count = min(padding, bytes.count - position)
                padding -= count
                position += count
                if padding == 0, isLast { state = .whole }
            } else if headerCount == 0, bytes.count - position >= Self.headerBytes {
                read(UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
                position += Self.headerBytes
            } else {
                header = header << 8 | UInt64(bytes[position])
                headerCount += 1
                position += 1
                guard headerCount == Self.headerBytes else { continue }
                headerCount = 0
                read(header)
            }
        }
        return position
    }

    /// Begins a record: version, type, id, content length, padding length, in network byte order.
    private mutating func read(_ header: UInt64) {
        let type = header >> 48 & 0xFF
        let id = header >> 32 & 0xFFFF
        content = Int(header >> 16 & 0xFFFF)
        padding = Int(header >> 8 & 0xFF)
        isInputContent = false
        guard header >> 56 == Self.version, id != 0 else { return state = .malformed }
        switch state {
        case .beginning:
            guard type == RecordType.begin, content == 8 else { return state = .malformed }
            requestID = id
            state = .parameters
        case .parameters where id == requestID:
            guard type == RecordType.parameters else { return state = .malformed }
            if content == 0 { state = .input }
        case .input where id == requestID:
            guard type == RecordType.input else { return state = .malformed }
            isLast = content == 0
            if isLast, padding == 0 { state = .whole }
            isInputContent = true
        // libfcgi would respond to the beginning of another request.
        case .parameters, .input: if type == RecordType.begin { state = .malformed }
        case .whole, .malformed: break
        }
    }
}
