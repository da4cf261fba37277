package import WebhookRules

extension SettingTable {
    static let names = Section(
        name: "names", title: "Names",
        rows: [
            SettingRow(
                .platformName, .text(placeholder: "NAME"), default: PlatformNames.default.platform, for: .all,
                help: "Name of the platform: of the actor of webhooks and audit entries where no user acts."),
            SettingRow(
                .platformActor, .text(placeholder: "ID"), default: PlatformNames.default.actorID, for: .all,
                help: "Id of that actor in webhooks."),
            SettingRow(
                .productName, .text(placeholder: "NAME"), default: PlatformNames.default.product, for: .all,
                help: "Name of this program in mails and on its pages."),
        ])
}

extension SettingReader {
    /// The names; with errors when one is invalid.
    package mutating func platformNames() -> PlatformNames {
        let defaults = PlatformNames.default
        return PlatformNames(
            platform: name(.platformName) ?? defaults.platform, actorID: name(.platformActor) ?? defaults.actorID,
            product: name(.productName) ?? defaults.product)
    }

    private mutating func name(_ setting: Setting) -> String? {
        let text = values[setting].text
        if let problem = PlatformNames.problem(of: text) { return refuse(setting, problem) }
        return text
    }
}
