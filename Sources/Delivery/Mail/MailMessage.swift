package import Model

/// A mail to one recipient, as text and as HTML.
///
/// No value can inject a header: control characters in headers become spaces, and addresses contain none.
package struct MailMessage: Hashable, Sendable {
    package var from: MailAddress
    package var to: MailAddress
    package var subject: String
    package var text: String
    package var html: String
    package var date: Timestamp
    /// The part of the `Message-ID` before the `@`: the same for each attempt, so that mail programs recognize
    /// duplicates. Letters, digits, dots and hyphens; other characters are removed, and an empty id is replaced by the
    /// date.
    package var id: String
    /// The `List-Id`, for filters, as a domain name: `integrations.example.com`.
    package var listID: String?

    package init(
        from: MailAddress, to: MailAddress, subject: String, text: String, html: String, date: Timestamp, id: String,
        listID: String? = nil
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.date = date
        self.id = id
        self.listID = listID
    }

    /// The mail as it is sent: ASCII, lines that end with CRLF and have at most 78 characters unless addresses are
    /// longer.
    package var bytes: [UInt8] {
        // Quoted-printable never contains "=_", so no body can contain the boundary.
        let boundary = "=_\(safeID.prefix(40))"
        var lines = headers
        lines.append("Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"")
        let parts = [("plain", text), ("html", html)].map { type, body in
            "--\(boundary)\r\nContent-Type: text/\(type); charset=utf-8\r\n"
                + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + QuotedPrintable.encode(body) + "\r\n"
        }
        let message = lines.joined(separator: "\r\n") + "\r\n\r\n" + parts.joined() + "--\(boundary)--\r\n"
        return Array(message.utf8)
    }

    private var safeID: String {
        let kept = id.utf8.filter {
            MailHeaderEncoding.isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
        return kept.isEmpty ? "\(date.microseconds)" : String(decoding: kept.prefix(64), as: UTF8.self)
    }

    private var headers: [String] {
        var lines = [
            "Date: \(date.mailDescription)", "From: \(from.headerText)", "To: \(to.headerText)",
            "Subject: \(MailHeaderEncoding.unstructured(subject))", "Message-ID: <\(safeID)@\(from.domain)>",
        ]
        if let listID, MailAddress.isDomain(listID) { lines.append("List-Id: <\(listID)>") }
        // Keeps automatic responders from replying (RFC 3834).
        return lines + ["Auto-Submitted: auto-generated", "MIME-Version: 1.0"]
    }
}

extension Timestamp {
    /// The format of RFC 5322: `Sat, 01 Jan 2000 00:00:00 +0000`.
    var mailDescription: String {
        let civil = CivilDate(self)
        let dayNumber = CivilDate.days(year: civil.year, month: civil.month, day: civil.day)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(weekdays[(dayNumber % 7 + 7) % 7]), \(two(civil.day)) \(months[civil.month - 1]) \(civil.year) "
            + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) +0000"
    }
}
