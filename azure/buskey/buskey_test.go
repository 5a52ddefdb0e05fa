package buskey_test

import (
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/azure/buskey"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

func TestParse(t *testing.T) {
	k, err := buskey.Parse("Endpoint=sb://NS.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=a+b/c=;EntityPath=events;")
	if err != nil || k.Host != "ns.servicebus.windows.net" || k.Name != "send" || k.Key.Reveal() != "a+b/c=" || k.Entity != "events" {
		t.Errorf("%+v, %v", k, err)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]string{ // the text to what the error says
		"":                                       "no Endpoint",
		"Endpoint=sb://h/;SharedAccessKeyName=n": "no SharedAccessKey",
		"Endpoint=sb://h/;SharedAccessKey=marked-key":                            "no SharedAccessKeyName",
		"Endpoint=sb://h:5671/;SharedAccessKeyName=n;SharedAccessKey=marked-key": "an Endpoint that is not",
		"Endpoint=marked-key;SharedAccessKeyName=n;SharedAccessKey=x":            "an Endpoint that is not",
		"marked-key": "not Name=value",
		"@Microsoft.KeyVault(SecretUri=https://vault/secrets/marked-key)": "has not resolved",
	}
	for text, want := range tests {
		_, err := buskey.Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", text, err, want)
			continue
		}
		secrettest.CheckHidden(t, "the error", err.Error(), "marked-key")
	}
}

// Whatever the text is, an error shows none of its values.
func FuzzParse(f *testing.F) {
	f.Add("Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=k")
	f.Add("Endpoint=:;;=")
	f.Fuzz(func(t *testing.T, text string) {
		const marked = "bWFya2Vk"
		k, err := buskey.Parse(text + ";SharedAccessKey=" + marked)
		if err != nil {
			secrettest.CheckHidden(t, "the error", err.Error(), marked)
		} else if k.Host == "" || k.Name == "" || k.Key.IsZero() {
			t.Errorf("%+v", k)
		}
	})
}
