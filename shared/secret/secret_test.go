package secret_test

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

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

const marked = "s3cr3t-MARK-0123456789"

// holder has secrets in every place where a printer may find them.
type holder struct {
	Exported   secret.Text
	unexported secret.Text
	pointer    *secret.Text
	list       []secret.Text
	named      map[string]secret.Text
	any        any
	inner      struct{ secret secret.Text }
}

func newHolder() holder {
	s := secret.New(marked)
	h := holder{
		Exported: s, unexported: s, pointer: &s, list: []secret.Text{s},
		named: map[string]secret.Text{"k": s}, any: s,
	}
	h.inner.secret = s
	return h
}

func TestTextVerbs(t *testing.T) {
	s := secret.New(marked)
	h := newHolder()
	for _, verb := range secrettest.Verbs() {
		for name, value := range map[string]any{
			"secret": s, "pointer": &s, "list": []secret.Text{s}, "array": [1]secret.Text{s},
			"map": map[string]secret.Text{"k": s}, "struct": h, "pointer to struct": &h, "zero": secret.Text{},
		} {
			secrettest.CheckHidden(t, name+" by "+verb, fmt.Sprintf(verb, value), marked)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d", "%Z"} {
		for _, value := range []any{s, &s, secret.Text{}} {
			if got := fmt.Sprintf(verb, value); got != "[redacted]" {
				t.Errorf("%s of %T gives %s", verb, value, got)
			}
		}
	}
	if s.String() != "[redacted]" || s.GoString() != "[redacted]" || fmt.Sprint(s) != "[redacted]" {
		t.Errorf("got %s, %#v", s, s)
	}
	if got := fmt.Sprintf("%v", struct{ S secret.Text }{s}); got != "{[redacted]}" {
		t.Errorf("in a struct it gives %s", got)
	}
}

func TestTextEncodings(t *testing.T) {
	s, h := secret.New(marked), newHolder()
	for name, value := range map[string]any{"secret": s, "pointer": &s, "struct": h, "pointer to struct": &h, "any": []any{s, h}} {
		text, err := json.Marshal(value)
		if err != nil || !strings.Contains(string(text), `"[redacted]"`) {
			t.Errorf("%s as JSON: %s, %v", name, text, err)
		}
		secrettest.CheckHidden(t, name+" as JSON", string(text), marked)
		if _, err := json.Marshal(map[string]any{"k": value}); err != nil {
			t.Error(err)
		}
	}
	type element struct{ Secret secret.Text }
	text, err := xml.Marshal(element{s})
	if err != nil || !strings.Contains(string(text), "<Secret>[redacted]</Secret>") {
		t.Errorf("as XML: %s, %v", text, err)
	}
	var b bytes.Buffer
	_ = gob.NewEncoder(&b).Encode(struct {
		Name   string
		Secret secret.Text
	}{"n", s})
	secrettest.CheckHidden(t, "gob", b.String(), marked)
}

func TestTextInLogs(t *testing.T) {
	s, h := secret.New(marked), newHolder()
	var b bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&b, nil), slog.NewTextHandler(&b, nil)} {
		b.Reset()
		logger := slog.New(handler).With("before", s)
		logger.Info("x", "secret", s, "pointer", &s, "struct", h, "pointer to struct", &h, slog.Group("g", "s", s), "list", []secret.Text{s})
		secrettest.CheckHidden(t, fmt.Sprintf("%T", handler), b.String(), marked)
		if strings.Count(b.String(), "[redacted]") < 5 {
			t.Errorf("%T: %s", handler, &b)
		}
	}
}

// No text can be reached from a Secret by reflection, as printers that follow
// pointers and unexported fields do.
func TestTextReflection(t *testing.T) {
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			secrettest.CheckHidden(t, path, v.String(), marked)
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

func TestTextReveal(t *testing.T) {
	if s := secret.New(marked); s.Reveal() != marked || s.IsZero() {
		t.Errorf("got %q, %v", s.Reveal(), s.IsZero())
	}
	for _, s := range []secret.Text{{}, secret.New("")} {
		if s.Reveal() != "" || !s.IsZero() {
			t.Errorf("got %q, %v", s.Reveal(), s.IsZero())
		}
	}
}
