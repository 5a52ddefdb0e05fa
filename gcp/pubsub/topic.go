package pubsub

import (
	"errors"
	"net/url"
	"strings"
)

const (
	lowerAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789"
	letters        = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// ParseTopic returns the project and the topic that u is the sink of.
func ParseTopic(u *url.URL) (project, name string, err error) {
	t, err := parseTopic(u)
	if err != nil {
		return "", "", err
	}
	return t.project, t.name, nil
}

// parseTopic parses gcp-pubsub://projects/P/topics/T.
func parseTopic(u *url.URL) (*topic, error) {
	path := strings.Split(strings.Trim(u.Path, "/"), "/")
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Port() != "":
		return nil, errors.New("has more than the name of a topic; credentials are not part of the URL")
	case u.Host != "projects" || len(path) != 3 || path[1] != "topics":
		return nil, errors.New("names no topic; want gcp-pubsub://projects/PROJECT/topics/TOPIC")
	case !isProject(path[0]):
		return nil, errors.New("names no project; want its id, of lower-case letters, digits and hyphens, after projects/")
	case !isTopic(path[2]):
		return nil, errors.New("names no topic; want 3 to 255 letters, digits and - _ . ~ + % after topics/, beginning with a letter and not with goog")
	}
	return &topic{project: path[0], name: path[2]}, nil
}

// isProject reports whether id can be a project's, also an old one of a domain
// ("example.com:project"), or its number ("Creating and managing projects").
func isProject(id string) bool {
	return id != "" && len(id) <= 100 && strings.Trim(id, lowerAndDigits+"-.:") == "" &&
		strings.Trim(id[:1], lowerAndDigits) == ""
}

// isTopic reports whether name can be a topic's ("Guidelines to name a topic").
func isTopic(name string) bool {
	return len(name) >= 3 && len(name) <= 255 && strings.Trim(name, letters+"0123456789-_.~+%") == "" &&
		strings.Trim(name[:1], letters) == "" && !strings.HasPrefix(name, "goog")
}
