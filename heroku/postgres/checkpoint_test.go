//go:build platforms

package postgres_test

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
	"github.com/dt-functions/dt-functions/shared/secret"
)

func openCheckpoints(t *testing.T, rawURL string) checkpoint.Store {
	t.Helper()
	u, err := url.Parse("postgres:")
	must(t, err)
	s, err := postgres.NewOpener(secret.New(rawURL)).Checkpoints(t.Context(), u)
	must(t, err)
	return s
}

func TestCheckpointsConform(t *testing.T) {
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		database := newDatabase(t, shared)
		return checkpointtest.Options{Open: func(t *testing.T) checkpoint.Store { return openCheckpoints(t, database) }}
	})
}

func TestCheckpointsConformThroughPooler(t *testing.T) {
	p := newPooler(t)
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		database := p.Through(newDatabase(t, shared))
		return checkpointtest.Options{Open: func(t *testing.T) checkpoint.Store { return openCheckpoints(t, database) }}
	})
}

// A server that is restarted, and one that is away.
func TestCheckpointsSurviveRestart(t *testing.T) {
	c := ownCluster(t)
	s := openCheckpoints(t, newDatabase(t, c))
	defer s.Close()
	revision, err := s.Save(t.Context(), "k", []byte("one"), "")
	must(t, err)
	must(t, c.Kill())
	_, err = s.Save(t.Context(), "k", []byte("two"), revision)
	wantError(t, err, "saving the checkpoint of k")
	_, err = s.Load(t.Context(), "k")
	wantError(t, err, "loading the checkpoint of k")
	must(t, c.Restart(t.Context()))
	// Which of the two it is, it is whole, and can be saved anew.
	d, err := s.Load(t.Context(), "k")
	must(t, err)
	if string(d.Data) != "one" || d.Revision != revision {
		t.Errorf("loaded %q, %q", d.Data, d.Revision)
	}
	_, err = s.Save(t.Context(), "k", []byte("three"), d.Revision)
	must(t, err)
}

// A revision that was used is not used again, even when the row was deleted by hand.
func TestRevisionsAreNotUsedAgain(t *testing.T) {
	database := newDatabase(t, shared)
	s := openCheckpoints(t, database)
	defer s.Close()
	first, err := s.Save(t.Context(), "k", []byte("one"), "")
	must(t, err)
	must(t, shared.Exec(context.Background(), databaseName(t, database), "DELETE FROM dt_checkpoints"))
	if _, err := s.Save(t.Context(), "k", []byte("two"), first); !errors.Is(err, checkpoint.ErrConflict) {
		t.Errorf("a deleted document: %v", err)
	}
	second, err := s.Save(t.Context(), "k", []byte("two"), "")
	must(t, err)
	if _, err := s.Save(t.Context(), "k", []byte("three"), first); second == first || !errors.Is(err, checkpoint.ErrConflict) {
		t.Errorf("revision %s, then %s: %v", first, second, err)
	}
}
