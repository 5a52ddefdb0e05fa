package schedule

import (
	"maps"
	"sync"
	"time"
)

// Stats are what a Scheduler has done since it was made.
type Stats struct {
	// Leading is true while this instance is the one that runs the plan.
	Leading bool
	// Functions are those of the plan, by name.
	Functions map[string]FunctionStats
}

// FunctionStats are one function's.
type FunctionStats struct {
	Succeeded, Failed uint64
	// LastSuccess is when the last run that succeeded ended; zero means never.
	LastSuccess time.Time
}

type stats struct {
	mu      sync.Mutex
	leading bool
	done    map[string]FunctionStats
}

func (s *stats) lead(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leading = yes
}

func (s *stats) ran(function string, at time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == nil {
		s.done = make(map[string]FunctionStats)
	}
	f := s.done[function]
	if err != nil {
		f.Failed++
	} else {
		f.Succeeded++
		f.LastSuccess = at
	}
	s.done[function] = f
}

// Stats returns the present figures. Functions that have not run yet are there too.
func (s *Scheduler) Stats() Stats {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	all := Stats{Leading: s.stats.leading, Functions: make(map[string]FunctionStats)}
	for _, e := range s.config.Plan.Entries {
		all.Functions[e.Function] = FunctionStats{}
	}
	maps.Copy(all.Functions, s.stats.done)
	return all
}
