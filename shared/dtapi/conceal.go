package dtapi

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	maxMessage = 300 // characters of a message of DT that are shown
	maxID      = 128 // characters of an id that are shown
	// minConcealed is the least length of what is looked for: replacing every "1" in
	// a message because a header's value is "1" would hide what is wrong, and what
	// is shorter than this is no secret.
	minConcealed = 4
)

// A concealer takes the secrets of a request out of what was answered to it: an API
// may repeat what it refuses.
type concealer struct{ replacer *strings.Replacer }

func newConcealer(secrets []secret.Text) concealer {
	var forms []string
	for _, s := range secrets {
		if revealed := s.Reveal(); len(revealed) >= minConcealed {
			forms = append(forms, revealed, url.QueryEscape(revealed), url.PathEscape(revealed))
			// Inside JSON, as Go writes it for pages and as everybody else does.
			escaped, _ := json.Marshal(revealed)
			forms = append(forms, inside(escaped), inside(encode(revealed)))
		}
	}
	// The longest first: the replacer takes the first that fits, and one secret may
	// be the beginning of another.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, form := range forms {
		pairs = append(pairs, form, secret.Redacted)
	}
	return concealer{strings.NewReplacer(pairs...)}
}

// inside returns a JSON string without its quotes.
func inside(text []byte) string { return string(text[1 : len(text)-1]) }

// line returns text on one line of at most limit characters, without secrets.
// Secrets go first, as a cut could leave a part of one.
func (c concealer) line(text string, limit int) string {
	return oneLine(c.replacer.Replace(text), limit)
}

// oneLine returns text without what would break a line or a terminal, at most limit
// characters of it.
func oneLine(text string, limit int) string {
	fields := strings.FieldsFunc(strings.ToValidUTF8(text, "�"), func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
	})
	text = strings.Join(fields, " ")
	n := 0
	for i := range text {
		if n == limit {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// quote returns text in quotes, as far as errors show it.
func quote(text string) string { return strconv.Quote(oneLine(text, maxID)) }
