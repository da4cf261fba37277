/// The names of the delivery policies: the values of `HOOKLINE_POLICY`, and of an app's own policy.
package enum DeliveryPolicyName: String, CaseIterable, Sendable {
    case sentry, standard
}
