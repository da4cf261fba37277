import Directory
import Model
import WebhookRules
package import WireJSON

/// The fields of an app in a request: those that the details of an app have (docs/protocol.md 4.2), and Hookline's own
/// under `hookline`. A field that is left out stays as it is; `null` stands for none.
package struct AppFields {
    private let fields: ObjectReader
    let problems: ProblemList
    private let isNew: Bool

    /// - Throws: `fields` unless `value` is an object.
    package init(_ value: JSONValue, isNew: Bool) throws(ManagementRefusal) {
        let problems = ProblemList { _ in false }
        guard let fields = ObjectReader(value, path: "", problems: problems) else {
            throw ManagementRefusal("non_field_errors", problems.problems.first?.message ?? "must be an object")
        }
        self.fields = fields
        self.problems = problems
        self.isNew = isNew
    }

    /// The slug of the organization that is to own a new app.
    package var organizationSlug: String? { fields.required("organization", fields.text) }

    /// Whether a new app is one of its organization alone.
    var isInternal: Bool { fields.flag("isInternal", default: false) }

    /// The slug asked for; nil where one is to be made of the name.
    var slug: String? {
        guard let slug = fields.slug("slug") else { return nil }
        if Slug.looksLikeID(slug) { report("slug", "must not consist of digits alone: paths take that for an id") }
        return slug
    }

    /// Whether the request says what the service hooks of the app's installations have, too.
    var givesSubscriptions: Bool { fields.gives("events") || fields.gives("webhookUrl") }

    /// Gives the fields to `app`, and reports those that break a rule.
    ///
    /// - Returns: the names of the fields that are changed.
    func apply(to entry: inout DirectoryDocument.AppEntry, _ rules: AppRules) -> [String] {
        let before = entry
        apply(texts: &entry.app, rules)
        apply(lists: &entry.app, rules)
        apply(status: &entry.app, rules)
        apply(schema: &entry)
        apply(settings: &entry.app, rules)
        // An imported app may lack a URL: that does not keep its other fields from being changed.
        let needsURL = !entry.app.subscriptions.isEmpty || entry.app.isAlertable
        if needsURL, entry.app.webhookURL == nil, isNew || givesSubscriptions || fields.gives("isAlertable") {
            report("webhookUrl", "is required for an app that has events or is alertable")
        }
        if !isNew { refuseFixedFields() }
        fields.finish()
        return Self.changes(from: before, to: entry)
    }

    /// The first problems, if there are any, by the name of the field; what is inside a field is in the message.
    package func throwProblems() throws(ManagementRefusal) {
        guard problems.count > 0 else { return }
        throw .fields(
            problems.problems.map { problem in
                let name = problem.path.prefix { $0 != "." && $0 != "[" }
                let inner = problem.path.dropFirst(name.count)
                let place = inner.first == "." ? inner.dropFirst() : inner
                return DocumentProblem(
                    path: String(name), message: place.isEmpty ? problem.message : "\(place): \(problem.message)")
            })
    }

    package func report(_ name: String, _ message: String) { fields.report(name, message) }

    /// Fields of an app's details that no request changes.
    private func refuseFixedFields() {
        for name in ["slug", "organization", "isInternal"] where fields.gives(name) {
            _ = fields.value(name)
            report(name, "is fixed when the app is created: leave it out")
        }
        if fields.gives("clientSecret") {
            _ = fields.value("clientSecret")
            report("clientSecret", "is made by Hookline: POST rotate-secret/ makes a new one")
        }
    }

    // MARK: Texts and flags

    private func apply(texts app: inout SentryApp, _ rules: AppRules) {
        if isNew || fields.gives("name") {
            app.name = fields.required("name", fields.text) ?? ""
            limit("name", app.name.unicodeScalars.count, AppRules.maximumNameLength, "characters")
            if app.name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                report("name", "has a control character")
            }
        }
        set("author", &app.author)
        limit("author", app.author?.unicodeScalars.count ?? 0, AppRules.maximumAuthorLength, "characters")
        set("overview", &app.overview)
        limit("overview", app.overview?.utf8.count ?? 0, AppRules.maximumTextByteCount, "bytes")
        set("redirectUrl", &app.redirectURL)
        limit("redirectUrl", app.redirectURL?.utf8.count ?? 0, AppRules.maximumTextByteCount, "bytes")
        if let url = app.redirectURL, fields.gives("redirectUrl"),
            let problem = rules.webhookURL.hosts.problemOfURL(url)
        {
            report("redirectUrl", problem.reason)
        }
        set("webhookUrl", &app.webhookURL)
        limit("webhookUrl", app.webhookURL?.utf8.count ?? 0, AppRules.maximumTextByteCount, "bytes")
        if let url = app.webhookURL, fields.gives("webhookUrl"), let problem = rules.webhookURL.problem(of: url) {
            report("webhookUrl", problem)
        }
        app.isAlertable = fields.flag("isAlertable", default: fields.gives("isAlertable") ? false : app.isAlertable)
        app.verifyInstall = fields.flag(
            "verifyInstall", default: fields.gives("verifyInstall") ? true : app.verifyInstall)
    }

    /// An empty text counts as none.
    private func set(_ name: String, _ value: inout String?) {
        guard fields.gives(name) else { return }
        let text = fields.string(name)
        value = text?.isEmpty == true ? nil : text
    }

    private func limit(_ name: String, _ count: Int, _ maximum: Int, _ unit: String) {
        guard count > maximum, fields.gives(name) else { return }
        report(name, "has \(count) \(unit), the maximum is \(maximum)")
    }

    // MARK: Events, scopes and origins

    private func apply(lists app: inout SentryApp, _ rules: AppRules) {
        if fields.gives("events") {
            let events = subscriptions(rules)
            // Those of a disabled app are what enabling restores.
            if app.disablement == nil { app.events = events } else { app.disablement?.events = events }
        }
        if fields.gives("scopes") { apply(scopes: &app, rules) }
        if fields.gives("allowedOrigins") {
            app.allowedOrigins = fields.words("allowedOrigins") ?? []
            limit("allowedOrigins", app.allowedOrigins.count, AppRules.maximumListCount, "origins")
        }
    }

    /// The names of the events, as the original stores them: a resource stands for all its events.
    private func subscriptions(_ rules: AppRules) -> [String] {
        let names = fields.words("events") ?? []
        limit("events", names.count, AppRules.maximumListCount, "names")
        var found = Set<EventType>()
        for name in names.prefix(AppRules.maximumListCount) {
            guard let events = rules.events(subscribedBy: name) else {
                let quoted = FieldText.quoted(name)
                report(
                    "events",
                    "\(quoted) is no event that an app can subscribe to: use one of \(rules.subscriptions), or a name "
                        + "such as issue.created")
                continue
            }
            found.formUnion(events)
        }
        return rules.events.events.filter(found.contains).map(\.rawValue)
    }

    /// Callers can give only scopes that they have; those that the app has already may stay.
    private func apply(scopes app: inout SentryApp, _ rules: AppRules) {
        let scopes = fields.scopes("scopes")
        let lacking = scopes.subtracting(app.scopes).subtracting(rules.ownScopes)
        if !rules.isAdministrator, !lacking.isEmpty {
            let names = lacking.scopes.map(\.rawValue).joined(separator: ", ")
            report("scopes", "you lack \(names): you can give an app only scopes that you have")
        }
        app.scopes = scopes
    }

    private func apply(status app: inout SentryApp, _ rules: AppRules) {
        let choices = [SentryApp.Status.unpublished, .published]
        guard let status = fields.choice("status", choices, name: \.name), status != app.status else { return }
        if app.status == .internal {
            report("status", "an internal app cannot be published")
        } else if !rules.isAdministrator {
            report("status", "only an administrator publishes an app, or takes that back")
        }
        app.status = status
    }

    // MARK: Schema

    private func apply(schema entry: inout DirectoryDocument.AppEntry) {
        guard fields.gives("schema") else { return }
        let value = fields.value("schema")
        let text = fields.objectText("schema") ?? "{}"
        limit("schema", text.utf8.count, AppRules.maximumSchemaByteCount, "bytes")
        if let elements = value?["elements"] {
            UIElementCheck { problems.report($0, $1) }.check(elements: elements, path: "schema.elements")
            if case .array(let elements) = elements { checkTypes(of: elements) }
        }
        entry.app.schemaJSON = text
        entry.components = components(of: value, replacing: entry.components)
    }

    /// The types become values of the database.
    private func checkTypes(of elements: [JSONValue]) {
        for (position, element) in elements.enumerated() {
            guard case .string(let type)? = element["type"], type.utf8.contains(0) else { continue }
            problems.report("schema.elements[\(position)].type", "must not contain the zero character U+0000")
        }
    }

    /// A component for each element; one at the same place of the same type keeps its id.
    private func components(
        of schema: JSONValue?, replacing before: [DirectoryDocument.Component]
    ) -> [DirectoryDocument.Component] {
        guard case .array(let elements)? = schema?["elements"] else { return [] }
        let found = elements.compactMap { element -> DirectoryDocument.Component? in
            guard case .string(let type)? = element["type"], !type.isEmpty else { return nil }
            return DirectoryDocument.Component(type: type, schemaJSON: element.compactText)
        }
        return found.enumerated().map { position, component in
            var component = component
            if position < before.count, before[position].type == component.type {
                component.id = before[position].id
            }
            return component
        }
    }

    // MARK: Hookline's own

    private func apply(settings app: inout SentryApp, _ rules: AppRules) {
        guard let value = fields.value("hookline"),
            let own = ObjectReader(value, path: "hookline", problems: problems)
        else { return }
        defer { own.finish() }
        if own.gives("deliveryPolicy") {
            app.deliveryPolicy = own.choice("deliveryPolicy", DeliveryPolicyName.allCases, name: \.rawValue)
        }
        if own.gives("webhookTimeoutMs") { app.webhookTimeoutMilliseconds = Self.timeout(own) }
        if own.gives("webhookHeaders") {
            app.customHeaders = CustomHeaderList(own, "webhookHeaders", keeping: app.customHeaders).headers
        }
        if own.gives("targets") {
            let stored = RelayTargets(of: app) ?? RelayTargets([])
            let list = RelayTargetList(own, "targets", hosts: rules.webhookURL.hosts, form: .api(stored: stored))
            app.relayTargets = list.targets?.stored
        }
    }

    private static func timeout(_ own: ObjectReader) -> Int? {
        guard let milliseconds = own.integer("webhookTimeoutMs") else { return nil }
        let range = AppSettings.timeoutRange
        guard let timeout = Int(exactly: milliseconds), range.contains(timeout) else {
            own.report("webhookTimeoutMs", "must be between \(range.lowerBound) and \(range.upperBound)")
            return nil
        }
        return timeout
    }

    // MARK: Changes

    /// Names only: values may be secrets.
    private static func changes(
        from before: DirectoryDocument.AppEntry, to after: DirectoryDocument.AppEntry
    ) -> [String] {
        let (old, new) = (before.app, after.app)
        let differences: [(String, Bool)] = [
            ("name", old.name != new.name), ("author", old.author != new.author),
            ("overview", old.overview != new.overview), ("redirectUrl", old.redirectURL != new.redirectURL),
            ("webhookUrl", old.webhookURL != new.webhookURL), ("isAlertable", old.isAlertable != new.isAlertable),
            ("verifyInstall", old.verifyInstall != new.verifyInstall),
            ("events", old.events != new.events || old.disablement != new.disablement),
            ("scopes", old.scopes != new.scopes), ("allowedOrigins", old.allowedOrigins != new.allowedOrigins),
            ("status", old.status != new.status),
            ("schema", old.schemaJSON != new.schemaJSON || before.components != after.components),
            ("deliveryPolicy", old.deliveryPolicy != new.deliveryPolicy),
            ("webhookTimeoutMs", old.webhookTimeoutMilliseconds != new.webhookTimeoutMilliseconds),
            ("webhookHeaders", old.customHeaders != new.customHeaders),
            ("targets", old.relayTargets != new.relayTargets),
        ]
        return differences.filter(\.1).map(\.0)
    }
}

/// Text of a request in messages.
enum FieldText {
    /// At most 100 characters of it, in quotes.
    static func quoted(_ text: String) -> String { "\"\(text.prefix(100))\"" }
}
