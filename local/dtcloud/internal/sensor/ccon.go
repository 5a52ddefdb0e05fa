package sensor

import (
	"fmt"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

const (
	offline  = "OFFLINE"
	ethernet = "ETHERNET"
	cellular = "CELLULAR"
)

type connectionStatus struct {
	Connection string   `json:"connection"`
	Available  []string `json:"available"`
	UpdateTime stamp    `json:"updateTime"`
}

type ethernetStatus struct {
	MACAddress string        `json:"macAddress"`
	IPAddress  string        `json:"ipAddress"`
	Errors     []statusError `json:"errors"`
	UpdateTime stamp         `json:"updateTime"`
}

type cellularStatus struct {
	SignalStrength int           `json:"signalStrength"`
	Errors         []statusError `json:"errors"`
	UpdateTime     stamp         `json:"updateTime"`
}

// The codes that DT uses are not public: these are made up.
type statusError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// A link is a Cloud Connector's two ways to the Internet.
type link struct {
	mac, ip    string
	cable, sim bool
	strength   int // cellular, %
}

// addCloudConnector adds a Cloud Connector, which has no battery and reports its
// links at the start and when they change: the cable goes now and then, the
// mobile network more rarely, and its strength wanders.
func (s *Sensor) addCloudConnector(start time.Time) {
	l := &link{
		mac:      fmt.Sprintf("f0:b5:b7:%02x:%02x:%02x", s.random.IntN(256), s.random.IntN(256), s.random.IntN(256)),
		ip:       fmt.Sprintf("10.0.%d.%d", s.random.IntN(256), 1+s.random.IntN(254)),
		strength: 55 + s.random.IntN(45),
	}
	s.addLink(start, &l.cable, 20*time.Hour, 12*time.Minute, func(t time.Time) []Reading {
		return []Reading{l.ethernetStatus(t), l.connectionStatus(t)}
	})
	s.addLink(start, &l.sim, 60*time.Hour, 6*time.Minute, func(t time.Time) []Reading {
		return []Reading{l.cellularStatus(t), l.connectionStatus(t)}
	})
	const strengthEvery = 3 * time.Hour
	s.add(start.Add(s.untilNext(strengthEvery)), func(t time.Time) ([]Reading, time.Time) {
		next := t.Add(s.untilNext(strengthEvery))
		before := l.strength
		l.strength = min(max(before+s.random.IntN(21)-10, 20), 100)
		if !l.sim || l.strength == before {
			return nil, next
		}
		return []Reading{l.cellularStatus(t)}, next
	})
	s.add(start.Add(s.untilNext(5*day)), func(t time.Time) ([]Reading, time.Time) {
		return []Reading{reading(event.TypeTouch, t, onlyTime{stamp(t)})}, t.Add(s.untilNext(5 * day))
	})
}

// addLink turns up on at the start; it is lost about every usual, for about
// brief. Each change sends what changed returns.
func (s *Sensor) addLink(start time.Time, up *bool, usual, brief time.Duration, changed func(t time.Time) []Reading) {
	s.add(start, func(t time.Time) ([]Reading, time.Time) {
		*up = !*up
		lasts := usual
		if !*up {
			lasts = brief
		}
		return changed(t), t.Add(s.untilNext(lasts))
	})
}

func (l *link) ethernetStatus(t time.Time) Reading {
	status := ethernetStatus{MACAddress: l.mac, IPAddress: l.ip, Errors: []statusError{}, UpdateTime: stamp(t)}
	if !l.cable {
		status.IPAddress = ""
		status.Errors = append(status.Errors, statusError{"ETHERNET_LINK_DOWN", "No cable is connected"})
	}
	return reading(event.TypeEthernetStatus, t, status)
}

func (l *link) cellularStatus(t time.Time) Reading {
	status := cellularStatus{SignalStrength: l.strength, Errors: []statusError{}, UpdateTime: stamp(t)}
	if !l.sim {
		status.SignalStrength = 0
		status.Errors = append(status.Errors, statusError{"CELLULAR_NO_SERVICE", "No network was found"})
	}
	return reading(event.TypeCellularStatus, t, status)
}

// connectionStatus reports the way in use: the cable, if it is there.
func (l *link) connectionStatus(t time.Time) Reading {
	status := connectionStatus{Connection: offline, Available: []string{}, UpdateTime: stamp(t)}
	if l.sim {
		status.Connection = cellular
		status.Available = append(status.Available, cellular)
	}
	if l.cable {
		status.Connection = ethernet
		status.Available = append(status.Available, ethernet)
	}
	return reading(event.TypeConnectionStatus, t, status)
}
