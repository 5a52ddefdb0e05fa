package main_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

func TestSync(t *testing.T) {
	cloud := dtcloudtest.New(t, func(c *dtcloud.Config) { c.Clock = nil })
	connector := cloud.Connector(t, dtcloud.Connector{})
	env := map[string]string{"_HANDLER": "sync", "DT_CONNECTORS": string(connector)}
	maps.Copy(env, cloud.Environment())
	w := start(t, env)
	result := w.invoke(t, map[string]string{"job": "sync", "time": "2026-11-01T08:00:00Z"})
	if result.Error != nil || !strings.Contains(string(result.Payload), string(connector)) {
		t.Fatalf("got %s, %v", result.Payload, result.Error)
	}
	if calls := strings.Join(cloud.Requests(), "\n"); !strings.Contains(calls, ":sync") {
		t.Errorf("calls:\n%s", calls)
	}
	if w.invoke(t, map[string]string{"job": "recover"}).Error == nil || w.invoke(t, map[string]string{}).Error == nil {
		t.Error("an input for another job is taken")
	}
	// Nobody can start it over HTTP, should a URL be put before it.
	before := len(cloud.Requests())
	if status, outcome := w.answer(t, request(t, `{"job":"sync"}`, "x")); status != http.StatusForbidden || outcome != "forbidden" || len(cloud.Requests()) != before {
		t.Errorf("over HTTP: %d %s", status, outcome)
	}
}

// A scheduled function that cannot do its work says so by failing.
func TestSyncFails(t *testing.T) {
	w := start(t, map[string]string{"_HANDLER": "sync", "DT_SERVICE_ACCOUNT_SECRET": "hunter2-hunter2-hunter2"})
	result := w.invoke(t, map[string]string{"job": "sync"})
	if result.Error == nil || !strings.Contains(result.Error.Message, "DT_CONNECTORS: ") {
		t.Fatalf("got %+v", result)
	}
	secrettest.CheckHidden(t, "the error", result.Error.Message+w.process.Log(), "hunter2-hunter2-hunter2")
}

// A step of a rotation, as Secrets Manager asks for it.
func TestRotate(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:dt-AbCdEf"
	cloud := dtcloudtest.New(t, func(c *dtcloud.Config) { c.Clock = nil })
	f := fakeaws.New(t, func(c fakeaws.Call) fakeaws.Answer {
		switch {
		case strings.HasSuffix(c.Operation, "DescribeSecret"):
			return fakeaws.Answer{Body: `{"ARN":"` + arn + `","Name":"dt","VersionIdsToStages":{"v1":["AWSCURRENT"],"v2":["AWSPENDING"]}}`}
		case strings.HasSuffix(c.Operation, "GetSecretValue") && strings.Contains(string(c.Body), "AWSCURRENT"):
			return fakeaws.Answer{Body: `{"SecretString":"the-old-secret-text","CreatedDate":1}`}
		case strings.HasSuffix(c.Operation, "PutSecretValue"):
			return fakeaws.Answer{Body: `{}`}
		}
		return fakeaws.Answer{Status: 400, Body: `{"__type":"ResourceNotFoundException"}`}
	})
	env := map[string]string{
		"_HANDLER": "rotate", "DT_SIGNATURE_SECRET": "aws-secretsmanager://" + arn, "DT_CONNECTORS": string(cloud.Connector(t, dtcloud.Connector{})),
	}
	maps.Copy(env, f.Env())
	maps.Copy(env, cloud.Environment())
	w := start(t, env)
	result := w.invoke(t, map[string]string{"Step": "createSecret", "SecretId": arn, "ClientRequestToken": "v2"})
	calls := f.Calls()
	if last := calls[len(calls)-1]; result.Error != nil || !strings.HasSuffix(last.Operation, "PutSecretValue") || !strings.Contains(string(last.Body), `"VersionStages":["AWSPENDING"]`) {
		t.Errorf("%+v, last call %s", result, last.Operation)
	}
	for _, event := range []any{
		map[string]string{"Step": "setSecret", "SecretId": arn, "ClientRequestToken": "v2"}, // has no value yet
		map[string]string{"Step": "setSecret", "SecretId": arn, "ClientRequestToken": "v3"},
		[]int{1},
	} {
		if w.invoke(t, event).Error == nil {
			t.Errorf("%v is taken", event)
		}
	}
	if status, _ := w.answer(t, request(t, `{}`, "x")); status != http.StatusForbidden {
		t.Errorf("over HTTP: %d", status)
	}
}
