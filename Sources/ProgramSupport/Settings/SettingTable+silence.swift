package import WebhookRules

extension SettingTable {
    static let silence = Section(
        name: "silence", title: "Silent apps",
        rows: [
            SettingRow(
                .silenceDays, .number(.count, 0...365), default: String(SilenceRule.defaultDays), for: .all,
                help: "Days without a webhook after which an app that had one is silent; 0 means never.",
                notice: "Must be the same for all programs.", page: "silence.md")
        ])
}

extension SettingReader {
    /// When an app counts as silent.
    package mutating func silenceRule() -> SilenceRule { SilenceRule(days: number(.silenceDays)) }
}
