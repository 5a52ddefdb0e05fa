// Package dtcloud simulates DT Cloud on this machine: projects with devices whose
// virtual sensors emit events, and Data Connectors that deliver them as signed
// requests, with retries. It serves DT's REST API, and the OIDC documents that
// receivers need to verify the asymmetric signature.
//
// # Like the real one
//
// These follow DT's public documentation and code: one POST an event; the body's
// members and their order; the two signature headers and their claims; that each
// attempt is signed anew; 10 seconds to answer; any 2xx acknowledges, but only 200
// counts as success when connectors are disabled; at least once, for 12 hours; one
// queue a connector; duplicates now and then; no promise of order; SYSTEM_DISABLED
// after 5 days of nothing but failures; what a disabled connector does not get is
// never sent to it later; event history of 31 days.
//
// # Assumed
//
// No public source tells, so these are this package's choice (UNCONFIRMED):
//
//   - The times between retries, and that Retry-After is not honoured.
//   - How many requests to one connector are under way at a time.
//   - The request's Content-Type and User-Agent, and which custom headers are
//     refused.
//   - That redirects are not followed.
//   - That the asymmetric signature is sent for every connector, the address of
//     the key set, and how long a replaced key stays in it.
//   - That an event's labels are those at the time of the event, and that a
//     change of the secret applies to what is queued already.
//   - That a failing period ends only with a success or when the connector is
//     enabled again.
//   - That emulated devices emit nothing of their own accord.
//   - That a PATCH without a mask changes the members that its body has, that null
//     counts as absent there, that a mask empties what the body does not have, and
//     that headers are replaced, not merged.
//   - That :sync takes the role project.developer and :metrics project.user.
//   - That a span of event history begins with its start time and ends before its
//     end time.
//   - That a missing role is answered with 403, also where the service account is no
//     member of the project at all; an eleventh connector with 400; a label that is
//     there already with 409; a method that a path does not have with 501, as
//     grpc-gateway does.
//   - That 25 requests may come at once and 5 a second after that: the number is of
//     older documentation. Refused requests and those for tokens are not counted.
//   - That an assertion may be a minute off in time, bodies may have 1 MiB, and the
//     header with the id of a request is X-Request-Id.
//   - That PUT replaces the labels of an emulated device, which DT's Terraform
//     provider does and an old changelog denies.
//   - That query finds devices by any part of type, id, and labels.
//
// # Left out
//
// Streams (devices:stream), the order_by of device lists, transfers of devices, and
// the methods that manage projects, members, roles, and service accounts: see
// [Cloud.AddProject] and [Cloud.AddServiceAccount]. How many labels a device may have
// is nowhere said, and not limited here.
//
// # Time and randomness
//
// All of it runs by a [Clock]. With a [VirtualClock] days pass in milliseconds.
// What sensors emit, and what befalls each attempt to deliver, follows from
// [Config].Seed alone, however goroutines are scheduled; times of arrival and the
// order of deliveries do not.
//
// Three spans are real time whatever the clock: how long a receiver may take to
// answer, the latency that is measured, and [APIFaults].Latency.
package dtcloud
