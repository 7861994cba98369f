package kamera

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

// logger is that of the manager: its lines go to standard error, where Kamera shows them with a finding.
var logger = func() logr.Logger {
	l := logr.New(&stderrSink{})
	ctrl.SetLogger(l)
	return l
}()

// isLogging: a step runs. What controller-runtime tells of starts and ends between steps is of no interest.
var isLogging atomic.Bool

// runLog has what a step logs, where Kamera asks for it.
var runLog struct {
	mu   sync.Mutex
	on   bool
	text strings.Builder
}

// Beyond this nobody reads on.
const runLogMax = 1 << 16

func beginLog(on bool) {
	runLog.mu.Lock()
	defer runLog.mu.Unlock()
	runLog.on = on
	runLog.text.Reset()
}

func endLog() string {
	runLog.mu.Lock()
	defer runLog.mu.Unlock()
	runLog.on = false
	return runLog.text.String()
}

func writeLog(line string) {
	fmt.Fprintln(os.Stderr, line)
	runLog.mu.Lock()
	defer runLog.mu.Unlock()
	if runLog.on && runLog.text.Len() < runLogMax {
		runLog.text.WriteString(line)
		runLog.text.WriteByte('\n')
	}
}

type stderrSink struct {
	name   string
	values []any
}

func (s *stderrSink) Init(logr.RuntimeInfo)  {}
func (s *stderrSink) Enabled(level int) bool { return level <= 0 }

func (s *stderrSink) Info(_ int, message string, values ...any) {
	if message == "Starting EventSource" {
		noteSource(append(append([]any{}, s.values...), values...))
	}
	if !isLogging.Load() {
		return
	}
	writeLog("info " + s.text(message, values))
}

func (s *stderrSink) Error(err error, message string, values ...any) {
	if !isLogging.Load() {
		return
	}
	writeLog("error " + s.text(message, append(values, "error", err)))
}

func (s *stderrSink) WithValues(values ...any) logr.LogSink {
	return &stderrSink{s.name, append(append([]any{}, s.values...), values...)}
}

func (s *stderrSink) WithName(name string) logr.LogSink {
	if s.name != "" {
		name = s.name + "." + name
	}
	return &stderrSink{name, s.values}
}

func (s *stderrSink) text(message string, values []any) string {
	var text strings.Builder
	if s.name != "" {
		text.WriteString(s.name + ": ")
	}
	text.WriteString(message)
	all := append(append([]any{}, s.values...), values...)
	for i := 0; i+1 < len(all); i += 2 {
		if all[i] == "reconcileID" {
			continue // Another in every run.
		}
		fmt.Fprintf(&text, " %v=%v", all[i], all[i+1])
	}
	return text.String()
}

// valuesOf returns the key-value pairs that a logger of ours was given.
func valuesOf(l logr.Logger) map[string]any {
	found := map[string]any{}
	sink, ok := l.GetSink().(*stderrSink)
	if !ok {
		return found
	}
	for i := 0; i+1 < len(sink.values); i += 2 {
		if key, ok := sink.values[i].(string); ok {
			found[key] = sink.values[i+1]
		}
	}
	return found
}
