/// What a text in the exposition format of OpenMetrics says, read by the Prometheus project's own strict parser.
package struct OpenMetricsSamples {
    /// By name and labels in order: `name{a="b",c="d"}`.
    package let values: [String: Double]
    /// The type of each family by its name.
    package let types: [String: String]

    private static let program = """
        import json, sys
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        samples, types = [], []
        for family in text_string_to_metric_families(sys.stdin.buffer.read().decode("utf-8")):
            types.append([family.name, family.type])
            for sample in family.samples:
                labels = [[name, value] for name, value in sorted(sample.labels.items())]
                samples.append([sample.name, labels, repr(float(sample.value))])
        json.dump({"samples": samples, "types": types}, sys.stdout)
        """

    /// Throws when the parser does not accept the text.
    package init(parsing text: String) throws {
        let run = try ChildProcess.run(["/usr/bin/python3", "-c", OpenMetricsSamples.program], standardInput: text)
        guard run.status == .exited(0) else {
            throw TestSupportError("no OpenMetrics (is python3-prometheus-client there?): \(run.error)\n\(text)")
        }
        let result = try GoldenValue(parsing: Array(run.output.utf8))
        var values: [String: Double] = [:]
        for sample in result["samples"].elements.map(\.elements) {
            let labels = sample[1].elements.map { "\($0.elements[0].string ?? "")=\"\($0.elements[1].string ?? "")\"" }
            let suffix = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
            values[(sample[0].string ?? "") + suffix] = Double(sample[2].string ?? "")
        }
        self.values = values
        let types = result["types"].elements.map { ($0.elements[0].string ?? "", $0.elements[1].string ?? "") }
        self.types = Dictionary(types) { first, _ in first }
    }
}
