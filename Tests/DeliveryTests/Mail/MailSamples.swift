import Delivery
import Model

/// A mail for tests; only what matters to one is named there.
func sampleMail(
    to: String = "owner@example.com", name: String = "", subject: String = "A subject", text: String = "Text\n",
    html: String = "<p>Text</p>\n", id: String = "abc-1"
) throws -> MailMessage {
    MailMessage(
        from: try MailAddress("hookline@example.org", name: "Hookline"), to: try MailAddress(to, name: name),
        subject: subject, text: text, html: html, date: Timestamp(seconds: 951_782_400), id: id,
        listID: "integrations.example.org")
}

extension MailMessage {
    var wireText: String { String(decoding: bytes, as: UTF8.self) }
}
