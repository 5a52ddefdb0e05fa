package main_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

// The server answers every request as all adapters do.
func TestAnswersAsAllAdapters(t *testing.T) {
	adaptertest.Run(t, adaptertest.Platform{
		Name: "heroku",
		Start: func(t *testing.T, s adaptertest.Start) adaptertest.Target {
			cmd := command(t, nil)
			for name, value := range s.Env {
				cmd.Env = append(cmd.Env, name+"="+value)
			}
			if s.Faulty {
				cmd.Path = filepath.Join(filepath.Dir(binary), "faulty")
				must(t, goBuild(cmd.Path, "./testdata/faulty"))
			}
			p := launch(t, cmd)
			t.Cleanup(func() {
				for name, value := range s.Env {
					if strings.Contains(name, "SECRET") {
						secrettest.CheckHidden(t, "the log", p.text(), value)
					}
				}
			})
			return adaptertest.HTTPTarget{URL: "http://" + p.address + "/"}
		},
	})
}
