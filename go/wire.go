package kamera

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// protocolVersion is that of docs/host-protocol.md.
const protocolVersion = 1

type typeReference struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
}

type resourceInfo struct {
	Group      string `json:"group"`
	Version    string `json:"version"`
	Kind       string `json:"kind"`
	Resource   string `json:"resource"`
	Namespaced bool   `json:"namespaced"`
}

type reconcileRequest struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

func (r reconcileRequest) key() types.NamespacedName {
	return types.NamespacedName{Namespace: r.Namespace, Name: r.Name}
}

type objectEvent struct {
	Type   string          `json:"type"`
	Object json.RawMessage `json:"object"`
	Old    json.RawMessage `json:"old"`
}

// order is a message from Kamera: `start`, `deliver`, `run` or `reply`. Which fields are set depends on its type.
type order struct {
	Type        string            `json:"type"`
	Resources   []resourceInfo    `json:"resources"`
	NowMs       int64             `json:"nowMs"`
	Instances   string            `json:"instances"`
	StepLimitMs int64             `json:"stepLimitMs"`
	Controller  string            `json:"controller"`
	Event       *objectEvent      `json:"event"`
	Request     *reconcileRequest `json:"request"`
	Path        string            `json:"path"`
	Review      json.RawMessage   `json:"review"`
	Ahead       []aheadCall       `json:"ahead"`
	Log         bool              `json:"log"`
	Forget      bool              `json:"forget"`
	Objects     []keptObject      `json:"objects"`
	answer
}

// answer is what the API server said to a call.
type answer struct {
	Object *objectText     `json:"object"`
	Items  []*objectText   `json:"items"`
	Status json.RawMessage `json:"status"`
	Value  json.RawMessage `json:"value"`
}

// aheadCall is a call that Kamera expects, with its answer.
type aheadCall struct {
	Call  call   `json:"call"`
	Reply answer `json:"reply"`
}

// call is a read or write of controller code, in the words of the protocol.
type call struct {
	Op            string          `json:"op"`
	Cached        bool            `json:"cached"`
	Type          typeReference   `json:"type"`
	Namespace     string          `json:"namespace,omitempty"`
	Name          string          `json:"name,omitempty"`
	Subresource   string          `json:"subresource,omitempty"`
	LabelSelector string          `json:"labelSelector,omitempty"`
	FieldSelector string          `json:"fieldSelector,omitempty"`
	PatchType     string          `json:"patchType,omitempty"`
	Body          json.RawMessage `json:"body,omitempty"`
	Options       map[string]any  `json:"options,omitempty"`
	// Of `random`.
	What  string `json:"what,omitempty"`
	Bytes int    `json:"bytes,omitempty"`
}

// isRead tells whether this is the given read.
func (c call) isRead(other call) bool {
	return c.Op == other.Op && c.Cached == other.Cached && c.Type == other.Type && c.Namespace == other.Namespace &&
		c.Name == other.Name && c.Subresource == other.Subresource && c.LabelSelector == other.LabelSelector &&
		c.FieldSelector == other.FieldSelector
}

func (c call) String() string {
	if c.Op == "random" {
		return "random " + c.What
	}
	name := c.Name
	if c.Namespace != "" {
		name = c.Namespace + "/" + name
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Op, c.Type.Kind, name))
}

// wire is the one connection to Kamera. Whoever sends waits for the answer itself, so that nothing of this process
// runs, and no virtual time passes, while Kamera thinks.
type wire struct {
	mu  sync.Mutex
	in  *bufio.Reader
	out io.Writer
	// Steps that came while another was under way.
	waiting []order
	// Whether a step runs: only then are calls answered.
	open     bool
	late     []string
	progress *progress
	kept     keptObjects
	// Calls that Kamera expects of this step, and how many of them were made that it has not been told of.
	ahead []aheadCall
	used  int
	// A step was abandoned. Made in the bubble.
	stopped chan struct{}
}

// openWire takes standard input and output for the protocol. What the program prints from now on goes to standard error.
func openWire() (*wire, error) {
	in, out, err := takePipe()
	if err != nil {
		return nil, fmt.Errorf("cannot take the standard output: %w", err)
	}
	return &wire{in: bufio.NewReaderSize(in, 1<<16), out: out, kept: keptObjects{}}, nil
}

func (w *wire) send(message any) {
	text, err := json.Marshal(message)
	if err != nil {
		panic(fmt.Sprintf("kamera: a message is no JSON: %v", err))
	}
	if _, err := w.out.Write(append(text, '\n')); err != nil {
		os.Exit(1) // Kamera is gone.
	}
}

// next is the step that has waited longest, or else the next order.
func (w *wire) next() order {
	if len(w.waiting) == 0 {
		return w.receive()
	}
	o := w.waiting[0]
	w.waiting = w.waiting[1:]
	w.progress.turns.Add(2)
	return o
}

// receive waits for the next order. The process ends when Kamera has closed the connection.
func (w *wire) receive() order {
	w.progress.pause()
	line, err := w.in.ReadBytes('\n')
	w.progress.resume()
	if err != nil {
		os.Exit(0)
	}
	var o order
	if err := json.Unmarshal(line, &o); err != nil {
		fmt.Fprintf(os.Stderr, "kamera: got a line that is not JSON: %v\n", err)
		os.Exit(1)
	}
	w.kept.learn(&o)
	return o
}

type callMessage struct {
	Type string `json:"type"`
	Call call   `json:"call"`
	Used int    `json:"used,omitempty"`
}

// ask has a call answered by Kamera. A goroutine that calls when no step runs waits for ever: the reconcile that
// started it is over, and in a real cluster nobody knows when this call would happen.
func (w *wire) ask(c call) answer {
	w.mu.Lock()
	if !w.open {
		w.late = append(w.late, c.String())
		w.mu.Unlock()
		select {}
	}
	defer w.mu.Unlock()
	if len(w.ahead) > 0 && c.isRead(w.ahead[0].Call) {
		reply := w.ahead[0].Reply
		w.ahead = w.ahead[1:]
		w.used++
		w.progress.turns.Add(2)
		return reply
	}
	w.ahead = nil
	w.send(callMessage{"call", c, w.takeUsed()})
	o := w.receive()
	for o.Type != "reply" && o.Type != "stop" {
		w.waiting = append(w.waiting, o)
		o = w.receive()
	}
	if o.Type == "stop" {
		w.abandon()
	}
	return o.answer
}

// abandon ends a step in the middle of a call, as the end of the process would: whoever called never goes on.
func (w *wire) abandon() {
	w.open = false
	w.mu.Unlock()
	w.stopped <- struct{}{}
	select {}
}

func (w *wire) takeUsed() int {
	used := w.used
	w.used = 0
	return used
}

// begin opens the wire for the calls of one step.
func (w *wire) begin(ahead []aheadCall) {
	isLogging.Store(true)
	w.mu.Lock()
	w.open = true
	w.ahead, w.used = ahead, 0
	w.mu.Unlock()
}

// isOpen tells whether a step runs.
func (w *wire) isOpen() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open
}

// shut closes it: calls that have begun are answered.
func (w *wire) shut() {
	w.mu.Lock()
	w.open = false
	w.mu.Unlock()
}

// end closes it, and returns the calls that came too late since the last step, and how many expected calls were made
// since the last message.
func (w *wire) end() (late []string, used int) {
	isLogging.Store(false)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = false
	late = w.late
	w.late, w.ahead = nil, nil
	return late, w.takeUsed()
}
