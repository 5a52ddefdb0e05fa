package checkpointtest

import (
	"context"
	"fmt"
)

func madeTwice(ctx context.Context, p *probe) error {
	revision, err := save(ctx, p, key, []byte("first"), "")
	if err != nil {
		return err
	}
	for _, data := range []string{"second", "first", ""} {
		if err := expectConflict(ctx, p, key, []byte(data), ""); err != nil {
			return err
		}
	}
	return expect(ctx, p, key, []byte("first"), revision)
}

func stale(ctx context.Context, p *probe) error {
	var revisions []string
	revision := ""
	for i := range 4 {
		next, err := save(ctx, p, key, fmt.Append(nil, i), revision)
		if err != nil {
			return err
		}
		revisions, revision = append(revisions, revision), next
	}
	for _, old := range append(revisions, revision+"0", "not a revision") {
		if err := expectConflict(ctx, p, key, []byte("stale"), old); err != nil {
			return err
		}
		if err := expect(ctx, p, key, []byte("3"), revision); err != nil {
			return fmt.Errorf("after a conflict: %w", err)
		}
	}
	_, err := save(ctx, p, key, []byte("4"), revision)
	return err
}

// strange saves under one key with what a run knows of another.
func strange(ctx context.Context, p *probe) error {
	revision, err := save(ctx, p, key, []byte("here"), "")
	if err != nil {
		return err
	}
	const other = key + "-other"
	if err := expectConflict(ctx, p, other, []byte("there"), revision); err != nil {
		return err
	}
	if err := expectNone(ctx, p, other); err != nil {
		return err
	}
	return expect(ctx, p, key, []byte("here"), revision)
}

// sameText saves A, B and A again: a run that knows the first A has missed two.
func sameText(ctx context.Context, p *probe) error {
	seen := make(map[string]bool)
	revision, first := "", ""
	for _, data := range []string{"a", "b", "a", "a", "", "", "a"} {
		next, err := save(ctx, p, key, []byte(data), revision)
		if err != nil {
			return err
		}
		if seen[next] {
			return fmt.Errorf("revision %q is that of an earlier save too", next)
		}
		seen[next], revision = true, next
		if first == "" {
			first = next
		}
	}
	if err := expectConflict(ctx, p, key, []byte("stale"), first); err != nil {
		return err
	}
	return expect(ctx, p, key, []byte("a"), revision)
}

func reopened(ctx context.Context, p *probe) error {
	revision := ""
	for round := range 3 {
		data := fmt.Append(nil, "round ", round)
		next, err := save(ctx, p, key, data, revision)
		if err != nil {
			return err
		}
		if err := p.Close(); err != nil {
			return fmt.Errorf("close: %w", err)
		}
		p.Store = p.open()
		if err := expect(ctx, p, key, data, next); err != nil {
			return fmt.Errorf("opened again: %w", err)
		}
		if round > 0 {
			if err := expectConflict(ctx, p, key, []byte("stale"), revision); err != nil {
				return fmt.Errorf("opened again: %w", err)
			}
		}
		revision = next
	}
	return nil
}

func twoStores(ctx context.Context, p *probe) error {
	one, two := p.Store, p.open()
	if err := expectNone(ctx, two, key); err != nil {
		return err
	}
	first, err := save(ctx, one, key, []byte("one"), "")
	if err != nil {
		return err
	}
	if err := expect(ctx, two, key, []byte("one"), first); err != nil {
		return fmt.Errorf("what the other store has saved: %w", err)
	}
	// The same text: the other run has come as far, but what it knows is newer.
	second, err := save(ctx, two, key, []byte("one"), first)
	if err != nil {
		return err
	}
	if err := expectConflict(ctx, one, key, []byte("three"), first); err != nil {
		return fmt.Errorf("what the other store has saved: %w", err)
	}
	if err := expect(ctx, one, key, []byte("one"), second); err != nil {
		return fmt.Errorf("what the other store has saved: %w", err)
	}
	// One of them ends, the other goes on.
	if err := one.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	_, err = save(ctx, two, key, []byte("three"), second)
	return err
}
