extension Int {
    /// `1 dead letter`, `2 dead letters`.
    package func counted(_ noun: String) -> String {
        "\(self) \(noun)\(self == 1 ? "" : "s")"
    }
}
