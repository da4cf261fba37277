/// What the endpoints work with, behind one reference: each request hands it on from step to step, and copying it would
/// take longer than most steps.
final class SharedDependencies {
    let value: Dependencies

    init(_ value: Dependencies) {
        self.value = value
    }
}
