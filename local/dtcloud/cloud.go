package dtcloud

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

// A Cloud is one simulated DT Cloud. Its methods may be called from any
// goroutine, while it runs and while it does not: without Run events are queued
// and none is delivered.
type Cloud struct {
	config Config // with its defaults; never changes
	clock  Clock
	waiter Waiter   // of Run
	keys   *keyring // nil without asymmetric signatures

	mu         sync.Mutex
	projects   map[string]*project   // by name
	devices    map[string]*device    // by name
	order      []*device             // in the order of adding
	connectors map[string]*connector // by name
	serial     uint64                // of what was added last
	faults     Faults
	random     *rand.ChaCha8 // ids and the seeds of sensors
	agenda     agenda
	run        *run // nil unless Run runs
	sensors    sensors
	unsettled  int // deliveries that are queued or under way, duplicates included
	idle       []chan struct{}

	accounts  map[string]*account // by their keys' ids
	tokens    map[string]accessToken
	buckets   map[*account]*bucket
	apiFaults APIFaults
	apiRandom *rand.ChaCha8 // what befalls requests to the API, and access tokens
	requests  uint64        // how many the API had: their ids
}

// New returns a cloud without projects. The error wraps ErrInvalid.
func New(config Config) (*Cloud, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("dtcloud: %w", err)
	}
	c := &Cloud{
		config:     config,
		clock:      config.Clock,
		projects:   make(map[string]*project),
		devices:    make(map[string]*device),
		connectors: make(map[string]*connector),
		faults:     config.Faults,
		random:     newRandom(config.Seed),
		accounts:   make(map[string]*account),
		tokens:     make(map[string]accessToken),
		buckets:    make(map[*account]*bucket),
		apiFaults:  config.APIFaults,
		apiRandom:  newRandom(^config.Seed),
	}
	if c.config.Organization == "" {
		c.config.Organization = newID(c.clock.Now(), c.random)
	}
	if config.BaseURL != "" {
		if c.keys, err = newKeyring(c.Issuer(), c.config.Organization, c.clock, c.config.TokenNow, c.config.KeyGrace); err != nil {
			return nil, fmt.Errorf("dtcloud: %w", err)
		}
	}
	c.waiter = c.clock.NewWaiter()
	return c, nil
}

// Organization returns the id of the organization that owns all projects.
func (c *Cloud) Organization() string { return c.config.Organization }

// Clock returns the cloud's clock.
func (c *Cloud) Clock() Clock { return c.clock }

// nextSerial returns a number for something that is added, above all before. c.mu is
// held.
func (c *Cloud) nextSerial() uint64 {
	c.serial++
	return c.serial
}

func newRandom(seed uint64) *rand.ChaCha8 {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return rand.NewChaCha8(key)
}

// newID returns an id for something that came to be at t.
func newID(t time.Time, random *rand.ChaCha8) string {
	id, err := event.NewID(t, random)
	if err != nil {
		panic("dtcloud: " + err.Error()) // a ChaCha8 has no errors
	}
	return id
}

const wantID = "want 1 to 64 letters, digits, - or _"

// validID tells whether an id given by the user fits into a resource name and
// into a header.
func validID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	return strings.IndexFunc(id, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	}) < 0
}
