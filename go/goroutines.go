package kamera

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
)

// looksMax bounds how often stacks are read: a reconcile that leaves goroutines behind does so every time.
const looksMax = 16

var looks int

var (
	goroutineID = regexp.MustCompile(`^goroutine (\d+) `)
	parentID    = regexp.MustCompile(`\ncreated by .* in goroutine (\d+)\n`)
)

// noteOutliving tells of goroutines that a reconcile started and that are there after its end. Only their number is
// looked at unless it grew. On the real clock nobody knows when a goroutine has come to wait.
func noteOutliving(controller string, before int) {
	if isRealClock() || looks >= looksMax || runtime.NumGoroutine() <= before {
		return
	}
	looks++
	stacks := strings.Split(allStacks(), "\n\n")
	for _, stack := range startedByWorkers(stacks) {
		site := siteOf(stack)
		if site == "" {
			continue // A library's own, such as a broadcaster of events.
		}
		noteStep(fmt.Sprintf(
			"controller %s leaves a goroutine behind (at %s) when its reconcile ends: what it does later, and when, is not simulated.",
			controller, site))
	}
}

// startedByWorkers picks the goroutines that a worker started, or one of those. Workers run nothing but reconciles, and
// wait for the next request now.
func startedByWorkers(stacks []string) []string {
	started := map[string]bool{}
	for _, stack := range stacks {
		if id := goroutineID.FindStringSubmatch(stack); id != nil && strings.Contains(stack, "kamera.(*queue).Get(") {
			started[id[1]] = true
		}
	}
	var found []string
	for grew := true; grew; {
		grew = false
		for _, stack := range stacks {
			id, parent := goroutineID.FindStringSubmatch(stack), parentID.FindStringSubmatch(stack)
			if id == nil || parent == nil || started[id[1]] || !started[parent[1]] {
				continue
			}
			started[id[1]], grew = true, true
			found = append(found, stack)
		}
	}
	return found
}
