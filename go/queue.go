package kamera

import (
	"fmt"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// step is one reconcile, and how it ended.
type step struct {
	done     chan struct{}
	once     sync.Once
	err      error
	panicked bool
	stack    string
	request  reconcile.Request
	// What the worker did with the request afterwards.
	retried bool
	after   *time.Duration
}

func (s *step) message() string {
	if s.err == nil {
		return "panic"
	}
	return s.err.Error()
}

// result is what the worker asked the queue for: an error that it does not retry ends the request.
func (s *step) result() resultMessage {
	if s.after != nil {
		ms := float64(s.after.Nanoseconds()) / 1e6
		return resultMessage{RequeueAfterMs: &ms}
	}
	return resultMessage{Requeue: s.retried}
}

// queue stands for a controller's work queue, whose content Kamera has: workers wait in it until Kamera hands them a
// request, and what they and the event handlers put in is told to Kamera.
type queue struct {
	work chan reconcile.Request
	stop chan struct{}
	mu   sync.Mutex
	// events: handlers add requests.
	events   bool
	requests []reconcileRequest
	step     *step
	shut     bool
	// Of the controller.
	name string
}

func newQueue(name string) *queue {
	return &queue{name: name, work: make(chan reconcile.Request), stop: make(chan struct{})}
}

func (q *queue) collect() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.events, q.requests = true, []reconcileRequest{}
}

// collected returns the requests that were added since collect, each once, in order.
func (q *queue) collected() []reconcileRequest {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.events = false
	known := map[reconcileRequest]bool{}
	requests := []reconcileRequest{}
	for _, r := range q.requests {
		if !known[r] {
			known[r] = true
			requests = append(requests, r)
		}
	}
	return requests
}

func (q *queue) begin(s *step) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.step = s
}

// end takes the step's end as it is: whether goroutines ask for its request before or after Done is chance.
func (q *queue) end() { q.begin(nil) }

// fail notes an error that a worker tells of while it has a request.
func (q *queue) fail(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.step != nil && q.step.err == nil {
		q.step.err = err
	}
}

func (q *queue) add(request reconcile.Request) {
	q.requests = append(q.requests, reconcileRequest{Namespace: request.Namespace, Name: request.Name})
}

func (q *queue) Add(request reconcile.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.events:
		q.add(request)
	case q.handles(request):
		// It runs once more at some time, as after back-off, which is no timer.
		q.step.retried = true
	default:
		noteLostRequest(q.name)
	}
}

// handles tells whether this is the request of the step.
func (q *queue) handles(request reconcile.Request) bool {
	return q.step != nil && q.step.request == request
}

// AddAfter of an event handler counts as Add: the delay is not simulated, and Kamera says so.
func (q *queue) AddAfter(request reconcile.Request, delay time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.events:
		if delay > 0 {
			noteDelay(q.name, delay)
		}
		q.add(request)
	case q.handles(request):
		q.step.after = &delay
	default:
		noteLostRequest(q.name)
	}
}

func (q *queue) AddRateLimited(request reconcile.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.events:
		q.add(request)
	case q.handles(request):
		q.step.retried = true
	default:
		noteLostRequest(q.name)
	}
}

func (q *queue) Forget(reconcile.Request)          {}
func (q *queue) NumRequeues(reconcile.Request) int { return 0 }
func (q *queue) Len() int                          { return 0 }

func (q *queue) Get() (reconcile.Request, bool) {
	select {
	case request := <-q.work:
		return request, false
	case <-q.stop:
		return reconcile.Request{}, true
	}
}

func (q *queue) Done(reconcile.Request) {
	q.mu.Lock()
	s := q.step
	q.mu.Unlock()
	if s != nil {
		s.once.Do(func() { close(s.done) })
	}
}

func (q *queue) ShutDown() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.shut {
		q.shut = true
		close(q.stop)
	}
}

func (q *queue) ShutDownWithDrain() { q.ShutDown() }

func (q *queue) ShuttingDown() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.shut
}

func (q *queue) String() string { return fmt.Sprintf("queue(%d)", len(q.requests)) }
