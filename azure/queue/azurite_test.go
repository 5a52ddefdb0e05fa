//go:build platforms

package queue_test

import (
	"context"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/azuritetest"
	"github.com/dt-functions/dt-functions/azure/queue"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// shared is the server of the tests that leave it running.
var shared *azuritetest.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "azurite")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if shared, err = azuritetest.Start(ctx, folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer shared.Stop()
	return m.Run()
}

var queues atomic.Int64

// A broker is a queue of its own on a server.
type broker struct {
	config storage.Config
	name   string

	mu   sync.Mutex
	seen []sink.Message
}

func newBroker(t testing.TB, s *azuritetest.Server) *broker {
	t.Helper()
	b := &broker{
		config: storage.Config{ConnectionString: s.ConnectionString(), Tokens: tokens{}, Client: &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: 32},
		}},
		name: fmt.Sprintf("events-%d", queues.Add(1)),
	}
	b.call(t, storage.Call{Method: http.MethodPut, Path: []string{b.name}})
	return b
}

const host = azuritetest.Account + ".queue.core.windows.net"

func (b *broker) call(t testing.TB, c storage.Call) []byte {
	t.Helper()
	body, err := b.do(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (b *broker) do(ctx context.Context, c storage.Call) ([]byte, error) {
	account, err := storage.Open(b.config, "queue", host)
	if err != nil {
		return nil, err
	}
	answer, err := account.Do(ctx, c)
	return answer.Body, err
}

func (b *broker) open(ctx context.Context) (sink.Sink, error) {
	return queue.Opener(b.config)(ctx, &url.URL{Scheme: queue.Scheme, Host: host, Path: "/" + b.name})
}

// stored takes what is in the queue and returns all that ever was.
func (b *broker) stored(ctx context.Context) ([]sink.Message, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		body, err := b.do(ctx, storage.Call{
			Method: http.MethodGet, Path: []string{b.name, "messages"},
			Query: url.Values{"numofmessages": {"32"}, "visibilitytimeout": {"604800"}},
		})
		if err != nil {
			return nil, err
		}
		var list struct {
			QueueMessage []struct{ MessageText string }
		}
		if err := xml.Unmarshal(body, &list); err != nil {
			return nil, err
		}
		if len(list.QueueMessage) == 0 {
			return b.seen, nil
		}
		for _, m := range list.QueueMessage {
			data, err := base64.StdEncoding.DecodeString(m.MessageText)
			if err != nil {
				return nil, err
			}
			b.seen = append(b.seen, sink.Message{Data: data})
		}
	}
}

func TestConformance(t *testing.T) {
	sinktest.Run(t, sinktest.Harness{
		New: func(t *testing.T) sinktest.Backend {
			b := newBroker(t, shared)
			return sinktest.Backend{Open: b.open, Stored: b.stored}
		},
		MaxData: queue.MaxData,
	})
}
