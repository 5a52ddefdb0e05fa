package dtcloud_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// shape returns the members of a JSON value, in order, with the kinds of their
// values. Of an array it is that of its first value; what users name themselves
// is left out.
func shape(t *testing.T, body []byte) string {
	t.Helper()
	var b strings.Builder
	var walk func(path string, v jsontext.Value)
	walk = func(path string, v jsontext.Value) {
		switch v.Kind() {
		case '{':
			decoder := jsontext.NewDecoder(bytes.NewReader(v))
			_, err := decoder.ReadToken()
			for err == nil && decoder.PeekKind() != '}' {
				var name jsontext.Token
				if name, err = decoder.ReadToken(); err != nil {
					break
				}
				key := name.String()
				var value jsontext.Value
				if value, err = decoder.ReadValue(); err != nil {
					break
				}
				switch path {
				case ".labels", ".event.data.added", ".event.data.modified":
				default:
					walk(path+"."+key, value)
				}
			}
			if err != nil {
				t.Fatalf("%s: %v", v, err)
			}
			fmt.Fprintf(&b, "%s{} ", path)
		case '[':
			var values []jsontext.Value
			if err := json.Unmarshal(v, &values); err != nil {
				t.Fatalf("%s: %v", v, err)
			}
			fmt.Fprintf(&b, "%s[] ", path)
			if len(values) > 0 && values[0].Kind() == '{' {
				walk(path+"[0]", values[0])
			}
		case 't', 'f':
			fmt.Fprintf(&b, "%s bool ", path)
		default:
			fmt.Fprintf(&b, "%s %v ", path, v.Kind())
		}
	}
	walk("", body)
	// Errors of links are not in DT's samples.
	return regexp.MustCompile(`\S+errors\[0\]\S*( string)? `).ReplaceAllString(b.String(), "")
}
