import Model
import Testing

@Suite struct SecretTests {
    private struct Holder {
        let name = "visible"
        let secret = Secret("hush-hush")
        let list = [Secret("hush-hush")]
        let optional: Secret? = Secret("hush-hush")
    }

    @Test func aSecretIsNeverPrintedAloneOrInsideSomethingElse() {
        let holder = Holder()
        var dumped = ""
        dump(holder, to: &dumped)
        dump(holder.secret, to: &dumped)

        let texts = [
            "\(holder.secret)", String(describing: holder.secret), String(reflecting: holder.secret), "\(holder)",
            String(reflecting: holder), "\(holder.list)", "\(["key": holder.secret])", "\(holder.optional as Any)",
            dumped,
        ]

        for text in texts {
            #expect(!text.contains("hush"), "\(text)")
            #expect(text.contains("***") || text == dumped)
        }
        #expect(holder.secret.exposed == "hush-hush")
    }

    @Test func anAppDoesNotPrintItsClientSecret() {
        let app = SentryApp(
            id: 1, slug: "a", name: "a", ownerID: 1, status: .internal, uuid: "u", clientSecret: Secret("hush-hush"))

        #expect(!"\(app)".contains("hush"))
        #expect(!String(reflecting: app).contains("hush"))
    }
}
