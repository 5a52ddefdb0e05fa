//go:build platforms

package rotation_test

import (
	"context"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/mototest"
	"github.com/dt-functions/dt-functions/aws/rotation"
	"github.com/dt-functions/dt-functions/aws/secrets"
)

// The steps against moto's Secrets Manager, from where the new secret is pending.
func TestMoto(t *testing.T) {
	w := newWorld(t, first, "")
	server := mototest.Start(t)
	service := server.Service(t, "secretsmanager")
	call := func(operation string, in, out any) {
		t.Helper()
		if err := service.JSON(t.Context(), "secretsmanager."+operation, "1.1", in, out); err != nil {
			t.Fatal(err)
		}
	}
	var made struct{ ARN string }
	call("CreateSecret", map[string]string{"Name": "dt", "SecretString": first}, &made)
	call("PutSecretValue", map[string]any{
		"SecretId": made.ARN, "ClientRequestToken": token, "SecretString": pendingText, "VersionStages": []string{secrets.Pending},
	}, nil)
	var waits []time.Duration
	w.config.Client, w.config.Secret.ID, w.config.DT, w.config.Now = server.Client, made.ARN, w.dt, time.Now
	w.config.Sleep = func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}
	f, err := rotation.New(w.config)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		for range 2 {
			if err := f.Handle(t.Context(), rotation.Event{Step: step, SecretID: made.ARN, ClientRequestToken: token}); err != nil {
				t.Fatalf("%s: %v", step, err)
			}
		}
	}
	for stage, want := range map[string]string{secrets.Current: pendingText, secrets.Previous: first} {
		var got struct{ SecretString string }
		call("GetSecretValue", map[string]string{"SecretId": made.ARN, "VersionStage": stage}, &got)
		if got.SecretString != want {
			t.Errorf("%s is %q, want %q", stage, got.SecretString, want)
		}
	}
	if got := w.signing(); len(got) != 1 || got[0] != pendingText {
		t.Errorf("connectors sign with %v", got)
	}
	if len(waits) != 1 || waits[0] > rotation.Settle || waits[0] < rotation.Settle-time.Minute {
		t.Errorf("waited %v", waits)
	}
}

// pendingText stands for what createSecret makes.
const pendingText = "the-second-secret-of-the-test"
