package sinktest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/dt-functions/dt-functions/shared/sink"
)

const publishers = 32

func concurrent(ctx context.Context, p *probe) error {
	var want []sink.Message
	batches := make([][]sink.Message, 4*publishers)
	for i := range batches {
		batches[i] = messages(fmt.Sprintf("publisher-%d", i), 1+i%3)
		want = append(want, batches[i]...)
	}
	err := inParallel(len(batches), func(i int) error { return p.publish(ctx, 0, batches[i]...) })
	if err != nil {
		return err
	}
	return p.expect(ctx, want...)
}

func concurrentDuplicates(ctx context.Context, p *probe) error {
	m := message("same")
	var mu sync.Mutex
	reported := 0
	err := inParallel(publishers, func(int) error {
		result, err := p.sink.Publish(ctx, []sink.Message{m})
		mu.Lock()
		defer mu.Unlock()
		reported += result.Duplicates
		return err
	})
	if err != nil {
		return err
	}
	// One of them stored it. Where several sinks work as one, more may have.
	most := 0
	if p.harness.DetectsDuplicates {
		most = publishers - 1
	}
	if reported > most {
		return fmt.Errorf("%d publishers of one message were told of %d duplicates, want at most %d", publishers, reported, most)
	}
	return p.expect(ctx, m)
}

func endedContext(ctx context.Context, p *probe) error {
	first, last := message("first"), message("last")
	if err := p.publish(ctx, 0, first); err != nil {
		return err
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := p.sink.Publish(cancelled, []sink.Message{message("cancelled")}); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("publish with a cancelled context: got error %v, want context.Canceled", err)
	}
	if err := p.publish(ctx, 0, last); err != nil {
		return fmt.Errorf("after a cancelled context: %w", err)
	}
	want := []sink.Message{first, last}
	return p.expectBetween(ctx, want, append(want, message("cancelled")))
}

// contextEndsMidway cancels publishers while they publish. Whatever the sink still
// does with a message after Publish has returned, it must be the message.
func contextEndsMidway(ctx context.Context, p *probe) error {
	all := messages("midway", 8*publishers)
	acknowledged := make([]bool, len(all))
	err := inParallel(len(all), func(i int) error {
		ctx, cancel := context.WithCancel(ctx)
		stop := make(chan struct{})
		go func() {
			defer close(stop)
			if i%4 != 0 {
				cancel()
			}
		}()
		msgs := clone(all[i : i+1])
		_, err := p.sink.Publish(ctx, msgs)
		overwrite(msgs)
		<-stop
		cancel()
		acknowledged[i] = err == nil
		if i%4 != 0 && errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	var stored []sink.Message
	for i, yes := range acknowledged {
		if yes {
			stored = append(stored, all[i])
		}
	}
	// What was not acknowledged may be stored until Close has returned.
	if err := p.sink.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return p.expectBetween(ctx, stored, all)
}

func closing(ctx context.Context, p *probe) error {
	m := message("before")
	if err := p.publish(ctx, 0, m); err != nil {
		return err
	}
	for range 2 {
		if err := p.sink.Close(); err != nil {
			return fmt.Errorf("close: %w", err)
		}
		if _, err := p.sink.Publish(ctx, []sink.Message{message("after")}); !errors.Is(err, sink.ErrClosed) {
			return fmt.Errorf("publish after close: got error %v, want ErrClosed", err)
		}
	}
	return p.expect(ctx, m)
}

// closeMidway closes the sink under its publishers: each is served or refused.
func closeMidway(ctx context.Context, p *probe) error {
	all := messages("closing", 2*publishers)
	acknowledged := make([]bool, len(all))
	err := inParallel(len(all)+1, func(i int) error {
		if i == len(all)/2 {
			return p.sink.Close()
		}
		if i > len(all)/2 {
			i--
		}
		_, err := p.sink.Publish(ctx, all[i:i+1])
		acknowledged[i] = err == nil
		if errors.Is(err, sink.ErrClosed) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	var stored []sink.Message
	for i, yes := range acknowledged {
		if yes {
			stored = append(stored, all[i])
		}
	}
	return p.expectBetween(ctx, stored, all)
}

// inParallel calls f with 0 to n-1, all at once, and returns the first error.
func inParallel(n int, f func(i int) error) error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
