//go:build platforms

package azurefind_test

import (
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/azuritetest"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

// An azurite is Azurite, and queues of it.
type azurite struct {
	config storage.Config
	queues atomic.Int64
}

func startAzurite(t *testing.T) *azurite {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server, err := azuritetest.Start(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	return &azurite{config: storage.Config{ConnectionString: server.ConnectionString(), Tokens: tokens{}, Client: &http.Client{Transport: &http.Transport{}}}}
}

const azuriteHost = azuritetest.Account + ".queue.core.windows.net"

func (a *azurite) call(ctx context.Context, c storage.Call) ([]byte, error) {
	account, err := storage.Open(a.config, "queue", azuriteHost)
	if err != nil {
		return nil, err
	}
	answer, err := account.Do(ctx, c)
	return answer.Body, err
}

// newQueue makes a queue and returns its name.
func (a *azurite) newQueue(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("events-%d", a.queues.Add(1))
	if _, err := a.call(t.Context(), storage.Call{Method: http.MethodPut, Path: []string{name}}); err != nil {
		t.Fatal(err)
	}
	return name
}

// left takes what a consumer gets. Nothing of it may have been received before.
func (a *azurite) left(ctx context.Context, name string) ([]string, error) {
	var ids []string
	for {
		body, err := a.call(ctx, storage.Call{
			Method: http.MethodGet, Path: []string{name, "messages"}, Query: url.Values{"numofmessages": {"32"}, "visibilitytimeout": {"3600"}},
		})
		if err != nil {
			return nil, err
		}
		var list struct {
			QueueMessage []struct {
				MessageText  string
				DequeueCount int
			}
		}
		if err := xml.Unmarshal(body, &list); err != nil || len(list.QueueMessage) == 0 {
			return ids, err
		}
		for _, m := range list.QueueMessage {
			data, err := base64.StdEncoding.DecodeString(m.MessageText)
			if err != nil {
				return nil, err
			}
			if m.DequeueCount != 1 {
				return nil, fmt.Errorf("a message is received for the %d. time", m.DequeueCount)
			}
			id, err := findtest.ID(data)
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
	}
}

func azuriteURL(name string) string { return "azure-queue://" + azuriteHost + "/" + name }

func TestAzurite(t *testing.T) {
	a := startAzurite(t)
	another := a.config
	key := base64.StdEncoding.EncodeToString([]byte("another key"))
	parts := strings.Split(another.ConnectionString.Reveal(), ";")
	for i, part := range parts {
		if strings.HasPrefix(part, "AccountKey=") {
			parts[i] = "AccountKey=" + key
		}
	}
	another.ConnectionString = secret.New(strings.Join(parts, ";"))
	findtest.Run(t, findtest.Harness{
		New: func(t *testing.T) findtest.Backend {
			name := a.newQueue(t)
			return findtest.Backend{
				Open:       func() (find.Finder, error) { return openQueue(a.config, azuriteURL(name)) },
				OpenAbsent: func() (find.Finder, error) { return openQueue(a.config, azuriteURL("absent")) },
				Publish:    func(ctx context.Context, m sink.Message) error { return publishTo(ctx, a.config, azuriteURL(name), m) },
				Left:       func(ctx context.Context) ([]string, error) { return a.left(ctx, name) },
			}
		},
		TakenAway: true,
		Refusals: map[string]findtest.Refusal{
			"another key": {Open: func(t *testing.T) (find.Finder, error) { return openQueue(another, azuriteURL(a.newQueue(t))) }, Says: storage.Variable},
		},
		Secrets: []string{key},
	})
}

func TestAzuriteLongQueue(t *testing.T) {
	a := startAzurite(t)
	name := a.newQueue(t)
	event := func(id string) sink.Message { return sink.Message{ID: id, Data: fmt.Appendf(nil, `{"id":%q}`, id)} }
	f, err := openQueue(a.config, azuriteURL(name))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 33 {
		if err := publishTo(t.Context(), a.config, azuriteURL(name), event(fmt.Sprint("other-", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := publishTo(t.Context(), a.config, azuriteURL(name), event("own")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := f.Find(ctx, "own"); !errors.Is(err, find.ErrBlind) {
		t.Errorf("got %v", err)
	}
	if ids, err := a.left(t.Context(), name); err != nil || len(ids) != 34 {
		t.Errorf("%d are left, %v", len(ids), err)
	}
}
