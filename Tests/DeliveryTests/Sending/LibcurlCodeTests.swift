import Delivery
import Testing

/// Every result code of libcurl 7.88: whose fault it is.
struct LibcurlCodeTests {
    /// The codes that can end a webhook otherwise than by the sender's fault; all others are the sender's.
    private static let table: [UInt32: SendFailure] = [
        1: .protocol, 3: .invalidURL, 5: .proxy, 6: .dns, 7: .connection, 8: .protocol, 16: .protocol, 18: .connection,
        22: .protocol, 23: .protocol, 28: .timeout, 33: .protocol, 35: .tls, 47: .protocol, 52: .connection,
        55: .connection, 56: .connection, 59: .tls, 60: .tls, 61: .protocol, 63: .protocol, 80: .tls, 83: .tls,
        90: .tls, 91: .tls, 92: .protocol, 95: .protocol, 96: .connection, 97: .proxy, 98: .tls,
    ]

    @Test(arguments: UInt32(1)...98)
    func everyCodeHasItsFault(_ code: UInt32) {
        let progress = TransferProgress(isAnswered: false, hasResponse: false)

        #expect(SendFailure(libcurlCode: code, progress: progress) == LibcurlCodeTests.table[code] ?? .internal)
    }

    /// 27: out of memory, 43: bad argument; 100 is the first that libcurl 7.88 does not have.
    @Test(arguments: UInt32(1)...120)
    func limitsOfLibcurlAreTheReceiversFaultOnceItAnswers(_ code: UInt32) {
        let unanswered = SendFailure(libcurlCode: code, progress: TransferProgress(isAnswered: false))
        let answered = SendFailure(libcurlCode: code, progress: TransferProgress())

        let isLimit = code == 27 || code == 43 || code >= 100
        #expect(answered == (isLimit ? .protocol : unanswered))
        #expect(unanswered == .internal || !isLimit)
    }

    @Test(arguments: [
        ("Recv failure: Connection reset by peer", SendFailure.connection), ("", .connection),
        ("Illegal or missing hexadecimal sequence in chunked-encoding", .protocol),
        ("Too large response headers: 307547 > 307200", .protocol),
        ("OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0", .tls),
        ("OpenSSL SSL_read: error:0A000126:SSL routines::unexpected eof while reading, errno 0", .connection),
        ("OpenSSL SSL_read: Connection reset by peer, errno 104", .connection),
    ])
    func theMessageOfAFailedReadDecides(_ message: String, _ failure: SendFailure) {
        #expect(SendFailure(libcurlCode: 56, progress: TransferProgress(message: message)) == failure)
    }

    /// Code, proxy, whether connected to it, whether a response has begun.
    @Test(arguments: [
        (7, TransferProgress.Proxy.transparent, false, false, SendFailure.proxy),
        (7, .forwarding, false, false, .proxy),
        (28, .openingTunnel, false, false, .proxy), (28, .openingTunnel, true, false, .timeout),
        (28, .forwarding, true, false, .timeout), (56, .openingTunnel, true, false, .proxy),
        (60, .openingTunnel, true, false, .proxy), (8, .openingTunnel, true, false, .proxy),
        (60, .transparent, true, false, .tls), (60, .forwarding, true, false, .proxy),
        (52, .forwarding, true, false, .proxy), (52, .transparent, true, false, .connection),
        (18, .forwarding, true, true, .connection), (8, .forwarding, true, true, .protocol),
        (97, .transparent, true, false, .proxy), (27, .forwarding, true, true, .protocol),
    ])
    func onlyWhatAProxyAloneCanCauseIsTheProxys(
        _ code: UInt32, _ proxy: TransferProgress.Proxy, _ isConnected: Bool, _ hasResponse: Bool,
        _ failure: SendFailure
    ) {
        let progress = TransferProgress(proxy: proxy, isConnected: isConnected, hasResponse: hasResponse)

        #expect(SendFailure(libcurlCode: code, progress: progress) == failure)
    }
}
