package sink

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
)

// FilePath returns the path that u names, for drivers whose sinks are files:
// file:///data/events.ndjson means /data/events.ndjson, and on Windows
// file:///C:/data/events.ndjson means C:\data\events.ndjson (RFC 8089). The path
// is absolute, so that it does not depend on where a process was started.
func FilePath(u *url.URL) (string, error) {
	form := "want " + u.Scheme + ":///path/to/file, an absolute path after three slashes"
	switch {
	case u.User != nil, u.Host != "" && u.Host != "localhost":
		return "", errors.New("names a host before its path; " + form)
	case u.Opaque != "" || u.Path == "" || u.Path == "/":
		return "", errors.New("names no absolute path; " + form)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", fmt.Errorf("takes nothing after its path; write %%3F for a question mark and %%23 for # in the path; %s", form)
	case strings.ContainsRune(u.Path, 0):
		return "", errors.New("has a zero byte in its path; " + form)
	case strings.HasSuffix(u.Path, "/"):
		return "", errors.New("names a directory; " + form)
	}
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
	}
	path = filepath.Clean(filepath.FromSlash(path))
	if !filepath.IsAbs(path) {
		return "", errors.New("names no absolute path; on Windows the drive belongs to it: " + u.Scheme + ":///C:/path/to/file")
	}
	return path, nil
}
