package import Directory
package import WebhookRules

/// A change of the targets that the webhooks of an app are relayed to.
package enum RelayTargetChange {
    /// Adds a target whose name no other has.
    case add(RelayTarget)
    /// Adds a target, or replaces the one with its name.
    case set(RelayTarget)
    /// Removes the target with this name.
    case remove(name: String)

    /// - Returns: what it has changed, without values of headers; empty = the app has this target already.
    package func apply(to settings: inout AppSettings) throws(SettingsRefusal) -> [String] {
        guard var targets = RelayTargets(stored: settings.relayTargets) else {
            throw SettingsRefusal(.targets, "the app's targets in the directory cannot be read")
        }
        let change: String
        switch self {
        case .add(let target):
            guard targets[target.name] == nil else {
                throw SettingsRefusal(.targets, "the app has a target \"\(target.name)\" already")
            }
            change = try Self.add(target, to: &targets)
        case .set(let target):
            guard let index = targets.list.firstIndex(where: { $0.name == target.name }) else {
                change = try Self.add(target, to: &targets)
                break
            }
            guard targets.list[index] != target else { return [] }
            targets.list[index] = target
            change = "target \(target.name) replaced"
        case .remove(let name):
            guard targets[name] != nil else { throw .unknownTarget(name, among: targets) }
            targets.list.removeAll { $0.name == name }
            change = "without target \(name)"
        }
        settings.relayTargets = targets.stored
        return [change]
    }

    private static func add(
        _ target: RelayTarget, to targets: inout RelayTargets
    ) throws(SettingsRefusal) -> String {
        guard targets.list.count < RelayTarget.maximumCount else {
            throw SettingsRefusal(.targets, "the app has \(RelayTarget.maximumCount) targets, the maximum")
        }
        targets.list.append(target)
        return "target \(target.name)"
    }
}

extension SettingsRefusal {
    /// That an app has no target of this name; names those that it has.
    package static func unknownTarget(_ name: String, among targets: RelayTargets) -> SettingsRefusal {
        let names = targets.list.map(\.name).joined(separator: ", ")
        return SettingsRefusal(
            .targets,
            "the app has no target \"\(name)\"; \(names.isEmpty ? "it has none at all" : "it has \(names)")")
    }
}
