package kamera

import (
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// progress tells the watchdog whether this process computes, and for how long it has.
type progress struct {
	// Of receive: even while this process computes.
	turns   atomic.Int64
	limitMs atomic.Int64
	step    atomic.Pointer[string]
}

func (p *progress) pause()  { p.turns.Add(1) }
func (p *progress) resume() { p.turns.Add(1) }

type stuckMessage struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Site    string `json:"site,omitempty"`
	Stack   string `json:"stack,omitempty"`
}

// watchProgress ends the process when a step computes for too long without a call: an endless loop. It runs outside
// the bubble, on the real clock.
func watchProgress(w *wire) *progress {
	p := &progress{}
	w.progress = p
	go func() {
		seen, since := int64(-1), time.Now()
		for {
			time.Sleep(100 * time.Millisecond)
			turns, limit := p.turns.Load(), p.limitMs.Load()
			if turns != seen || turns%2 == 1 || limit == 0 {
				seen, since = turns, time.Now()
				continue
			}
			if time.Since(since) < time.Duration(limit)*time.Millisecond {
				continue
			}
			stack := stackOfUser(allStacks())
			w.send(stuckMessage{
				Type:    "stuck",
				Message: "the code ran for more than " + (time.Duration(limit) * time.Millisecond).String() + " without a call",
				Site:    siteOf(stack),
				Stack:   strings.TrimSpace(stack),
			})
			os.Exit(3)
		}
	}()
	return p
}
