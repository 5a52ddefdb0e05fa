//go:build platforms

package postgres_test

import (
	"net/url"
	"strings"
	"testing"
)

// A server whose certificate is its own, as Heroku's: the connection is encrypted, and
// verified only against that certificate.
func TestCertificates(t *testing.T) {
	database := newDatabase(t, shared)
	withMode := func(mode string) string { return strings.Replace(database, "sslmode=disable", mode, 1) }
	for mode, want := range map[string]string{"sslmode=require": "true", "sslmode=disable": "false"} {
		must(t, open(t, withMode(mode)).Ping(t.Context()))
		if got := scalar(t, withMode(mode), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"); got != want {
			t.Errorf("%s: encrypted %s", mode, got)
		}
	}
	wantError(t, open(t, withMode("sslmode=verify-full")).Ping(t.Context()), "cannot connect", "certificate signed by unknown authority")
	own := "sslmode=verify-full&sslrootcert=" + url.QueryEscape(shared.Certificate())
	must(t, open(t, withMode(own)).Ping(t.Context()))
	wantError(t, open(t, strings.Replace(withMode(own), "127.0.0.1", "localhost", 1)).Ping(t.Context()), "cannot connect", "localhost")
}
