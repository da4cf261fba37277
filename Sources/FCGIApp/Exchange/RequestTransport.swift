import ProgramSupport
import System

/// One request and its answer on a transport: parameters in, body in, bytes out.
protocol RequestTransport {
    var parameters: ParameterTable { get }
    /// When the request's first byte was there.
    var arrival: MonotonicTime { get }

    /// Reads the request's body.
    ///
    /// - Parameter count: as many bytes as were announced.
    func readBody(count: Int) throws(RequestRefusal) -> [UInt8]

    /// Sends the whole answer, which nobody needs to put into one piece; whether the peer took it.
    func send(_ head: [UInt8], body: [UInt8]) -> Bool
}
