package kamera

import (
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

func allStacks() string {
	text := make([]byte, 1<<20)
	return string(text[:runtime.Stack(text, true)])
}

// stackOfUser picks, of the stacks of all goroutines, that of the reconcile that runs.
func stackOfUser(stacks string) string {
	for _, stack := range strings.Split(stacks, "\n\n") {
		if strings.Contains(stack, "kamera.recorder[...].Reconcile") || strings.Contains(stack, "kamera.(*hosted).deliver") ||
			strings.Contains(stack, "kamera.(*host).serveWebhook") {
			return stack
		}
	}
	return ""
}

var framePlace = regexp.MustCompile(`^\t(.+):(\d+)(?: \+0x[0-9a-f]+)?$`)

// Frames of these are not the operator's.
var foreignFrames = []string{
	"runtime.", "runtime/", "panic(", "testing.", "time.", "sync.", "internal/", "net/http.", "encoding/", "reflect.",
	"kamera.dev/kamera", "sigs.k8s.io/controller-runtime", "k8s.io/client-go", "k8s.io/apimachinery", "created by ",
}

// siteOf names the first place of a stack that is the operator's own: `controller.go:31`. Empty when there is none.
func siteOf(stack string) string {
	lines := strings.Split(stack, "\n")
	for i := 0; i+1 < len(lines); i++ {
		place := framePlace.FindStringSubmatch(lines[i+1])
		if place == nil || isForeign(lines[i]) {
			continue
		}
		return fmt.Sprintf("%s:%s", filepath.Base(place[1]), place[2])
	}
	return ""
}

func isForeign(frame string) bool {
	for _, prefix := range foreignFrames {
		if strings.HasPrefix(frame, prefix) {
			return true
		}
	}
	return false
}

// afterPanic cuts the part of a recovered stack that is about the recovery itself.
func afterPanic(stack string) string {
	if _, after, found := strings.Cut(stack, "\npanic("); found {
		return "panic(" + after
	}
	return stack
}
