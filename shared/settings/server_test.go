package settings_test

import (
	"errors"
	"testing"

	"github.com/dt-functions/dt-functions/shared/settings"
)

func TestLoadServer(t *testing.T) {
	for text, want := range map[string]int{"": 8080, "0": 0, "80": 80, " 8081\n": 8081, "65535": 65535} {
		s, err := settings.LoadServer(settings.Environment{"PORT": text})
		if err != nil || s.Port != want {
			t.Errorf("%q: %+v, %v", text, s, err)
		}
	}
	if s, err := settings.LoadServer(nil); err != nil || s.Port != 8080 {
		t.Errorf("not set: %+v, %v", s, err)
	}
	for _, text := range []string{"65536", "-1", "+80", "http", "0x50", "80,81", ":80", "tcp://10.0.0.1:80", "8 0", "99999999999999999999"} {
		s, err := settings.LoadServer(settings.Environment{"PORT": text})
		var e *settings.Error
		if !errors.As(err, &e) || len(e.Problems) != 1 || e.Problems[0].Variable != "PORT" || s != (settings.Server{}) {
			t.Errorf("%q: %+v, %v", text, s, err)
		}
	}
}

// Two loads that fail are one list.
func TestErrorsJoin(t *testing.T) {
	_, err1 := settings.LoadServer(settings.Environment{"PORT": "x"})
	_, err2 := settings.LoadReceive(nil, drivers{})
	if got, want := errors.Join(err1, err2).Error(), err1.Error()+"\n"+err2.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
