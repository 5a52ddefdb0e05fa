package settings

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// minSecret is the length, in bytes, below which a secret can be guessed: from
// one signed request anyone can try secrets without limit.
const minSecret = 16

// references are how values begin that stand for a secret in a platform's store.
// The platform or its adapter puts the secret in their place; when one arrives
// here that has failed, and the reference, which is no secret, must not become
// the key.
func references() []string {
	return []string{"aws-secretsmanager://", "aws-ssm://", "azure-keyvault://", "@Microsoft.KeyVault("}
}

// secret returns a secret, of which no fault shows any part.
func (l *loader) secret(name string) secret.Text {
	text := l.env[name]
	if text == "" {
		return secret.Text{}
	}
	if fault := secretFault(text); fault != "" {
		l.fault(name, fault)
		return secret.Text{}
	}
	if len(text) < minSecret {
		l.warn(name, fmt.Sprintf("shorter than %d bytes: such a secret can be guessed", minSecret))
	}
	if quotes := text[0]; (quotes == '"' || quotes == '\'') && len(text) > 1 && text[len(text)-1] == quotes {
		l.warn(name, "begins and ends with a quotation mark, which is taken as a part of the secret")
	}
	return secret.New(text)
}

// secretFault returns what is wrong with a secret; "" when nothing is.
func secretFault(text string) string {
	invisible := func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) }
	if inner := strings.TrimFunc(text, invisible); inner != text {
		if inner == "" {
			return "nothing but white space"
		}
		return "white space, a line break or another invisible character before or after the secret; remove it"
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "a line break or another control character in the secret; remove it"
	}
	for _, prefix := range references() {
		if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
			return "a reference (" + prefix + "…) that nothing has put the secret in place of; " +
				"check that this platform resolves it and may read it"
		}
	}
	return ""
}
