//go:build platforms

package main_test

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/azure/azuritetest"
	"github.com/dt-functions/dt-functions/azure/hosttest"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

// The handler as it is deployed, with events in a queue and checkpoints in blobs: what
// receive has answered 200 for and what recover has fetched is there.
func TestStorage(t *testing.T) {
	server, err := azuritetest.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	account := func(service string) *storage.Account {
		a, err := storage.Open(storage.Config{ConnectionString: server.ConnectionString(), Client: http.DefaultClient},
			service, azuritetest.Account+"."+service+".core.windows.net")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	do := func(service string, c storage.Call) []byte {
		t.Helper()
		answer, err := account(service).Do(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Body
	}
	do("queue", storage.Call{Method: "PUT", Path: []string{"events"}})
	do("blob", storage.Call{Method: "PUT", Path: []string{"checkpoints"}, Query: url.Values{"restype": {"container"}}})

	w := dtcloudtest.New(t, func(c *dtcloud.Config) { c.Clock = nil })
	connector := w.Connector(t, dtcloud.Connector{})
	env := []string{
		"DT_LOG_LEVEL=debug", "DT_CONNECTORS=" + string(connector),
		"DT_SINK=azure-queue://" + azuritetest.Account + ".queue.core.windows.net/events",
		"DT_CHECKPOINT=azure-blob://" + azuritetest.Account + ".blob.core.windows.net/checkpoints/recover",
		storage.Variable + "=" + server.ConnectionString().Reveal(),
	}
	for name, value := range w.Environment() {
		env = append(env, name+"="+value)
	}
	d := deploy(t, hosttest.Options{}, env...)
	const events = 200
	var senders sync.WaitGroup
	for n := range events {
		senders.Go(func() {
			if status, answer := send(t, signed(t, d.URL, event(fmt.Sprintf("event-%d", n)), n%2 == 0)); status != 200 {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
	senders.Wait()
	for range 2 { // the second finds the first one's checkpoint
		if logs, err := d.Invoke(t.Context(), "recover", hosttest.TimerObject); err != nil {
			t.Fatalf("%q, %v\n%s", logs, err, d.Log())
		}
	}
	blobs := do("blob", storage.Call{Method: "GET", Path: []string{"checkpoints"}, Query: url.Values{"restype": {"container"}, "comp": {"list"}}})
	if !strings.Contains(string(blobs), "<Name>recover/projects.2fp1.2fdataconnectors.2f") {
		t.Errorf("no checkpoint: %s", blobs)
	}
	seen := make(map[string]bool)
	for len(seen) < events {
		var list struct {
			QueueMessage []struct{ MessageText string }
		}
		body := do("queue", storage.Call{Method: "GET", Path: []string{"events", "messages"}, Query: url.Values{"numofmessages": {"32"}}})
		if err := xml.Unmarshal(body, &list); err != nil {
			t.Fatal(err)
		}
		if len(list.QueueMessage) == 0 {
			t.Fatalf("%d of %d events are in the queue", len(seen), events)
		}
		for _, m := range list.QueueMessage {
			data, err := base64.StdEncoding.DecodeString(m.MessageText)
			if err != nil {
				t.Fatal(err)
			}
			seen[string(data)] = true
		}
	}
	_, key, _ := strings.Cut(server.ConnectionString().Reveal(), "AccountKey=")
	key, _, _ = strings.Cut(key, ";")
	secrettest.CheckHidden(t, "the log", d.Log(), key)
	secrettest.CheckHidden(t, "the log", d.Log(), signingSecret)
}

// When the queue is away DT is told to send again.
func TestStorageIsAway(t *testing.T) {
	server, err := azuritetest.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	d := deploy(t, hosttest.Options{},
		"DT_SINK=azure-queue://"+azuritetest.Account+".queue.core.windows.net/events", storage.Variable+"="+server.ConnectionString().Reveal())
	if status, answer := send(t, signed(t, d.URL, event("e1"), false)); status != 503 || !strings.Contains(answer, `"reason":"sink"`) {
		t.Errorf("%d %s\n%s", status, answer, d.Log())
	}
}
