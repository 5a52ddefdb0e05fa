package settings

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// SinkDrivers are the kinds of sinks that there are.
type SinkDrivers interface {
	// Check returns rawURL parsed, or an error that says why no sink can be
	// opened by it. Nothing is opened. The error has no part of rawURL in it but
	// its scheme, since a password may be in any other.
	Check(rawURL string) (*url.URL, error)
	// Schemes returns the schemes of the URLs that Check may pass.
	Schemes() []string
}

func (l *loader) sinks(drivers SinkDrivers) []SinkURL {
	l.acceptSchemes(sinkURLs, drivers)
	text := l.text(sinkURLs)
	if text == "" {
		l.fault(sinkURLs, "not set")
		return nil
	}
	parts := strings.Split(text, ",")
	var urls []SinkURL
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
		// A URL in a list is shown only when there is no @ in the whole list: a
		// password with a comma in it would be in two parts.
		shown := fmt.Sprintf("URL %d", i+1)
		if !strings.Contains(text, "@") {
			shown = quote(redactURL(parts[i]))
		}
		u, fault := checkSink(drivers, parts[i])
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

func (l *loader) deadLetter(drivers SinkDrivers) SinkURL {
	l.acceptSchemes(deadLetterURL, drivers)
	text := l.text(deadLetterURL)
	if text == "" {
		return SinkURL{}
	}
	if strings.Contains(text, ",") {
		l.fault(deadLetterURL, "has a comma in it, but takes one URL only")
		return SinkURL{}
	}
	u, fault := checkSink(drivers, text)
	if fault != "" {
		l.fault(deadLetterURL, quote(redactURL(text))+" "+fault)
	}
	return u
}

// acceptSchemes adds the schemes that there are to what a variable accepts.
func (l *loader) acceptSchemes(name string, drivers SinkDrivers) {
	schemes := slices.Sorted(slices.Values(drivers.Schemes()))
	l.table[l.position(name)].Accepted += "; schemes: " + strings.Join(schemes, ", ")
}

// checkSink returns the URL in text, or what is wrong with it, without any part
// of it.
func checkSink(drivers SinkDrivers, text string) (u SinkURL, fault string) {
	if text == "" {
		return SinkURL{}, "is empty"
	}
	parsed, err := url.Parse(text)
	if err != nil {
		// The error quotes what it does not understand, be it a part of a password.
		return SinkURL{}, "is not a URL; in a user name or a password, characters other than letters and digits are written percent-encoded"
	}
	if !slices.Contains(drivers.Schemes(), parsed.Scheme) {
		// It may be a part of a password too, one with a comma in it.
		return SinkURL{}, "has a scheme for which there is no sink"
	}
	if _, err := drivers.Check(text); err != nil {
		return SinkURL{}, "is not accepted: " + err.Error()
	}
	return newSinkURL(text, parsed.Scheme), ""
}

// checkForwarding checks that what sends events on can sign them.
func (l *loader) checkForwarding(h Handling) {
	forwards := func(u SinkURL) bool { return u.scheme == "https" || u.scheme == "http" }
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
