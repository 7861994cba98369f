package kamera

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// host carries out the orders of Kamera, one at a time.
type host struct {
	origin   origin
	settings *settings
	wire     *wire
	progress *progress
	mapper   meta.RESTMapper
	// resources by group, version and plural.
	resources map[resourceKey]resourceInfo
	fresh     bool
	current   *instance
	// used: a reconcile ran on the current instance.
	used bool
}

// A reconcile that waits this long in virtual time waits for ever.
const stuckAfter = 24 * time.Hour

type helloMessage struct {
	Type     string            `json:"type"`
	Protocol int               `json:"protocol"`
	Language string            `json:"language"`
	Pid      int               `json:"pid"`
	Clock    string            `json:"clock"`
	Versions map[string]string `json:"versions"`
	// Objects may be named by number once they were sent.
	KeepsObjects bool `json:"keepsObjects"`
	// A run may be stopped in a call.
	Stops bool `json:"stops"`
	// Steps may be sent before the one under way has ended.
	QueuesSteps bool `json:"queuesSteps"`
}

type unableMessage struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Site    string `json:"site,omitempty"`
	Stack   string `json:"stack,omitempty"`
}

// pastMessage asks for a child whose clock is not past the beginning of a step.
type pastMessage struct {
	Type  string `json:"type"`
	NowMs int64  `json:"nowMs"`
}

type controllersMessage struct {
	Type        string              `json:"type"`
	Controllers []controllerMessage `json:"controllers"`
	Webhooks    []servedWebhook     `json:"webhooks,omitempty"`
	Notes       []string            `json:"notes,omitempty"`
}

type controllerMessage struct {
	Name                    string          `json:"name"`
	For                     *typeReference  `json:"for,omitempty"`
	Watches                 []typeReference `json:"watches"`
	MaxConcurrentReconciles int             `json:"maxConcurrentReconciles,omitempty"`
	Queue                   string          `json:"queue,omitempty"`
}

type requestsMessage struct {
	Type     string             `json:"type"`
	Requests []reconcileRequest `json:"requests"`
	Notes    []string           `json:"notes,omitempty"`
}

type stoppedMessage struct {
	Type string `json:"type"`
}

func serve(h *host) {
	h.wire.stopped = make(chan struct{}, 1)
	h.wire.send(helloMessage{
		Type: "hello", Protocol: protocolVersion, Language: "go", Pid: os.Getpid(), Clock: clockName(), Versions: versions(),
		KeepsObjects: true, Stops: true, QueuesSteps: true,
	})
	for {
		o := h.wire.next()
		switch {
		case o.Type == "start":
			h.start(o)
		case !advanceTo(o.NowMs):
			h.wire.send(pastMessage{"past", clockMs()})
		case o.Type == "deliver":
			h.deliver(o)
		case o.Type == "run":
			h.run(o)
		case o.Type == "review":
			h.review(o)
		default:
			h.wire.send(unableMessage{Type: "unable", Message: fmt.Sprintf("this host knows no message of type %q", o.Type)})
		}
		if h.fresh && h.used && h.current != nil {
			// While Kamera thinks, the next instance is made.
			h.current.stop()
			h.current = nil
			h.renew()
		}
	}
}

func clockName() string {
	if isRealClock() {
		return "real"
	}
	return "virtual"
}

func versions() map[string]string {
	found := map[string]string{"go": runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return found
	}
	for _, module := range info.Deps {
		switch module.Path {
		case "sigs.k8s.io/controller-runtime", "k8s.io/client-go":
			found[module.Path] = module.Version
		}
	}
	return found
}

func (h *host) start(o order) {
	h.fresh = o.Instances != "kept"
	h.progress.limitMs.Store(o.StepLimitMs)
	h.mapper, h.resources = mapperOf(o.Resources)
	advanceTo(o.NowMs)
	if err := h.renew(); err != nil {
		h.wire.send(unableMessage{Type: "unable", Message: err.Error(), Site: siteOf(err.stack), Stack: err.stack})
		return
	}
	message := controllersMessage{Type: "controllers", Controllers: []controllerMessage{}, Webhooks: h.webhooks(), Notes: append(h.current.notes, sourceNotes()...)}
	for _, c := range h.current.controllers {
		message.Controllers = append(message.Controllers, controllerMessage{
			Name: c.name, For: c.primary(), Watches: c.watchedTypes(), MaxConcurrentReconciles: c.maxConcurrent, Queue: c.queueName(),
		})
	}
	h.wire.send(message)
}

