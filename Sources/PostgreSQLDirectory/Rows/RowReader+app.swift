import Directory
import Model

/// Reading the columns of `AppStatement`.
extension RowReader {
    /// - Parameters:
    ///   - keys: decrypt headers.
    ///   - toleratesEncryption: whether headers that cannot be decrypted are left out; otherwise such an app is an
    ///     error, because its webhooks would lack them.
    mutating func app(keys: EncryptionKeys, toleratesEncryption: Bool) throws(DirectoryError) -> SentryApp {
        var app = try bareApp(keys)
        app.avatars = try flatRows(width: 3).map { row in
            SentryApp.Avatar(type: row[0] ?? "", uuid: row[1] ?? "", isColor: row[2] == "true")
        }
        app.features = try flatRows(width: 3).map { [name = app.name] row in
            IntegrationFeature(number: Int64(row[0] ?? "") ?? 0).feature(
                gate: row[1], description: row[2], appName: name)
        }
        app.isDisabledByPlatform = try optionalText() == "t"
        let lines = try words()
        app.metadataJSON = try optionalText() ?? "{}"
        app.webhookTimeoutMilliseconds = try optionalInteger().map { Int($0) }
        app.deliveryPolicy = try deliveryPolicy(appID: app.id)
        app.disablement = try disablement()
        // Hookline's own mark: it sets the original's, too.
        if app.disablement != nil { app.isDisabledByPlatform = false }
        (app.customHeaders, app.headerProblem) = try headers(
            lines, appID: app.id, keys: keys, toleratesEncryption: toleratesEncryption)
        app.previousSecrets = try flatRows(width: 2).map { (row) throws(DirectoryError) in
            guard let microseconds = Int64(row[1] ?? "") else {
                throw corrupt("app \(app.id) has a previous secret without an end")
            }
            return SentryApp.PreviousSecret(
                secret: try keys.secret(row[0] ?? ""), validUntil: Timestamp(microseconds: microseconds))
        }
        app.signingKey = try optionalText().map { (text) throws(DirectoryError) in try keys.secret(text) }
        return app
    }

    private mutating func bareApp(_ keys: EncryptionKeys) throws(DirectoryError) -> SentryApp {
        let (id, slug, name, ownerID, number) = (
            try integer(), try text(), try text(), try integer(), try integer()
        )
        guard let status = SentryApp.Status(rawValue: Int(number)) else {
            throw corrupt("app \(id) has status \(number)")
        }
        return SentryApp(
            id: id, slug: slug, name: name, ownerID: ownerID, status: status, uuid: try text(),
            author: try optionalText(), overview: try optionalText(), webhookURL: try optionalText(),
            redirectURL: try optionalText(), isAlertable: try boolean(), verifyInstall: try boolean(),
            events: try words(), scopes: try scopes(), schemaJSON: try text(), popularity: Int(try integer()),
            proxyUserID: try optionalInteger(), clientID: try text(), clientSecret: try keys.secret(try text()),
            allowedOrigins: try optionalLines() ?? [], dateAdded: try timestamp(),
            datePublished: try optionalTimestamp(), dateDeleted: try optionalTimestamp())
    }

    private mutating func deliveryPolicy(appID: Int64) throws(DirectoryError) -> DeliveryPolicyName? {
        guard let name = try optionalText() else { return nil }
        guard let policy = DeliveryPolicyName(rawValue: name) else {
            throw corrupt("app \(appID) has the delivery policy \"\(name)\"")
        }
        return policy
    }

    private mutating func disablement() throws(DirectoryError) -> SentryApp.Disablement? {
        let (date, reason, events) = (try optionalTimestamp(), try optionalText(), try words())
        return date.map { SentryApp.Disablement(date: $0, reason: reason ?? "", events: events) }
    }

    /// The original's headers, then Hookline's, which replace those of the same name.
    private mutating func headers(
        _ lines: [String], appID: Int64, keys: EncryptionKeys, toleratesEncryption: Bool
    ) throws(DirectoryError) -> (headers: [SentryApp.CustomHeader], problem: String?) {
        var problem: String?
        let own = try flatRows(width: 2).map { (row) throws(DirectoryError) in
            SentryApp.CustomHeader(name: row[0] ?? "", value: try keys.secret(row[1] ?? ""))
        }
        let ownNames = Set(own.map { $0.name.lowercased() })
        var headers: [SentryApp.CustomHeader] = []
        for line in lines {
            let text: String
            do throws(EncryptionProblem) {
                text = try EncryptedText.text(line, keys: keys)
            } catch {
                guard toleratesEncryption else { throw corrupt("app \(appID) has a webhook header that \(error)") }
                problem = problem ?? "has a webhook header that \(error)"
                continue
            }
            guard let header = SentryApp.CustomHeader(splitting: text), !ownNames.contains(header.name.lowercased())
            else { continue }
            headers.append(header)
        }
        return (headers + own, problem)
    }
}
