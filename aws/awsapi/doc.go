// Package awsapi calls AWS services: one signed HTTPS request a call, repeated while
// that can help.
//
// It is written on the signer of the official SDK and net/http alone. With the SDK's
// clients of the six services that the bundle calls, a function is half as large
// again and takes more than twice as long to start; what is needed of them is one
// request and one answer each.
package awsapi
