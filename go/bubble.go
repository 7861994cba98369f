package kamera

import (
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// clockVariable set to "real" runs the operator without virtual time.
const clockVariable = "KAMERA_CLOCK"

func isRealClock() bool { return os.Getenv(clockVariable) == "real" }

// inBubble runs the program in one synctest bubble, in which the clock is virtual: it moves only when all goroutines
// wait for it, so a sleep costs nothing and every run takes the same time. The function must not return.
func inBubble(run func()) {
	if isRealClock() {
		run()
		return
	}
	// testing.Main reads the command line, which is the operator's.
	os.Args = os.Args[:1]
	tests := []testing.InternalTest{{
		Name: "kamera",
		F:    func(t *testing.T) { synctest.Test(t, func(*testing.T) { run() }) },
	}}
	testing.Main(func(string, string) (bool, error) { return true, nil }, tests, nil, nil)
}

// settle waits until all goroutines wait for something that only Kamera or time can give.
func settle() {
	if !isRealClock() {
		synctest.Wait()
	}
}

// clockMs is the clock of the program, in milliseconds since 1970, rounded up.
func clockMs() int64 { return time.Now().Add(time.Millisecond - time.Nanosecond).UnixMilli() }

// advanceTo moves the virtual clock forward to an instant. False: the clock is past it, and it never goes back.
func advanceTo(ms int64) bool {
	if isRealClock() {
		return true
	}
	delay := time.UnixMilli(ms).Sub(time.Now())
	if delay > 0 {
		time.Sleep(delay)
	}
	return delay >= 0
}
