//go:build platforms

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// Many instances start on an empty database at the same time.
func TestMigrateAtOnce(t *testing.T) {
	database := newDatabase(t, shared)
	const instances = 12
	errs := make([]error, instances)
	var wait sync.WaitGroup
	for i := range instances {
		s := open(t, database)
		wait.Go(func() { _, errs[i] = publish(t.Context(), s, fmt.Sprintf("e%02d", i)) })
	}
	wait.Wait()
	must(t, errors.Join(errs...))
	if got := len(strings.Fields(storedIDs(t, database))); got != instances {
		t.Errorf("%d events are stored, want %d", got, instances)
	}
	if got := scalar(t, database, "SELECT count(*) FROM dt_schema"); got != "1" {
		t.Errorf("the schema was made %s times", got)
	}
}

// A sink whose user may not create anything works once the tables are there, and
// says what is missing before.
func TestMigrateWithoutRights(t *testing.T) {
	database := newDatabase(t, shared)
	name := databaseName(t, database)
	must(t, shared.Exec(t.Context(), name, `CREATE ROLE writer_`+name+` LOGIN PASSWORD 'writer'`))
	u, err := url.Parse(database)
	must(t, err)
	u.User = url.UserPassword("writer_"+name, "writer")
	writer := open(t, u.String())
	_, err = publish(t.Context(), writer, "a")
	wantError(t, err, "permission denied for schema public", "CREATE on its schema")
	must(t, open(t, database).Ping(t.Context()))
	_, err = publish(t.Context(), writer, "a")
	wantError(t, err, "permission denied for table dt_schema", "grant the user SELECT and INSERT on dt_events")
	must(t, shared.Exec(t.Context(), name, `GRANT SELECT ON dt_schema TO writer_`+name))
	_, err = publish(t.Context(), writer, "a")
	wantError(t, err, "permission denied for table dt_events", "Heroku takes INSERT away")
	must(t, shared.Exec(t.Context(), name, `GRANT SELECT, INSERT ON dt_events TO writer_`+name))
	_, err = publish(t.Context(), writer, "a")
	must(t, err)
}

func TestMigrateRefuses(t *testing.T) {
	newer := newDatabase(t, shared)
	must(t, open(t, newer).Ping(t.Context()))
	must(t, shared.Exec(t.Context(), databaseName(t, newer), "INSERT INTO dt_schema (version) VALUES (99)"))
	if _, err := publish(t.Context(), open(t, newer), "a"); !errors.Is(err, postgres.ErrNewer) {
		t.Errorf("a newer schema: %v", err)
	}
	latin := fmt.Sprintf("latin_%d", databases.Add(1))
	must(t, shared.Exec(t.Context(), "postgres", "CREATE DATABASE "+latin+" ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"))
	if err := open(t, shared.URL(latin)).Ping(t.Context()); !errors.Is(err, postgres.ErrEncoding) {
		t.Errorf("a database that is not UTF8: %v", err)
	}
	gone := newDatabase(t, shared)
	s := open(t, gone)
	must(t, s.Ping(t.Context()))
	must(t, shared.Exec(t.Context(), databaseName(t, gone), "DROP TABLE dt_events CASCADE"))
	_, err := publish(t.Context(), s, "a")
	wantError(t, err, `relation "dt_events" does not exist`, "a table was removed by hand")
}

// Bundles that share a database, each in a schema of its own, do not meet.
func TestSchemasAreApart(t *testing.T) {
	database := newDatabase(t, shared)
	for _, schema := range []string{"one", "two"} {
		must(t, shared.Exec(t.Context(), databaseName(t, database), "CREATE SCHEMA "+schema))
		result, err := publish(t.Context(), open(t, database+"&search_path="+schema), "same")
		if err != nil || result.Duplicates != 0 {
			t.Errorf("%s: %+v, %v", schema, result, err)
		}
	}
}

// A commit is on the disk before it is answered, whatever the database is set to.
func TestSynchronousCommit(t *testing.T) {
	for setting, want := range map[string]string{"off": "on", "local": "local", "remote_apply": "remote_apply"} {
		database := newDatabase(t, shared)
		name := databaseName(t, database)
		must(t, open(t, database).Ping(t.Context()))
		must(t, shared.Exec(t.Context(), name, `
			CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN NEW.project := current_setting('synchronous_commit') || ' ' || current_setting('statement_timeout'); RETURN NEW; END $$;
			CREATE TRIGGER note BEFORE INSERT ON dt_events FOR EACH ROW EXECUTE FUNCTION note();
			ALTER DATABASE "`+name+`" SET synchronous_commit = `+setting))
		s := open(t, database)
		_, err := publish(t.Context(), s, "a")
		must(t, err)
		if got := scalar(t, database, "SELECT project FROM dt_events"); got != want+" 5s" {
			t.Errorf("set to %s: %q was in force", setting, got)
		}
	}
}

func databaseName(t *testing.T, rawURL string) string {
	t.Helper()
	u, err := url.Parse(rawURL)
	must(t, err)
	return strings.TrimPrefix(u.Path, "/")
}

// scalar returns the one value that a query gives.
func scalar(t testing.TB, rawURL, query string, args ...any) string {
	t.Helper()
	conn, err := connect(t.Context(), rawURL)
	must(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	var value *string
	if err := conn.QueryRow(t.Context(), "SELECT ("+query+")::text", args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if value == nil {
		return "NULL"
	}
	return *value
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q has no %q", err, part)
		}
	}
	if strings.Contains(err.Error(), shared.Password()) || strings.Contains(err.Error(), "p%40ss") {
		t.Errorf("the error shows the password: %v", err)
	}
}

var _ sink.Sink = (*postgres.Sink)(nil)
