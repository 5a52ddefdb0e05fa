package checkpoint_test

import (
	"encoding/hex"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

func TestEscapeKey(t *testing.T) {
	long := strings.Repeat("x", 201)
	for key, want := range map[string]string{
		"projects/p/dataconnectors/c": "projects.2fp.2fdataconnectors.2fc",
		"a-b_0":                       "a-b_0",
		"A":                           ".41",
		".":                           ".2e",
		"..":                          ".2e.2e",
		"~":                           ".7e",
		"é":                           ".c3.a9",
		"\xff\x00":                    ".ff.00",
		strings.Repeat("x", 200):      strings.Repeat("x", 200),
		// $ printf 'x%.0s' {1..201} | sha256sum
		long: strings.Repeat("x", 135) + "~" + "84a0678c90937f5dcf9994d5866668da6b995109c8ad845410559b48a4ecafed",
	} {
		if got := checkpoint.EscapeKey(key); got != want {
			t.Errorf("%.40q:\ngot  %s\nwant %s", key, got, want)
		}
	}
}

func TestCheckKey(t *testing.T) {
	for key, want := range map[string]string{
		"":                       "this one has 0 bytes",
		strings.Repeat("x", 513): "this one has 513 bytes",
		"a\xff":                  `"a\xff" is not UTF-8`,
		"a\x00b":                 `"a\x00b" has one`,
	} {
		for name, err := range map[string]error{"CheckKey": checkpoint.CheckKey(key), "CheckSave": checkpoint.CheckSave(key, nil)} {
			if !errors.Is(err, checkpoint.ErrKey) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s of %.20q: got %v, want %q", name, key, err, want)
			}
		}
	}
	for _, key := range []string{"a", strings.Repeat("x", 512), "é 冷 \n\u202e"} {
		if err := checkpoint.CheckKey(key); err != nil {
			t.Errorf("%.20q: %v", key, err)
		}
	}
	if err := checkpoint.CheckSave("a", make([]byte, checkpoint.MaxSize)); err != nil {
		t.Error(err)
	}
	if err := checkpoint.CheckSave("a", make([]byte, checkpoint.MaxSize+1)); !errors.Is(err, checkpoint.ErrTooLarge) ||
		err.Error() != "a checkpoint has at most 262144 bytes: this one has 262145" {
		t.Errorf("got %v", err)
	}
}

// FuzzEscapeKey: a name that is not cut gives its key back, and so no two keys have
// it; one that is cut has the key's hash in it. No name is a path, nor too long.
func FuzzEscapeKey(f *testing.F) {
	long := strings.Repeat("x", 200)
	for _, seed := range [][2]string{
		{"a", "A"}, {"a/b", "a.2fb"}, {".2f", "/"}, {"..", "."}, {"", "\x00"}, {"a~", "a"}, {"é", "e\u0301"},
		{long + "a", long + "b"}, {long + "a", checkpoint.EscapeKey(long + "a")}, {strings.Repeat("/", 67), strings.Repeat("/", 66)},
	} {
		f.Add(seed[0], seed[1])
	}
	allowed := regexp.MustCompile(`^[a-z0-9_.~-]*$`)
	escape := regexp.MustCompile(`\.[0-9a-f]{2}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		name := checkpoint.EscapeKey(a)
		if other := checkpoint.EscapeKey(b); (a == b) != strings.EqualFold(name, other) {
			t.Errorf("%q and %q are named %s and %s", a, b, name, other)
		}
		if !allowed.MatchString(name) || len(name) > checkpoint.MaxEscaped || name == "." || name == ".." || filepath.Base("x"+name) != "x"+name {
			t.Errorf("%q is named %s", a, name)
		}
		if strings.Contains(name, "~") {
			return
		}
		back := escape.ReplaceAllStringFunc(name, func(code string) string {
			c, err := hex.DecodeString(code[1:])
			if err != nil {
				t.Fatal(err)
			}
			return string(c)
		})
		if back != a {
			t.Errorf("%q is named %s, which is %q", a, name, back)
		}
	})
}
