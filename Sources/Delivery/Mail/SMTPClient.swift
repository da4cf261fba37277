import CCurl
import Glibc
import Model
import System

/// Sends mails to a mail server, each over its own connection.
package struct SMTPClient: Sendable {
    package let settings: SMTPSettings

    package init(settings: SMTPSettings) {
        self.settings = settings
    }

    /// Sends a mail; returns when the server has accepted it. Blocks up to the timeout.
    ///
    /// After a lost connection or a timeout the server may have accepted it nevertheless: sent again, it has the same
    /// `Message-ID`.
    package func send(_ message: MailMessage) throws(MailError) {
        guard let handle = curl_easy_init() else {
            throw .unreachable(server: server, reason: "out of memory")
        }
        defer { curl_easy_cleanup(handle) }
        let recipients = curl_slist_append(nil, "<\(message.to.address)>")
        defer { curl_slist_free_all(recipients) }
        setConnectionOptions(handle)
        _ = hl_curl_set_string(handle, CURLOPT_MAIL_FROM, "<\(message.from.address)>")
        _ = hl_curl_set_pointer(handle, CURLOPT_MAIL_RCPT, recipients)
        let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        defer { errorText.deallocate() }
        _ = hl_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        let replies = SMTPReplies()
        let upload = Upload(message.bytes)
        let code = perform(handle, uploading: upload, replies: replies)
        let subject = subject(String(cString: errorText), isUploaded: upload.hasBegun)
        if let error = error(code, handle, replies, subject) { throw error }
    }

    private func setConnectionOptions(_ handle: UnsafeMutableRawPointer) {
        let scheme = settings.encryption == .implicit ? "smtps" : "smtp"
        _ = hl_curl_set_string(handle, CURLOPT_URL, "\(scheme)://\(server)/\(settings.clientName)")
        _ = hl_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        _ = hl_curl_set_string(handle, CURLOPT_PROXY, "")
        _ = hl_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = hl_curl_set_long(handle, CURLOPT_QUICK_EXIT, 1)
        _ = hl_curl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, settings.timeout.milliseconds))
        _ = hl_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        let level =
            switch settings.encryption {
            case .off: CURLUSESSL_NONE
            case .optional: CURLUSESSL_TRY
            case .required, .implicit: CURLUSESSL_ALL
            }
        _ = hl_curl_set_long(handle, CURLOPT_USE_SSL, Int(level.rawValue))
        if let file = settings.extraAuthorities { _ = hl_curl_set_string(handle, CURLOPT_CAINFO, file) }
        if let login = settings.login {
            _ = hl_curl_set_string(handle, CURLOPT_USERNAME, login.user)
            _ = hl_curl_set_string(handle, CURLOPT_PASSWORD, login.password.exposed)
        }
    }

    private func perform(
        _ handle: UnsafeMutableRawPointer, uploading upload: Upload, replies: SMTPReplies
    ) -> CURLcode {
        // The reply to QUIT arrives when `replies` has been freed.
        defer { _ = hl_curl_set_pointer(handle, CURLOPT_HEADERDATA, nil) }
        _ = hl_curl_set_pointer(handle, CURLOPT_HEADERDATA, Unmanaged.passUnretained(replies).toOpaque())
        _ = hl_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { line, size, count, context in
            if let line, let context {
                let replies = Unmanaged<SMTPReplies>.fromOpaque(context).takeUnretainedValue()
                replies.append(line: UnsafeRawBufferPointer(start: line, count: size * count))
            }
            return size * count
        }
        _ = hl_curl_set_long(handle, CURLOPT_UPLOAD, 1)
        _ = hl_curl_set_long(handle, CURLOPT_INFILESIZE, upload.count)
        _ = hl_curl_set_pointer(handle, CURLOPT_READDATA, Unmanaged.passUnretained(upload).toOpaque())
        _ = hl_curl_set_write(handle, CURLOPT_READFUNCTION) { buffer, size, count, context in
            guard let buffer, let context else { return Int(CURL_READFUNC_ABORT) }
            let upload = Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue()
            return upload.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        }
        return withExtendedLifetime((upload, replies)) { BrokenPipeSignal.blocked { curl_easy_perform(handle) } }
    }

    private var server: String {
        let isSix = settings.host.contains(":")
        return isSix ? "[\(settings.host)]:\(settings.port)" : "\(settings.host):\(settings.port)"
    }

    /// What a refusal is about: libcurl's message names the command after the greeting and EHLO that was refused.
    private func subject(_ message: String, isUploaded: Bool) -> MailError.Subject {
        if isUploaded || message.hasPrefix("DATA failed") { return .message }
        return message.hasPrefix("RCPT failed") ? .recipient : .sender
    }

    private func error(
        _ code: CURLcode, _ handle: UnsafeMutableRawPointer, _ replies: SMTPReplies, _ subject: MailError.Subject
    ) -> MailError? {
        if code == CURLE_OK { return nil }
        let reason = String(cString: curl_easy_strerror(code))
        var reply = 0
        _ = hl_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &reply)
        switch code {
        case CURLE_OPERATION_TIMEDOUT: return .timedOut(server: server, milliseconds: settings.timeout.milliseconds)
        case CURLE_LOGIN_DENIED: return .loginRefused(server: server)
        case CURLE_USE_SSL_FAILED, CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
            return .tls(server: server, reason: reason)
        default:
            return (400..<600).contains(reply)
                ? .refused(subject, server: server, code: reply, reply: replies.message(code: reply))
                : .unreachable(server: server, reason: reason)
        }
    }
}

/// The bytes of a mail, and how many of them have been sent.
private final class Upload {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var count: Int { bytes.count }
    var hasBegun: Bool { position > 0 }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let part = bytes[position...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        position += part.count
        return part.count
    }
}

/// The replies of a mail server (RFC 5321, 4.2): a reply is one or more lines with the same code.
final class SMTPReplies {
    /// Limit of one reply's message in bytes; the remainder is dropped.
    static let messageLimit = 300
    /// Limit of stored replies: those to the commands of one mail.
    private static let countLimit = 16

    private var replies: [(code: Int, message: [UInt8])] = []
    private var isInside = false

    /// Appends a line, which ends with a line break; an invalid line is ignored.
    func append(line: some Sequence<UInt8>) {
        let line = Array(line)
        guard line.count >= 3, let code = Int(String(decoding: line.prefix(3), as: UTF8.self)) else { return }
        if !isInside {
            if replies.count == Self.countLimit { replies.removeFirst() }
            replies.append((code, []))
        }
        isInside = line.count > 3 && line[3] == UInt8(ascii: "-")
        let text = line.dropFirst(4).filter { $0 != 13 && $0 != 10 }
        let last = replies.count - 1
        let separator = replies[last].message.isEmpty ? [] : [UInt8(ascii: " ")]
        replies[last].message = Array((replies[last].message + separator + text).prefix(Self.messageLimit))
    }

    /// The message of the last reply with this code, in one line.
    func message(code: Int) -> String {
        let message = replies.last { $0.code == code }?.message ?? []
        return String(decoding: message.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}

/// SIGPIPE, which a write to a closed connection raises in the writing thread, and which ends the program.
enum BrokenPipeSignal {
    /// Runs `work` with the signal blocked in this thread; a signal that was raised meanwhile is discarded.
    static func blocked<Result>(_ work: () -> Result) -> Result {
        var pipe = sigset_t()
        var before = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let result = work()
        if sigismember(&before, SIGPIPE) == 0 {
            var none = timespec()
            while sigtimedwait(&pipe, nil, &none) > 0 {}
        }
        return result
    }
}
