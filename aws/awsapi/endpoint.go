package awsapi

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// endpointVariable returns the name of the variable that moves one service, as all AWS
// SDKs have it (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").
func endpointVariable(service string) string {
	switch service {
	case "events":
		return "AWS_ENDPOINT_URL_EVENTBRIDGE"
	case "secretsmanager":
		return "AWS_ENDPOINT_URL_SECRETS_MANAGER"
	}
	return "AWS_ENDPOINT_URL_" + strings.ToUpper(service)
}

// endpoint returns where a service is called, and whether a variable says so.
func (c *Client) endpoint(service, region, host string) (u *url.URL, moved bool, err error) {
	for _, name := range []string{endpointVariable(service), "AWS_ENDPOINT_URL"} {
		if text := c.config.Env[name]; text != "" {
			u, err := parseEndpoint(text)
			if err != nil {
				return nil, false, fmt.Errorf("%s: %w", name, err)
			}
			return u, true, nil
		}
	}
	if host == "" {
		host = service + "." + region + "." + suffix(region)
	}
	return &url.URL{Scheme: "https", Host: host, Path: "/"}, false, nil
}

// suffix is what the hosts of a region's partition end in.
func suffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

func parseEndpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		// The error quotes what may be a password.
		return nil, errors.New("is not a URL with a host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("has a user name, a query or a fragment")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		if u.Path == "" {
			u.Path = "/"
		}
		return u, nil
	}
	return nil, errors.New("is not https, so events would be sent unencrypted; http is taken for this machine alone")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
