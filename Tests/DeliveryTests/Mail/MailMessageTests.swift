import Delivery
import Foundation
import Model
import TestSupport
import Testing

struct MailMessageTests {
    @Test func aMailIsThisOnTheWire() throws {
        let mail = try sampleMail(name: "Jane \"J\" Doe", text: "a = b\n\nbye \n")

        #expect(
            mail.wireText == """
                Date: Tue, 29 Feb 2000 00:00:00 +0000\r
                From: "Hookline" <hookline@example.org>\r
                To: "Jane \\"J\\" Doe" <owner@example.com>\r
                Subject: A subject\r
                Message-ID: <abc-1@example.org>\r
                List-Id: <integrations.example.org>\r
                Auto-Submitted: auto-generated\r
                MIME-Version: 1.0\r
                Content-Type: multipart/alternative;\r
                 boundary="=_abc-1"\r
                \r
                --=_abc-1\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                a =3D b\r
                \r
                bye=20\r
                \r
                --=_abc-1\r
                Content-Type: text/html; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                <p>Text</p>\r
                \r
                --=_abc-1--\r

                """)
    }

    @Test(arguments: [
        "a\r\nBcc: evil@example.com", "a\nBcc: evil@example.com", "a\rBcc: x", "a\u{85}b", "a\u{2028}b", "a\0b",
    ])
    func noTextOfAHeaderCanAddAnother(_ text: String) throws {
        let plain = try sampleMail()

        let mail = try sampleMail(name: text, subject: text, id: text)

        let names = { (mail: MailMessage) in
            mail.wireText.split(separator: "\r\n").prefix { !$0.hasPrefix("--") }.map { $0.prefix { $0 != ":" } }
                .filter { !$0.hasPrefix(" ") }
        }
        #expect(names(mail) == names(plain))
        #expect(!mail.wireText.unicodeScalars.contains { $0.value == 0 })
    }

    @Test(arguments: [
        "", "owner", "@example.com", "owner@", "a@b@c", "owner@exa mple.com", "own er@example.com",
        "owner@example.com\r\nBcc: x",
        "<owner@example.com>", "owner@example..com", "ówner@example.com", "owner@[127.0.0.1]",
        "owner,other@example.com",
        "owner@" + String(repeating: "x", count: 250),
    ])
    func textsThatAreNoAddressAreRefused(_ text: String) {
        #expect(throws: MailError.self) { try MailAddress(text) }
    }

    @Test(
        arguments: [
            ("ann@bücher.example", "ann@xn--bcher-kva.example"), ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
            ("a.b+c@例え.テスト", "a.b+c@xn--r8jz45g.xn--zckzah"), ("ann@example.com", "ann@example.com"),
        ])
    func anInternationalizedDomainIsEncoded(_ text: String, _ encoded: String) throws {
        #expect(try MailAddress(text).address == encoded)
    }

    @Test(arguments: [
        "ann@bü cher.example", "ann@bü/cher.example", "ann@bü@x.example", "ann@bü:80.example", "ann@bü?.example",
        "ann@" + String(repeating: "ü", count: 70) + ".example", "\"ann b\"@example.com",
    ])
    func anInternationalizedTextThatIsNoDomainIsRefused(_ text: String) {
        #expect(throws: MailError.self) { try MailAddress(text) }
    }

    @Test func everyLineIsShortAndASCII() throws {
        let long = String(repeating: "Größe 🙂 = ", count: 60)

        let mail = try sampleMail(name: long, subject: long, text: long + "\n" + long, html: long)

        #expect(mail.bytes.allSatisfy { $0 < 0x7F })
        #expect(mail.wireText.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 78 })
        #expect(!mail.wireText.replacing("\r\n", with: "").contains { $0 == "\r" || $0 == "\n" })
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (1_704_067_199, "Sun, 31 Dec 2023 23:59:59 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
    ])
    func datesAreWrittenAsMailsWriteThem(_ seconds: Int64, _ text: String) throws {
        var mail = try sampleMail()
        mail.date = Timestamp(seconds: seconds)

        #expect(mail.wireText.hasPrefix("Date: \(text)\r\n"))
    }
}

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
