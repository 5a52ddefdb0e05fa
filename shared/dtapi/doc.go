// Package dtapi is a client of the REST API of Disruptive Technologies (DT): Data
// Connectors, devices and their labels, and event history.
//
// A Client signs in as a service account, keeps under DT's rate limit however many
// goroutines use it, repeats what failed for a while wherever repeating is safe, and
// turns what DT answers into errors that say what to do. Facts about the API are
// from DT's pages "Configuring a Data Connector", "Error Codes", "OAuth2",
// "Pagination" and "Permissions", and from DT's Python client 1.7.3.
//
// # What is repeated
//
// A call is repeated after 429, and, where doing it twice comes to the same as doing
// it once, after 500, 502, 503, 504, a lost connection or no answer. That is so for
// every call but CreateConnector: a POST that was lost on the way back has made a
// connector, and a second one would make another, each of which then delivers every
// event. CreateConnector is repeated only after 429, which DT answers before it does
// anything, or when no connection came about, so that nothing was sent.
//
// # Spelling
//
// DT's API reads query parameters in snake_case and in camelCase, and so do its
// clients. This one sends snake_case, which is how DT's documentation and the newer
// clients write them, and reads answers in both.
package dtapi
