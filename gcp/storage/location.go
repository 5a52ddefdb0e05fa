package storage

import (
	"errors"
	"net/url"
	"strings"
)

const (
	lowerAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789"
	// An object's name has at most 1,024 bytes; a key takes at most 200 of them.
	maxPrefix = 512
)

// parseLocation returns the bucket that u names and what the objects' names begin
// with.
func parseLocation(u *url.URL) (bucket, prefix string, err error) {
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Port() != "":
		return "", "", errors.New("has more than a bucket and a prefix; credentials are not part of the URL")
	case !isBucket(u.Host):
		return "", "", errors.New("names no bucket; want gcp-storage://bucket/prefix, the bucket of 3 to 222 lower-case letters, digits, dots, - and _")
	}
	prefix = strings.Trim(u.Path, "/")
	if prefix == "" {
		return u.Host, "", nil
	}
	if len(prefix) > maxPrefix || strings.ContainsFunc(prefix, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_./", r)
	}) {
		return "", "", errors.New("has a prefix that is not of at most 512 letters, digits and - _ . /")
	}
	for part := range strings.SplitSeq(prefix, "/") {
		if part == "" || part == "." || part == ".." {
			return "", "", errors.New("has an empty part in its prefix, or one of dots")
		}
	}
	return u.Host, prefix + "/", nil
}

// isBucket reports whether name can be a bucket's ("About Cloud Storage buckets").
func isBucket(name string) bool {
	if len(name) < 3 || len(name) > 222 || strings.Trim(name, lowerAndDigits+"-_.") != "" || strings.Contains(name, "..") {
		return false
	}
	first, last := name[:1], name[len(name)-1:]
	return strings.Trim(first+last, lowerAndDigits) == ""
}
