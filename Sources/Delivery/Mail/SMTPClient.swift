import CCurl
import Model
import System

/// Hands mails to a mail server, each over a connection of its own.
package struct SMTPClient: Sendable {
    package let settings: SMTPSettings

    package init(settings: SMTPSettings) {
        self.settings = settings
    }

    /// Hands over a mail; returns when the server has taken responsibility for it. Blocks up to the time-out.
    ///
    /// After a lost connection or a time-out the server may have it all the same: sent again, it keeps its `Message-ID`.
    package func send(_ message: MailMessage) throws(MailError) {
        guard let handle = curl_easy_init() else {
            throw .unreachable(server: server, reason: "no memory for a connection")
        }
        defer { curl_easy_cleanup(handle) }
        let recipients = curl_slist_append(nil, "<\(message.to.address)>")
        defer { curl_slist_free_all(recipients) }
        setConnectionOptions(handle)
        _ = hl_curl_set_string(handle, CURLOPT_MAIL_FROM, "<\(message.from.address)>")
        _ = hl_curl_set_pointer(handle, CURLOPT_MAIL_RCPT, recipients)
        let replies = SMTPReplies()
        let code = perform(handle, uploading: message.bytes, replies: replies)
        if let error = error(code, handle, replies) { throw error }
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
        _ handle: UnsafeMutableRawPointer, uploading bytes: [UInt8], replies: SMTPReplies
    ) -> CURLcode {
        // What the server says on the way out of the connection comes after `replies` is gone.
        defer { _ = hl_curl_set_pointer(handle, CURLOPT_HEADERDATA, nil) }
        _ = hl_curl_set_pointer(handle, CURLOPT_HEADERDATA, Unmanaged.passUnretained(replies).toOpaque())
        _ = hl_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { line, size, count, context in
            if let line, let context {
                let replies = Unmanaged<SMTPReplies>.fromOpaque(context).takeUnretainedValue()
                replies.append(line: UnsafeRawBufferPointer(start: line, count: size * count))
            }
            return size * count
        }
        let upload = Upload(bytes)
        _ = hl_curl_set_long(handle, CURLOPT_UPLOAD, 1)
        _ = hl_curl_set_long(handle, CURLOPT_INFILESIZE, bytes.count)
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

    private func error(
        _ code: CURLcode, _ handle: UnsafeMutableRawPointer, _ replies: SMTPReplies
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
                ? .refused(server: server, code: reply, words: replies.words(code: reply))
                : .unreachable(server: server, reason: reason)
        }
    }
}

/// The bytes of a mail and how many of them have gone.
private final class Upload {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let part = bytes[position...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        position += part.count
        return part.count
    }
}
