package settings

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// A URL is that of a sink or a checkpoint store. It may have a password in it, so what is
// printed of it has none: neither user, password, query nor fragment.
type URL struct {
	url    secret.Text
	shown  string
	scheme string
}

// Reveal returns the URL as it was set, to open what it names.
func (u URL) Reveal() string { return u.url.Reveal() }

// IsZero reports whether there is no URL.
func (u URL) IsZero() bool { return u.url.IsZero() }

// String returns the URL without what may be secret in it.
func (u URL) String() string { return u.shown }

// GoString returns what String does, in quotes.
func (u URL) GoString() string { return fmt.Sprintf("%q", u.shown) }

// MarshalText returns what String does.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.shown), nil }

// LogValue returns what String does.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.shown) }

func newURL(text, scheme string) URL {
	return URL{url: secret.New(text), shown: redactURL(text), scheme: scheme}
}

// redactURL returns what can be shown of a URL, even of one that does not parse or
// parses to something else than was meant: a password may have been written with
// its own / ? # and @ in it. So all before the last @ is left out.
func redactURL(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "", text
	} else {
		scheme += "://"
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = secret.Redacted + rest[i:]
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	return scheme + rest
}
