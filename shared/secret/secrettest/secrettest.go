// Package secrettest helps tests to see that a secret is not printed.
package secrettest

import (
	"fmt"
	"strings"
	"testing"
)

// CheckHidden reports an error if shown, which what describes, has the secret in it
// in any of the forms that fmt's verbs give a text.
func CheckHidden(t testing.TB, what, shown, secret string) {
	t.Helper()
	for _, s := range spellings(secret) {
		if strings.Contains(shown, s) {
			t.Errorf("%s shows the secret: %s", what, shown)
		}
	}
}

// Verbs returns the verbs of package fmt with the flags that change what they show,
// and some that fmt does not know.
func Verbs() []string {
	var all []string
	for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#", "# ", "40", "-40.3"} {
		for _, verb := range "vTtbcdoOqxXUeEfFgGspwZ!" {
			all = append(all, "%"+flags+string(verb))
		}
	}
	return all
}

func spellings(secret string) []string {
	var decimal []string
	for _, b := range []byte(secret) {
		decimal = append(decimal, fmt.Sprint(b))
	}
	return []string{
		secret,
		fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("% x", secret),
		strings.Join(decimal, " "), strings.Join(decimal, ", "),
	}
}
