package settings_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/settings"
)

const marked = "s3cr3t-MARK-0123456789"

// holder has secrets in every place where a printer may find them.
type holder struct {
	Exported   settings.Secret
	unexported settings.Secret
	pointer    *settings.Secret
	list       []settings.Secret
	named      map[string]settings.Secret
	any        any
	inner      struct{ secret settings.Secret }
}

func newHolder() holder {
	s := settings.NewSecret(marked)
	h := holder{
		Exported: s, unexported: s, pointer: &s, list: []settings.Secret{s},
		named: map[string]settings.Secret{"k": s}, any: s,
	}
	h.inner.secret = s
	return h
}

// spellings are the forms in which a printer may show marked.
func spellings() []string {
	var decimal []string
	for _, b := range []byte(marked) {
		decimal = append(decimal, fmt.Sprint(b))
	}
	return []string{
		marked,
		fmt.Sprintf("%x", marked), fmt.Sprintf("%X", marked), fmt.Sprintf("% x", marked),
		strings.Join(decimal, " "), strings.Join(decimal, ", "),
	}
}

func checkHidden(t *testing.T, what, text string) {
	t.Helper()
	for _, s := range spellings() {
		if strings.Contains(text, s) {
			t.Errorf("%s shows the secret: %s", what, text)
		}
	}
}

func verbs() []string {
	var all []string
	for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#", "# ", "40", "-40.3"} {
		for _, verb := range "vTtbcdoOqxXUeEfFgGspwZ!" {
			all = append(all, "%"+flags+string(verb))
		}
	}
	return all
}

func TestSecretVerbs(t *testing.T) {
	s := settings.NewSecret(marked)
	h := newHolder()
	for _, verb := range verbs() {
		for name, value := range map[string]any{
			"secret": s, "pointer": &s, "list": []settings.Secret{s}, "array": [1]settings.Secret{s},
			"map": map[string]settings.Secret{"k": s}, "struct": h, "pointer to struct": &h, "zero": settings.Secret{},
		} {
			checkHidden(t, name+" by "+verb, fmt.Sprintf(verb, value))
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d", "%Z"} {
		for _, value := range []any{s, &s, settings.Secret{}} {
			if got := fmt.Sprintf(verb, value); got != "[redacted]" {
				t.Errorf("%s of %T gives %s", verb, value, got)
			}
		}
	}
	if s.String() != "[redacted]" || s.GoString() != "[redacted]" || fmt.Sprint(s) != "[redacted]" {
		t.Errorf("got %s, %#v", s, s)
	}
	if got := fmt.Sprintf("%v", struct{ S settings.Secret }{s}); got != "{[redacted]}" {
		t.Errorf("in a struct it gives %s", got)
	}
}

func TestSecretEncodings(t *testing.T) {
	s, h := settings.NewSecret(marked), newHolder()
	for name, value := range map[string]any{"secret": s, "pointer": &s, "struct": h, "pointer to struct": &h, "any": []any{s, h}} {
		text, err := json.Marshal(value)
		if err != nil || !strings.Contains(string(text), `"[redacted]"`) {
			t.Errorf("%s as JSON: %s, %v", name, text, err)
		}
		checkHidden(t, name+" as JSON", string(text))
		if _, err := json.Marshal(map[string]any{"k": value}); err != nil {
			t.Error(err)
		}
	}
	type element struct{ Secret settings.Secret }
	text, err := xml.Marshal(element{s})
	if err != nil || !strings.Contains(string(text), "<Secret>[redacted]</Secret>") {
		t.Errorf("as XML: %s, %v", text, err)
	}
	var b bytes.Buffer
	_ = gob.NewEncoder(&b).Encode(struct {
		Name   string
		Secret settings.Secret
	}{"n", s})
	checkHidden(t, "gob", b.String())
}

func TestSecretInLogs(t *testing.T) {
	s, h := settings.NewSecret(marked), newHolder()
	var b bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&b, nil), slog.NewTextHandler(&b, nil)} {
		b.Reset()
		logger := slog.New(handler).With("before", s)
		logger.Info("x", "secret", s, "pointer", &s, "struct", h, "pointer to struct", &h, slog.Group("g", "s", s), "list", []settings.Secret{s})
		checkHidden(t, fmt.Sprintf("%T", handler), b.String())
		if strings.Count(b.String(), "[redacted]") < 5 {
			t.Errorf("%T: %s", handler, &b)
		}
	}
}

// No text can be reached from a Secret by reflection, as printers that follow
// pointers and unexported fields do.
func TestSecretReflection(t *testing.T) {
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			checkHidden(t, path, v.String())
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(path, v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(path, v.Index(i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(path, v.MapIndex(key))
			}
		case reflect.Func:
			if v.CanInterface() {
				t.Errorf("%s can be called", path)
			}
		default:
			t.Errorf("%s is a %s, which this test does not know", path, v.Kind())
		}
	}
	walk("holder", reflect.ValueOf(newHolder()))
}

func TestSecretReveal(t *testing.T) {
	if s := settings.NewSecret(marked); s.Reveal() != marked || s.IsZero() {
		t.Errorf("got %q, %v", s.Reveal(), s.IsZero())
	}
	for _, s := range []settings.Secret{{}, settings.NewSecret("")} {
		if s.Reveal() != "" || !s.IsZero() {
			t.Errorf("got %q, %v", s.Reveal(), s.IsZero())
		}
	}
}
