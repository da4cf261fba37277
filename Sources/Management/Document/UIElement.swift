package import WireJSON

/// Elements of an app's UI schema (docs/directory.md).
///
/// The platform's front end reads the fields that an element's type requires without checking that they are there, and
/// fails on the page where one is missing. The required fields are those of the original's schema.
package enum UIElement {
    /// The complete element that a component of this type stands for when it has no schema; of an unknown type, only
    /// the type.
    package static func complete(type: String) -> JSONValue {
        let fields: [JSONValue.Member] =
            switch type {
            case "issue-link": [.init("link", form("/issue-link/link")), .init("create", form("/issue-link/create"))]
            case "stacktrace-link": [.init("uri", .string("/stacktrace-link"))]
            case "issue-media":
                [.init("title", .string("Media")), .init("elements", .array([typed("markdown", ["text": ""])]))]
            case "alert-rule-action":
                [
                    .init("title", .string("Notify")),
                    .init(
                        "settings",
                        .object([.init("type", .string("alert-rule-settings"))] + formFields("/alert-rule-action"))),
                ]
            default: []
            }
        return .object([.init("type", .string(type))] + fields)
    }

    private static func form(_ uri: String) -> JSONValue { .object(formFields(uri)) }

    private static func formFields(_ uri: String) -> [JSONValue.Member] {
        [
            .init("uri", .string(uri)),
            .init("required_fields", .array([typed("text", ["name": "title", "label": "Title"])])),
        ]
    }

    private static func typed(_ type: String, _ texts: KeyValuePairs<String, String>) -> JSONValue {
        .object([.init("type", .string(type))] + texts.map { .init($0.key, .string($0.value)) })
    }
}

/// Checks the elements of a UI schema and reports what they lack. Unknown types and further fields are accepted.
package struct UIElementCheck {
    /// Called with the path and the message of each problem.
    private let report: (String, String) -> Void

    package init(report: @escaping (String, String) -> Void) {
        self.report = report
    }

    /// - Parameter path: that of `elements`.
    package func check(elements: JSONValue, path: String) {
        guard let list = array(elements, path) else { return }
        for (index, element) in list.enumerated() where isObject(element, "\(path)[\(index)]") {
            guard let type = string("type", of: element, "\(path)[\(index)]") else { continue }
            check(element, ofType: type, path: "\(path)[\(index)]")
        }
    }

    /// Checks one element, or the schema of a component.
    package func check(_ element: JSONValue, ofType type: String, path: String) {
        switch type {
        case "issue-link":
            for name in ["link", "create"] { object(name, of: element, path).map { checkForm($0, "\(path).\(name)") } }
        case "stacktrace-link": checkURI(of: element, path)
        case "issue-media":
            _ = string("title", of: element, path)
            required("elements", of: element, path).map { checkMedia($0, "\(path).elements") }
        case "alert-rule-action": checkAlertRuleAction(element, path)
        default: break
        }
    }

    /// A form that posts to `uri`.
    private func checkForm(_ form: JSONValue, _ path: String) {
        checkURI(of: form, path)
        required("required_fields", of: form, path).map { checkFields($0, "\(path).required_fields") }
        if let optional = form["optional_fields"], optional != .null {
            checkFields(optional, "\(path).optional_fields")
        }
    }

    private func checkFields(_ fields: JSONValue, _ path: String) {
        guard let list = array(fields, path) else { return }
        for (index, field) in list.enumerated() where isObject(field, "\(path)[\(index)]") {
            for name in ["type", "name", "label"] { _ = string(name, of: field, "\(path)[\(index)]") }
        }
    }

    private func checkMedia(_ elements: JSONValue, _ path: String) {
        guard let list = array(elements, path) else { return }
        for (index, element) in list.enumerated() where isObject(element, "\(path)[\(index)]") {
            guard let type = string("type", of: element, "\(path)[\(index)]") else { continue }
            switch type {
            case "header", "markdown": _ = string("text", of: element, "\(path)[\(index)]")
            case "image", "video": _ = string("url", of: element, "\(path)[\(index)]")
            default: break
            }
        }
    }

    /// Older schemas have the fields in the element itself, newer ones in `settings`.
    private func checkAlertRuleAction(_ element: JSONValue, _ path: String) {
        if element["settings"] == nil, element["title"] == nil, let fields = element["required_fields"] {
            return checkFields(fields, "\(path).required_fields")
        }
        _ = string("title", of: element, path)
        guard let settings = object("settings", of: element, path) else { return }
        _ = string("type", of: settings, "\(path).settings")
        checkForm(settings, "\(path).settings")
    }

    private func checkURI(of value: JSONValue, _ path: String) {
        guard let uri = string("uri", of: value, path), !uri.hasPrefix("/") else { return }
        report("\(path).uri", "must begin with a slash: it is relative to the webhook URL's host")
    }

    // MARK: Fields

    private func required(_ name: String, of value: JSONValue, _ path: String) -> JSONValue? {
        if let found = value[name], found != .null { return found }
        report("\(path).\(name)", "is required")
        return nil
    }

    private func object(_ name: String, of value: JSONValue, _ path: String) -> JSONValue? {
        required(name, of: value, path).flatMap { isObject($0, "\(path).\(name)") ? $0 : nil }
    }

    private func string(_ name: String, of value: JSONValue, _ path: String) -> String? {
        guard let found = required(name, of: value, path) else { return nil }
        if case .string(let text) = found { return text }
        report("\(path).\(name)", "must be a string, not \(found.kind)")
        return nil
    }

    private func isObject(_ value: JSONValue, _ path: String) -> Bool {
        if case .object = value { return true }
        report(path, "must be an object, not \(value.kind)")
        return false
    }

    private func array(_ value: JSONValue, _ path: String) -> [JSONValue]? {
        if case .array(let elements) = value { return elements }
        report(path, "must be an array, not \(value.kind)")
        return nil
    }
}

extension JSONValue.Member {
    fileprivate init(_ name: String, _ value: JSONValue) { self.init(name: name, value: value) }
}
