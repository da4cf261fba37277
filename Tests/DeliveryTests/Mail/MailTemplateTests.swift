import Delivery
import Foundation
import Model
import TestSupport
import Testing

struct MailTemplateTests {
    private let notice = AutoDisableNotice(
        kind: .disabled, appName: "my <b>INTEGRATION</b> & it's", appSlug: "my-app", organizationSlug: "acme",
        webhookURL: "https://user:sesame@hooks.example.com/a?b=c&d=\"e\"", baseURL: "https://sentry.example.com")

    private enum Value: String, CaseIterable {
        case name
        case other
    }

    @Test func valuesAreFilledInAndEscapedOnlyInHTML() throws {
        let text = "Hi {{name}}, {{ other }}{{other}} {x} }}\n{{name}}"
        let value = { (value: Value) in value == .name ? "<a href='\"'>&" : "b" }

        let plain = try MailTemplate<Value>(parsing: text, file: "t.txt", escaping: .none)
        let html = try MailTemplate<Value>(parsing: text, file: "t.html", escaping: .html)

        #expect(plain.render(value) == "Hi <a href='\"'>&, bb {x} }}\n<a href='\"'>&")
        #expect(
            html.render(value)
                == "Hi &lt;a href=&#39;&quot;&#39;&gt;&amp;, bb {x} }}\n&lt;a href=&#39;&quot;&#39;&gt;&amp;")
    }

    /// A value is not read as a template again.
    @Test func aValueWithBracesStaysAsItIs() throws {
        let template = try MailTemplate<Value>(parsing: "{{name}}", file: "t.txt", escaping: .none)

        #expect(template.render { $0 == .name ? "{{other}}" : "b" } == "{{other}}")
    }

    @Test func mistakesAreNamedWithFileAndLine() {
        let unknown = #expect(throws: MailTemplateError.self) {
            try MailTemplate<Value>(parsing: "a\n\n  {{naem}}", file: "t.txt", escaping: .none)
        }
        let unclosed = #expect(throws: MailTemplateError.self) {
            try MailTemplate<Value>(parsing: "a\n{{name\n}}", file: "t.txt", escaping: .none)
        }

        #expect(unknown?.description == "t.txt, line 3: unknown placeholder {{naem}}; known are name, other")
        #expect(unclosed?.description == "t.txt, line 2: {{ without }} on the same line")
    }

    @Test func aMailCallsTheProgramWhatTheSettingsCallIt() throws {
        let mails = try AutoDisableMails(templatesDirectory: shippedTemplates, productName: "<Acme>")
        let address = try MailAddress("owner@example.com")

        let mail = mails.message(notice, from: address, to: address, date: Timestamp(seconds: 0), id: "1")

        #expect(mail.text.contains("<Acme> has disabled the app"))
        #expect(mail.html.contains("&lt;Acme&gt; has disabled the app"))
        #expect(!mail.text.contains("Hookline"))
    }

    @Test func theShippedMailsSayWhatHappenedAndWhereToGo() throws {
        let mails = try AutoDisableMails(templatesDirectory: shippedTemplates)
        let address = try MailAddress("owner@example.com")
        var warning = notice
        warning.kind = .warning(percent: 50)

        let disabled = mails.message(
            notice, from: address, to: address, date: Timestamp(seconds: 0), id: "1")
        let warned = mails.message(warning, from: address, to: address, date: Timestamp(seconds: 0), id: "2")

        #expect(disabled.subject == "Action required: Fix your My <B>Integration</B> & It'S integration")
        #expect(warned.subject == "Your My <B>Integration</B> & It'S app is failing (50% of the failure limit)")
        let page = "https://sentry.example.com/settings/acme/developer-settings/my-app/"
        for mail in [disabled, warned] {
            #expect(mail.text.contains("https://hooks.example.com/a?b=c&d=\"e\""))
            #expect(mail.text.contains(page + "?referrer=disabled-sentry-app"))
            #expect(mail.text.contains(page + "dashboard/?referrer=disabled-sentry-app"))
            #expect(mail.html.contains("My &lt;B&gt;Integration&lt;/B&gt; &amp; It&#39;S"))
            #expect(mail.html.contains("href=\"\(page)?referrer=disabled-sentry-app\""))
            #expect(mail.html.contains("hooks.example.com/a?b=c&amp;d=&quot;e&quot;"))
            #expect(!mail.text.contains("sesame") && !mail.html.contains("sesame"))
            #expect(!mail.text.contains("{{") && !mail.html.contains("{{"))
            #expect(mail.listID == "integrations.example.com")
        }
        #expect(warned.text.contains("50%"))
        #expect(disabled.text.contains("(my-app)") && disabled.html.contains("<code>my-app</code>"))
    }

    /// The platform's pages do not exist there.
    @Test func mailsOfAStandAloneSiteLinkToItsOwnPages() throws {
        let mails = try AutoDisableMails(templatesDirectory: shippedTemplates)
        let address = try MailAddress("owner@example.com")
        var notice = notice
        notice.links = .dashboard
        notice.appSlug = "my app"
        var warning = notice
        warning.kind = .warning(percent: 50)

        for notice in [notice, warning] {
            let mail = mails.message(notice, from: address, to: address, date: Timestamp(seconds: 0), id: "1")
            #expect(mail.text.contains("    https://sentry.example.com/app.html?app=my+app\n"))
            #expect(mail.html.contains("href=\"https://sentry.example.com/app.html?app=my+app\""))
            #expect(!mail.text.contains("developer-settings") && !mail.html.contains("developer-settings"))
        }
    }

    @Test func aFolderWithoutATemplateNamesTheFile() throws {
        let directory = try TemporaryDirectory()

        let error = #expect(throws: MailTemplateError.self) { try AutoDisableMails(templatesDirectory: directory.path) }

        #expect(
            error?.description == "cannot read mail template \(directory.path)/integration-disabled.subject: "
                + "No such file or directory")
    }

    private var shippedTemplates: String {
        URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../conf/templates").standardized.path
    }
}
