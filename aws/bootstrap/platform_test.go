//go:build platforms

package main_test

import (
	"maps"
	"testing"

	"github.com/dt-functions/dt-functions/aws/mototest"
)

// The deployed program with its secret in Secrets Manager and its sinks in SQS.
func TestMoto(t *testing.T) {
	server := mototest.Start(t)
	q, dead := server.NewQueue(t, "events"), server.NewQueue(t, "dead")
	err := server.Service(t, "secretsmanager").JSON(t.Context(), "secretsmanager.CreateSecret", "1.1",
		map[string]string{"Name": "dt", "SecretString": `{"signature":"` + signatureSecret + `"}`}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const queues = "aws-sqs://sqs." + mototest.Region + ".amazonaws.com/" + mototest.Account + "/"
	env := map[string]string{
		"_HANDLER": "receive", "DT_SIGNATURE_SECRET": "aws-secretsmanager://dt#signature", "DT_SINK": queues + "events", "DT_DEAD_LETTER": queues + "dead",
	}
	maps.Copy(env, server.Env())
	w := start(t, env)
	for body, want := range map[string]string{touch("event1"): "accepted", "hello": "dead-lettered", "": "dead-lettered"} {
		if status, outcome := w.answer(t, request(t, body, signatureSecret)); status != 200 || outcome != want {
			t.Errorf("%q: %d %s, want %s", body, status, outcome, want)
		}
	}
	if status, _ := w.answer(t, request(t, touch("event2"), "another-secret")); status != 401 {
		t.Errorf("another secret: %d", status)
	}
	stored, err := q.Stored(t.Context())
	if err != nil || len(stored) != 1 || stored[0].ID != "event1" || stored[0].Key != "d1" || stored[0].Attributes.EventType != "touch" {
		t.Errorf("stored %+v, %v", stored, err)
	}
	letters, err := dead.Stored(t.Context())
	if err != nil || len(letters) != 2 {
		t.Fatalf("dead letters %+v, %v", letters, err)
	}
	for _, l := range letters {
		if text := string(l.Data); text != "" && text != "hello" || l.Attributes.DeadLetter != "syntax" {
			t.Errorf("dead letter %+v", l)
		}
	}
}
