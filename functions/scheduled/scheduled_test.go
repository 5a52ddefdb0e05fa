package scheduled_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/functions/scheduled"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// Each function runs by its name, from the environment alone; its report is JSON, and
// the log has a line a connector and no secret.
func TestRun(t *testing.T) {
	const signingSecret = "s1gn1ng-MARK-0123456789"
	w := dtcloudtest.New(t, nil)
	name := w.Connector(t, dtcloud.Connector{})
	env := settings.Environment(w.Environment())
	env["DT_CONNECTORS"] = string(name)
	env["DT_CONNECTOR_CONFIG"] = `{"events":["touch"]}`
	env["DT_SIGNATURE_SECRET"] = signingSecret
	env["DT_SINK"] = "file://" + filepath.ToSlash(filepath.Join(t.TempDir(), "events.ndjson"))
	env["DT_CHECKPOINT"] = "mem://x"
	env["DT_LOG_LEVEL"] = "debug"
	checkpoints := checkpointtest.NewMemory()
	var log bytes.Buffer
	parts := scheduled.Parts{
		Sinks: func(signer *signature.Signer) sink.Drivers { return sink.Portable{Signer: signer}.Drivers() },
		Checkpoints: checkpoint.Drivers{"mem": func(context.Context, *url.URL) (checkpoint.Store, error) {
			return checkpoints.Reopen(), nil
		}},
		Logger: func(level slog.Level) *slog.Logger { return telemetry.NewLogger(&log, level) },
		Now:    w.Clock().Now,
	}
	want := map[string]string{"sync": `"synced":true`, "configure": `"changed":true`, "recover": `"status":"ACTIVE"`}
	for _, function := range scheduled.Names() {
		log.Reset()
		report, err := scheduled.Run(t.Context(), function, env, parts)
		if err != nil {
			t.Fatalf("%s: %v", function, err)
		}
		if !json.Valid(report) || !strings.Contains(string(report), want[function]) || !strings.Contains(string(report), string(name)) {
			t.Errorf("%s: report %s", function, report)
		}
		if !strings.Contains(log.String(), `"function":"`+function+`","connector":"`+string(name)+`"`) || !strings.Contains(log.String(), want[function]) {
			t.Errorf("%s: log %s", function, log.String())
		}
		for _, s := range []string{signingSecret, w.Account.Secret.Reveal()} {
			secrettest.CheckHidden(t, "the log of "+function, log.String(), s)
			secrettest.CheckHidden(t, "the report of "+function, string(report), s)
		}
	}
	// A connector that is gone: the report is there beside the error.
	env["DT_CONNECTORS"] = "projects/p1/dataconnectors/gone"
	for _, function := range scheduled.Names() {
		log.Reset()
		report, err := scheduled.Run(t.Context(), function, env, parts)
		if err == nil || !strings.Contains(err.Error(), "projects/p1/dataconnectors/gone") || !strings.Contains(string(report), `"error":"`) {
			t.Errorf("%s: %v, %s", function, err, report)
		}
		if !strings.Contains(log.String(), `"level":"ERROR"`) {
			t.Errorf("%s: log %s", function, log.String())
		}
	}
}

func TestOpenErrors(t *testing.T) {
	parts := scheduled.Parts{
		Sinks:       func(*signature.Signer) sink.Drivers { return sink.Portable{}.Drivers() },
		Checkpoints: checkpoint.Portable(),
	}
	for _, function := range scheduled.Names() {
		var wrong *settings.Error
		if _, err := scheduled.Open(t.Context(), function, nil, parts); !errors.As(err, &wrong) || len(wrong.Problems) < 3 {
			t.Errorf("%s: %v", function, err)
		}
	}
	if _, err := scheduled.Open(t.Context(), "receive", nil, parts); !errors.Is(err, scheduled.ErrUnknown) || !strings.Contains(err.Error(), "sync, configure, recover") {
		t.Error(err)
	}
}
