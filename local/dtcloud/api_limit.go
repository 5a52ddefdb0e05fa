package dtcloud

import (
	"math"
	"time"
)

// APILimit is how many requests a service account may make.
type APILimit struct {
	// PerSecond is for the long run; 0 means 5, math.Inf(1) no limit.
	PerSecond float64
	// Burst is how many may come at once; 0 means 25.
	Burst int
}

// The limit of DT's older documentation: 25 requests in 5 seconds.
const (
	defaultPerSecond = 5
	defaultBurst     = 25
)

// A bucket holds the requests that an account may make at once.
type bucket struct {
	tokens float64
	time   time.Time
}

// overLimit takes a request from the account's bucket; when there is none it returns
// how long to wait.
func (c *Cloud) overLimit(a *account) time.Duration {
	limit := c.config.APILimit
	if math.IsInf(limit.PerSecond, 1) {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock.Now()
	b := c.buckets[a]
	if b == nil {
		b = &bucket{tokens: float64(limit.Burst), time: now}
		c.buckets[a] = b
	}
	b.tokens = min(b.tokens+now.Sub(b.time).Seconds()*limit.PerSecond, float64(limit.Burst))
	b.time = now
	if b.tokens >= 1 {
		b.tokens--
		return 0
	}
	return time.Duration((1 - b.tokens) / limit.PerSecond * float64(time.Second))
}
