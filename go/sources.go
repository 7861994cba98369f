package kamera

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// otherSources are sources of controllers that are no watches, by what controller-runtime logs of their start.
var otherSources struct {
	mu    sync.Mutex
	notes map[string]bool
}

func noteSource(values []any) {
	var controller, source string
	for i := 0; i+1 < len(values); i += 2 {
		switch values[i] {
		case "controller":
			controller, _ = values[i+1].(string)
		case "source":
			source, _ = values[i+1].(string)
		}
	}
	what, isOther := strings.CutPrefix(source, "channel source")
	if isOther {
		what = "a channel (source.Channel)"
	} else if what, isOther = strings.CutPrefix(source, "func source"); isOther {
		what = "a function (source.Func)"
	}
	if !isOther {
		return
	}
	otherSources.mu.Lock()
	defer otherSources.mu.Unlock()
	if otherSources.notes == nil {
		otherSources.notes = map[string]bool{}
	}
	otherSources.notes[fmt.Sprintf(
		"controller %s is also woken by %s, and what comes from there is simulated only where a reconcile asks for its own request: another that nothing else asks for does not happen.",
		controller, what)] = true
}

func sourceNotes() []string {
	otherSources.mu.Lock()
	defer otherSources.mu.Unlock()
	return slices.Sorted(maps.Keys(otherSources.notes))
}