// renew makes a new instance: the operator as after the start of its process.
func (h *host) renew() *setupError {
	created, err := newInstance(h)
	if err != nil {
		h.current = nil
		return err
	}
	h.current, h.used = created, false
	return nil
}

// controller finds the one that an order is about, on an instance that can be used.
func (h *host) controller(o order) (*hosted, string) {
	if h.current == nil {
		if err := h.renew(); err != nil {
			return nil, "the setup function fails when it is called again in the same process: " + err.Error() +
				". Move what can be done once only (registering metrics, flags) out of it, or host it with instances: 'kept'"
		}
	}
	for _, c := range h.current.controllers {
		if c.name == o.Controller {
			return c, ""
		}
	}
	return nil, fmt.Sprintf("there is no controller %s any more", o.Controller)
}

func (h *host) deliver(o order) {
	c, problem := h.controller(o)
	if c == nil {
		h.wire.send(unableMessage{Type: "unable", Message: problem})
		return
	}
	c.queue.collect()
	h.wire.begin(nil)
	problem, stack := c.deliver(o.Event)
	settle()
	h.wire.end()
	requests := c.queue.collected()
	if problem != "" {
		h.wire.send(unableMessage{Type: "unable", Message: problem, Site: siteOf(stack), Stack: stack})
		return
	}
	h.wire.send(requestsMessage{"requests", requests, newNotes()})
}

type resultMessage struct {
	RequeueAfterMs *float64 `json:"requeueAfterMs,omitempty"`
	Requeue        bool     `json:"requeue,omitempty"`
}

type doneMessage struct {
	Type   string        `json:"type"`
	Result resultMessage `json:"result"`
	Late   []string      `json:"late,omitempty"`
	Used   int           `json:"used,omitempty"`
	Log    string        `json:"log,omitempty"`
	Notes  []string      `json:"notes,omitempty"`
}

type failedMessage struct {
	Type    string   `json:"type"`
	Message string   `json:"message"`
	Defect  bool     `json:"defect,omitempty"`
	Site    string   `json:"site,omitempty"`
	Stack   string   `json:"stack,omitempty"`
	Late    []string `json:"late,omitempty"`
	Used    int      `json:"used,omitempty"`
	Log     string   `json:"log,omitempty"`
	Notes   []string `json:"notes,omitempty"`
}

func (h *host) run(o order) {
	c, problem := h.controller(o)
	if c == nil {
		h.wire.send(unableMessage{Type: "unable", Message: problem})
		return
	}
	h.used = true
	beginLog(o.Log)
	s := &step{done: make(chan struct{}), request: reconcile.Request{NamespacedName: o.Request.key()}}
	c.queue.begin(s)
	goroutines := runtime.NumGoroutine()
	h.wire.begin(o.Ahead)
	c.queue.work <- s.request
	timer := time.NewTimer(stuckAfter)
	select {
	case <-s.done:
		timer.Stop()
	case <-h.wire.stopped:
		timer.Stop()
		h.abandon()
		return
	case <-timer.C:
		h.sendStuck("the reconcile")
	}
	settle()
	noteOutliving(c.name, goroutines)
	c.queue.end()
	late, used := h.wire.end()
	if s.err != nil && s.retried || s.panicked {
		h.wire.send(failedMessage{
			Type: "failed", Message: s.message(), Defect: s.panicked, Site: siteOf(s.stack), Stack: s.stack, Late: late, Used: used, Log: endLog(), Notes: newNotes(),
		})
		return
	}
	h.wire.send(doneMessage{Type: "done", Result: s.result(), Late: late, Used: used, Log: endLog(), Notes: newNotes()})
}

// abandon leaves an instance whose reconcile was stopped: nothing can make its goroutines go away, so nobody waits.
func (h *host) abandon() {
	h.current.cancel()
	h.current = nil
	settle()
	h.wire.end()
	h.wire.send(stoppedMessage{"stopped"})
}

// sendStuck tells of code that waits for something that never comes, and ends the process: nothing can make
// the goroutine go away.
func (h *host) sendStuck(what string) {
	stack := stackOfUser(allStacks())
	h.wire.send(stuckMessage{
		Type: "stuck", Message: what + " waits for something that never comes", Site: siteOf(stack), Stack: stack,
	})
	os.Exit(3)
}

// settings of the manager, before what Kamera decides.
func (h *host) managerOptions() ctrl.Options {
	options := ctrl.Options{Scheme: h.settings.scheme}
	for _, change := range h.settings.manager {
		change(&options)
	}
	return options
}
