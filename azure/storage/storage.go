// Package storage calls Azure Storage's REST API: what the queue and the checkpoints
// have in common. It reaches accounts as the app's managed identity or, where a
// connection string says so, with the account's key.
package storage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// Variable is the name of the variable that a connection string is in, as Azure's
	// own tools have it.
	Variable = "AZURE_STORAGE_CONNECTION_STRING"
	// resource is what access tokens are for, in every cloud of Azure's.
	resource = "https://storage.azure.com/"
	// version is that of the REST API (x-ms-version).
	version = "2023-11-03"
)

// Config says how accounts are reached.
type Config struct {
	// ConnectionString is that of the account that sinks and checkpoints name
	// (Variable). Zero means that Tokens are used.
	ConnectionString secret.Text
	// Tokens are the managed identity's. Required.
	Tokens rest.TokenSource
	// Client sends the requests. Required.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// An Account is one service of a storage account: its queues or its blobs.
type Account struct {
	base   *url.URL
	client *rest.Client
	now    func() time.Time
}

// Open returns the service of the account that host names, such as
// "account.queue.core.windows.net" with the service "queue". Nothing is sent.
func Open(c Config, service, host string) (*Account, error) {
	account, suffix, _ := strings.Cut(host, ".")
	if !strings.HasPrefix(suffix, service+".") || !isAccount(account) {
		return nil, fmt.Errorf("names no storage account; want account.%s.core.windows.net as the host", service)
	}
	a := &Account{base: &url.URL{Scheme: "https", Host: host}, now: c.Now}
	if a.now == nil {
		a.now = time.Now
	}
	if c.ConnectionString.IsZero() {
		a.client = rest.NewClient(c.Client, rest.Bearer(c.Tokens, resource))
		return a, nil
	}
	s, err := parseConnectionString(c.ConnectionString.Reveal())
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s %w; want AccountName=…;AccountKey=…, or remove it to use the managed identity", Variable, err)
	case s.account != account:
		return nil, fmt.Errorf("is of the account %s, but %s is of another; they must be the same", account, Variable)
	case s.service[service] != nil:
		a.base = s.service[service]
	}
	a.client = rest.NewClient(c.Client, sharedKey{account: account, key: s.key})
	return a, nil
}

// isAccount reports whether name can be a storage account's: 3 to 24 lower-case
// letters and digits ("Storage account name").
func isAccount(name string) bool {
	return len(name) >= 3 && len(name) <= 24 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// A Call is a request to an account.
type Call struct {
	Method string
	Path   []string // below the account, unescaped
	Query  url.Values
	Header map[string]string // by names as they are sent
	Body   []byte
	Once   bool // as in rest.Request
}

// Do sends c. The error is as that of rest.Client.Do.
func (a *Account) Do(ctx context.Context, c Call) (rest.Response, error) {
	path := make([]string, len(c.Path))
	for i, part := range c.Path {
		path[i] = url.PathEscape(part)
	}
	u := a.base.JoinPath(path...)
	u.RawQuery = c.Query.Encode()
	header := http.Header{}
	for name, value := range c.Header {
		header.Set(name, value)
	}
	header.Set("X-Ms-Version", version)
	header.Set("X-Ms-Date", a.now().UTC().Format(http.TimeFormat))
	return a.client.Do(ctx, rest.Request{Method: c.Method, URL: u, Header: header, Body: c.Body, Once: c.Once})
}

// Code returns the service's name for what is wrong, such as "QueueNotFound"; "" when
// err is no answer of the service.
func Code(err error) string {
	if answer, ok := errors.AsType[*rest.Error](err); ok {
		return answer.Code
	}
	return ""
}
