package dtcloud

import (
	"errors"
	"fmt"
	"net"
	"net/url"
)

// checkAddress checks the URL of a receiver. DT refuses plain HTTP (Creating a
// Data Connector); the simulator lets it pass where nobody can listen. The error
// shows no part of the address that may be secret.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("not a URL: want one such as https://example.com/events")
	}
	switch {
	case u.Hostname() == "":
		return errors.New("no host: want a URL such as https://example.com/events")
	case u.Scheme == "https":
	case u.Scheme == "http" && isLoopback(u.Hostname()):
	case u.Scheme == "http":
		return fmt.Errorf("http://%s is not encrypted: use https, or a receiver on this machine (http://localhost)", u.Host)
	default:
		return fmt.Errorf("scheme %q: want https, or http for a receiver on this machine", u.Scheme)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// publicPart returns the part of address that is never secret: user information
// and queries often hold keys.
func publicPart(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(not a URL)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
