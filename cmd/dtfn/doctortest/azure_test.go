//go:build platforms && linux

package doctortest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/azure/azuritetest"
	"github.com/dt-functions/dt-functions/azure/hosttest"
	"github.com/dt-functions/dt-functions/azure/storage"
)

func TestAzureQueue(t *testing.T) {
	server, err := azuritetest.Start(t.Context(), t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, server.Stop()) })
	const host = azuritetest.Account + ".queue.core.windows.net"
	account, err := storage.Open(storage.Config{ConnectionString: server.ConnectionString(), Client: http.DefaultClient}, "queue", host)
	must(t, err)
	for _, name := range []string{"events", "other"} {
		_, err := account.Do(t.Context(), storage.Call{Method: http.MethodPut, Path: []string{name}})
		must(t, err)
	}
	_, key, _ := strings.Cut(server.ConnectionString().Reveal(), "AccountKey=")
	key, _, _ = strings.Cut(key, ";")
	login := storage.Variable + "=" + server.ConnectionString().Reveal()
	handler := build(t, "azure/handler")
	examine(t, platform{
		cloud: "azure",
		deploy: func(t *testing.T, secret string, sinks []string) string {
			t.Helper()
			return hosttest.Start(t, hosttest.Options{
				Program: handler, App: "../../../azure/app",
				Env: []string{"DT_SIGNATURE_SECRET=" + secret, "DT_SINK=" + strings.Join(sinks, ","), login},
			}).URL + "/api/receive"
		},
		sinks: []string{"azure-queue://" + host + "/events"}, empty: []string{"azure-queue://" + host + "/other"}, absent: []string{"azure-queue://" + host + "/absent"},
		env: []string{login}, hidden: []string{key},
	})
}
