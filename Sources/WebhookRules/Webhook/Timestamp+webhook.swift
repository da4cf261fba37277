package import Model

extension Timestamp {
    /// A date inside a webhook's `data`: `2023-01-01T00:00:00.000000Z`, always with six digits (contract 7.2).
    package var webhookDescription: String {
        let text = iso8601Description
        return CivilDate(self).microsecond == 0 ? text.dropLast() + ".000000Z" : text
    }
}
