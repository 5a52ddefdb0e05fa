package settings

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Drivers are the kinds of sinks, or of checkpoint stores, that there are.
type Drivers interface {
	// Check returns rawURL parsed, or an error that says why nothing can be
	// opened by it. Nothing is opened. The error has no part of rawURL in it but
	// its scheme, since a password may be in any other.
	Check(rawURL string) (*url.URL, error)
	// Schemes returns the schemes of the URLs that Check may pass.
	Schemes() []string
}

func (l *loader) sinks(drivers Drivers) []URL {
	l.acceptSchemes(sinkURLs, drivers)
	text := l.text(sinkURLs)
	if text == "" {
		l.fault(sinkURLs, "not set")
		return nil
	}
	parts := strings.Split(text, ",")
	var urls []URL
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
		// A URL in a list is shown only when there is no @ in the whole list: a
		// password with a comma in it would be in two parts.
		shown := fmt.Sprintf("URL %d", i+1)
		if !strings.Contains(text, "@") {
			shown = quote(redactURL(parts[i]))
		}
		u, fault := checkURL(drivers, parts[i])
		switch {
		case fault != "":
			l.fault(sinkURLs, shown+" "+fault)
		case slices.Contains(parts[:i], parts[i]):
			l.fault(sinkURLs, shown+" is there twice, so every event would be too")
		default:
			urls = append(urls, u)
		}
	}
	return urls
}

func (l *loader) deadLetter(drivers Drivers) URL {
	l.acceptSchemes(deadLetterURL, drivers)
	return l.url(deadLetterURL, drivers)
}

// url returns the one URL that a variable holds; zero if it is not set.
func (l *loader) url(name string, drivers Drivers) URL {
	text := l.text(name)
	if text == "" {
		return URL{}
	}
	if strings.Contains(text, ",") {
		l.fault(name, "has a comma in it, but takes one URL only")
		return URL{}
	}
	u, fault := checkURL(drivers, text)
	if fault != "" {
		l.fault(name, quote(redactURL(text))+" "+fault)
	}
	return u
}

// acceptSchemes adds the schemes that there are to what a variable accepts.
func (l *loader) acceptSchemes(name string, drivers Drivers) {
	schemes := slices.Sorted(slices.Values(drivers.Schemes()))
	l.table[l.position(name)].Accepted += "; schemes: " + strings.Join(schemes, ", ")
}

// checkURL returns the URL in text, or what is wrong with it, without any part
// of it.
func checkURL(drivers Drivers, text string) (u URL, fault string) {
	if text == "" {
		return URL{}, "is empty"
	}
	parsed, err := url.Parse(text)
	if err != nil {
		// The error quotes what it does not understand, be it a part of a password.
		return URL{}, "is not a URL; in a user name or a password, characters other than letters and digits are written percent-encoded"
	}
	if !slices.Contains(drivers.Schemes(), parsed.Scheme) {
		// It may be a part of a password too, one with a comma in it.
		return URL{}, "has a scheme that is not known here"
	}
	if _, err := drivers.Check(text); err != nil {
		return URL{}, "is not accepted: " + err.Error()
	}
	return newURL(text, parsed.Scheme), ""
}

// checkForwarding checks that what sends events on can sign them.
func (l *loader) checkForwarding(h Handling) {
	forwards := func(u URL) bool { return u.scheme == "https" || u.scheme == "http" }
	required, secret := "", l.env[forwardSecret] != ""
	switch {
	case slices.ContainsFunc(h.Sinks, forwards):
		required = sinkURLs
	case forwards(h.DeadLetter):
		required = deadLetterURL
	}
	switch {
	case required != "" && !secret:
		l.fault(forwardSecret, "not set, but the https:// sink in "+required+" signs with it")
	case required == "" && secret && len(h.Sinks) > 0:
		l.warn(forwardSecret, "has no effect: no sink signs with it")
	}
}
