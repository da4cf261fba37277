package import Model

/// A mail to one person, as text and as HTML.
///
/// Nothing in it can add a header: texts lose their line breaks in headers, and addresses have none.
package struct MailMessage: Hashable, Sendable {
    package var from: MailAddress
    package var to: MailAddress
    package var subject: String
    package var text: String
    package var html: String
    package var date: Timestamp
    /// What stands before the `@` of the `Message-ID`: the same each time the same mail is sent, so that a mail that
    /// arrives twice is recognised. Letters, digits, dots and hyphens; everything else is left out, and when
    /// nothing remains the date takes its place.
    package var id: String
    /// What kind of mail this is, for filters, as a domain name: `integrations.example.com`.
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

    /// The mail as it goes over the wire: ASCII, lines that end with CRLF and have at most 78 characters, if the
    /// addresses allow it.
    package var bytes: [UInt8] {
        // Quoted-printable never holds "=_", so that no body can hold the boundary.
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
        let kept = id.utf8.filter { MailText.isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
        return kept.isEmpty ? "\(date.microseconds)" : String(decoding: kept.prefix(64), as: UTF8.self)
    }

    private var headers: [String] {
        var lines = [
            "Date: \(date.mailDescription)", "From: \(from.headerText)", "To: \(to.headerText)",
            "Subject: \(MailText.unstructured(subject))", "Message-ID: <\(safeID)@\(from.domain)>",
        ]
        if let listID, MailAddress.isDomain(listID) { lines.append("List-Id: <\(listID)>") }
        // No answer by machines: RFC 3834.
        return lines + ["Auto-Submitted: auto-generated", "MIME-Version: 1.0"]
    }
}

extension Timestamp {
    /// RFC 5322's form: `Sat, 01 Jan 2000 00:00:00 +0000`.
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
