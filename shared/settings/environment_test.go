package settings_test

import (
	"maps"
	"testing"

	"github.com/dt-functions/dt-functions/shared/settings"
)

func TestFromEnviron(t *testing.T) {
	got := settings.FromEnviron([]string{"A=1", "B=", "C=x=y", "A=2", "=D:=D:\\", "E", ""})
	want := settings.Environment{"A": "1", "B": "", "C": "x=y"}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := settings.FromEnviron(nil); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}
