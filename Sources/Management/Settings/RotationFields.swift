package import WireJSON

/// The fields of a request that rotates a client secret, or gives an app a key pair.
package struct RotationFields {
    /// How long the old secret stays valid; 0 = it is not used any more.
    package let overlapSeconds: Int64
    /// Whether nothing new is made: the time of former ones ends now.
    package let finishes: Bool

    /// The longest overlap, in seconds: 100 days, as for the command line. More is a mistake.
    package static let maximumOverlapSeconds: Int64 = 8_640_000

    package init(_ value: JSONValue) throws(ManagementRefusal) {
        let problems = ProblemList { _ in false }
        guard let fields = ObjectReader(value, path: "", problems: problems) else {
            throw .fields(problems.problems)
        }
        let seconds = fields.integer("overlapSeconds")
        if let seconds, !(0...Self.maximumOverlapSeconds).contains(seconds) {
            fields.report("overlapSeconds", "must be between 0 and \(Self.maximumOverlapSeconds)")
        }
        finishes = fields.flag("finish", default: false)
        if finishes, fields.gives("overlapSeconds") {
            fields.report("finish", "makes nothing new: leave out overlapSeconds with it")
        }
        fields.finish()
        overlapSeconds = seconds ?? SecretRotation.defaultOverlapSeconds
        guard problems.count == 0 else { throw .fields(problems.problems) }
    }
}
