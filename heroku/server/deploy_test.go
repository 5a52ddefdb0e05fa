package main_test

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/settings"
)

// deployFiles is where Procfile, app.json and Dockerfile lie.
const deployFiles = "../.."

func deployFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(deployFiles, name))
	must(t, err)
	return text
}

// The files that platforms read name what there is.
func TestDeployFiles(t *testing.T) {
	if got := string(deployFile(t, "Procfile")); got != "web: bin/server\n" {
		t.Errorf("Procfile: %q", got)
	}
	decoder := json.NewDecoder(bytes.NewReader(deployFile(t, "app.json")))
	decoder.DisallowUnknownFields()
	var app struct {
		Name, Description, Stack string
		SuccessPath              string `json:"success_url"`
		Keywords                 []string
		Buildpacks               []struct{ URL string }
		Addons                   []struct{ Plan string }
		Formation                map[string]struct {
			Quantity int
			Size     string
		}
		Env map[string]struct {
			Description, Value, Generator string
			Required                      *bool
		}
	}
	must(t, decoder.Decode(&app))
	known := []string{"DT_SCHEDULE", "METRICS_PORT"}
	for _, v := range settings.Table() {
		known = append(known, v.Name)
	}
	for name := range app.Env {
		if !slices.Contains(known, name) {
			t.Errorf("app.json sets %s, which nothing reads", name)
		}
	}
	if app.SuccessPath != "/healthz" || app.Formation["web"].Quantity != 1 || app.Env["DT_SINK"].Value != "postgres:" {
		t.Errorf("app.json: %+v", app)
	}
	dockerfile := string(deployFile(t, "Dockerfile"))
	for _, want := range []string{"FROM scratch\n", "USER 65532:65532\n", "./heroku/server\n", "CGO_ENABLED=0"} {
		if !strings.Contains(dockerfile, want) {
			t.Errorf("Dockerfile has no %q", want)
		}
	}
}

// An image made from scratch has no certificate authorities: they are in the
// program.
func TestCertificateAuthorities(t *testing.T) {
	info, err := buildinfo.ReadFile(binary)
	must(t, err)
	for _, module := range info.Deps {
		if module.Path == "golang.org/x/crypto/x509roots/fallback" {
			return
		}
	}
	t.Error("the program has no certificate authorities in it")
}
