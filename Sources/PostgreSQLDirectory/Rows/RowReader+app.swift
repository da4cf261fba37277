import Directory
import Model

/// Reading the columns of `AppStatement`.
extension RowReader {
    /// - Parameters:
    ///   - keys: decrypt headers.
    ///   - toleratesEncryption: whether headers that cannot be decrypted are left out; otherwise such an app is an
    ///     error, because its webhooks would lack them.
    mutating func app(keys: EncryptionKeys, toleratesEncryption: Bool) throws(DirectoryError) -> SentryApp {
        var (app, secrets) = try bareApp(keys)
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
            lines, appID: app.id, keys: keys, &secrets, toleratesEncryption: toleratesEncryption)
        for row in try flatRows(width: 2) {
            guard let microseconds = Int64(row[1] ?? "") else {
                throw corrupt("app \(app.id) has a previous secret without an end")
            }
            guard let secret = try secrets.secret(row[0] ?? "", .previousSecret) else { continue }
            app.previousSecrets.append(
                SentryApp.PreviousSecret(secret: secret, validUntil: Timestamp(microseconds: microseconds)))
        }
        if let text = try optionalText() { app.signingKey = try secrets.secret(text, .signingKey) }
        if let text = try optionalText() { app.relayTargets = try secrets.secret(text, .relayTargets) }
        app.damagedSecrets = secrets.damaged
        return app
    }

    private mutating func bareApp(
        _ keys: EncryptionKeys
    ) throws(DirectoryError) -> (app: SentryApp, secrets: AppSecretReader) {
        let (id, slug, name, ownerID, number) = (
            try integer(), try text(), try text(), try integer(), try integer()
        )
        guard let status = SentryApp.Status(rawValue: Int(number)) else {
            throw corrupt("app \(id) has status \(number)")
        }
        var secrets = AppSecretReader(keys.secretKeys, appID: id, location: keys.location)
        let app = SentryApp(
            id: id, slug: slug, name: name, ownerID: ownerID, status: status, uuid: try text(),
            author: try optionalText(), overview: try optionalText(), webhookURL: try optionalText(),
            redirectURL: try optionalText(), isAlertable: try boolean(), verifyInstall: try boolean(),
            events: try words(), scopes: try scopes(), schemaJSON: try text(), popularity: Int(try integer()),
            proxyUserID: try optionalInteger(), clientID: try text(),
            clientSecret: try secrets.secret(try text(), .clientSecret) ?? Secret(""),
            allowedOrigins: try optionalLines() ?? [], dateAdded: try timestamp(),
            datePublished: try optionalTimestamp(), dateDeleted: try optionalTimestamp())
        return (app, secrets)
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
        _ lines: [String], appID: Int64, keys: EncryptionKeys, _ secrets: inout AppSecretReader,
        toleratesEncryption: Bool
    ) throws(DirectoryError) -> (headers: [SentryApp.CustomHeader], problem: String?) {
        var problem: String?
        var own: [SentryApp.CustomHeader] = []
        for row in try flatRows(width: 2) {
            let name = row[0] ?? ""
            guard let value = try secrets.secret(row[1] ?? "", .header(name: name)) else { continue }
            own.append(SentryApp.CustomHeader(name: name, value: value))
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
