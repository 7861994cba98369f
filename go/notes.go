package kamera

import (
	"fmt"
	"sync"
	"time"
)

// stepNotes are what Kamera is told of steps, each once by this process.
var stepNotes struct {
	mu     sync.Mutex
	known  map[string]bool
	untold []string
}

func noteStep(text string) {
	stepNotes.mu.Lock()
	defer stepNotes.mu.Unlock()
	if stepNotes.known[text] {
		return
	}
	if stepNotes.known == nil {
		stepNotes.known = map[string]bool{}
	}
	stepNotes.known[text] = true
	stepNotes.untold = append(stepNotes.untold, text)
}

// newNotes are those since it was asked last.
func newNotes() []string {
	stepNotes.mu.Lock()
	defer stepNotes.mu.Unlock()
	untold := stepNotes.untold
	stepNotes.untold = nil
	return untold
}

// noteLostRequest tells of a request that comes from no watch event and is not the one that is handled: nobody can say
// when it would run.
func noteLostRequest(controller string) {
	noteStep(fmt.Sprintf(
		"controller %s got a request that comes from no watch event (a channel, a goroutine, or a reconcile that asks for another object), which is not simulated: that reconcile happens only when something else asks for it.",
		controller))
}

func noteDelay(controller string, delay time.Duration) {
	noteStep(fmt.Sprintf(
		"an event handler of controller %s enqueues after a delay (AddAfter, %s), which is not simulated: the request is ready at once, so a finding may need a reconcile earlier than the delay allows.",
		controller, delay))
}
