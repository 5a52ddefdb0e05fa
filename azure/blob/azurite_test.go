//go:build platforms

package blob_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/azuritetest"
	"github.com/dt-functions/dt-functions/azure/blob"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
)

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

var containers atomic.Int64

const host = azuritetest.Account + ".blob.core.windows.net"

func config() storage.Config {
	return storage.Config{ConnectionString: shared.ConnectionString(), Tokens: tokens{}, Client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 16},
	}}
}

// newContainer makes a container and returns its name.
func newContainer(t *testing.T) string {
	t.Helper()
	account, err := storage.Open(config(), "blob", host)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("checkpoints-%d", containers.Add(1))
	_, err = account.Do(t.Context(), storage.Call{Method: http.MethodPut, Path: []string{name}, Query: url.Values{"restype": {"container"}}})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestConformance(t *testing.T) {
	for _, prefix := range []string{"", "/recover", "/with spaces/and %25"} {
		t.Run("prefix "+prefix, func(t *testing.T) {
			checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
				name := newContainer(t)
				return checkpointtest.Options{Open: func(t *testing.T) checkpoint.Store {
					s, err := blob.Opener(config())(t.Context(), &url.URL{Scheme: blob.Scheme, Host: host, Path: "/" + name + prefix})
					if err != nil {
						t.Fatal(err)
					}
					return s
				}}
			})
		})
	}
}
