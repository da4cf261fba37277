import ArgumentParser
import Model

/// Scopes on the command line are named as on the wire.
extension Scope: ExpressibleByArgument {}
