// Package kameratrace tells kamera record which calls belong to which reconcile.
//
// A program that is recorded (kamera record) needs no change: its reconciles are then inferred. With Wrap around its
// rest.Config and Reconciler around its reconcilers they are exact, with what they returned, and those that call nothing
// are seen, too. Before any other API server both do nothing that it would notice: it ignores the headers, and marks are
// given up when nobody takes them.
package kameratrace

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	reconcileHeader = "Kamera-Reconcile"
	marksHeader     = "Kamera-Marks"
	marksPath       = "/kamera.dev/marks"
	// Marks that go along with one call.
	marksAlong = 16
	// Marks that wait; more means that nobody takes them.
	marksMax   = 10_000
	flushEvery = 100 * time.Millisecond
)

// reconcileOf is what a call says of its reconcile.
type reconcileOf struct {
	ID         string `json:"id"`
	Controller string `json:"controller"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// mark is the begin or, with a result, the end of a reconcile.
type mark struct {
	reconcileOf
	Result  string `json:"result,omitempty"`
	AfterMs int64  `json:"afterMs,omitempty"`
	Message string `json:"message,omitempty"`
}

type contextKey struct{}

var pending struct {
	sync.Mutex
	marks []mark
	// Who calls, as the last call said: marks that go alone must say the same.
	from http.Header
}

// off is set when nobody takes marks: the API server is no recorder.
var off atomic.Bool

func add(m mark) {
	if off.Load() {
		return
	}
	pending.Lock()
	defer pending.Unlock()
	if off.Load() || len(pending.marks) >= marksMax {
		return
	}
	pending.marks = append(pending.marks, m)
}

func take(most int) []mark {
	pending.Lock()
	defer pending.Unlock()
	count := min(most, len(pending.marks))
	taken := append([]mark(nil), pending.marks[:count]...)
	pending.marks = pending.marks[count:]
	return taken
}

func giveBack(marks []mark) {
	pending.Lock()
	defer pending.Unlock()
	if len(marks)+len(pending.marks) <= marksMax {
		pending.marks = append(marks, pending.marks...)
	}
}

func note(header http.Header) {
	pending.Lock()
	defer pending.Unlock()
	authorization, agent := header["Authorization"], header["User-Agent"]
	if slices.Equal(pending.from["Authorization"], authorization) && slices.Equal(pending.from["User-Agent"], agent) {
		return
	}
	pending.from = http.Header{"Authorization": authorization, "User-Agent": agent}
}

// Wrap lets every client that is made of config say on whose behalf it calls. It changes config and returns it.
func Wrap(config *rest.Config) *rest.Config {
	var once sync.Once
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		once.Do(func() { go flush(next, config.Host) })
		return &transport{next}
	})
	return config
}

type transport struct{ next http.RoundTripper }

func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if off.Load() {
		return t.next.RoundTrip(request)
	}
	note(request.Header)
	of, known := request.Context().Value(contextKey{}).(reconcileOf)
	marks := take(marksAlong)
	if !known && len(marks) == 0 {
		return t.next.RoundTrip(request)
	}
	request = request.Clone(request.Context())
	if known {
		request.Header.Set(reconcileHeader, escaped(of))
	}
	if len(marks) > 0 {
		request.Header.Set(marksHeader, escaped(marks))
	}
	return t.next.RoundTrip(request)
}

// escaped is JSON in the characters that a header may have.
func escaped(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return url.PathEscape(string(text))
}

// flush sends the marks that no call took along, as long as somebody takes them.
func flush(next http.RoundTripper, host string) {
	base, err := url.Parse(host)
	if err != nil || base.Host == "" {
		base, err = url.Parse("http://" + host)
	}
	for err == nil {
		time.Sleep(flushEvery)
		marks := take(marksMax)
		if len(marks) == 0 {
			continue
		}
		answer, failed := send(next, base.Scheme+"://"+base.Host+marksPath, marks)
		if failed != nil {
			// The recorder may be about to start again.
			giveBack(marks)
			continue
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusNoContent {
			break
		}
	}
	pending.Lock()
	off.Store(true)
	pending.marks = nil
	pending.Unlock()
}

func send(next http.RoundTripper, address string, marks []mark) (*http.Response, error) {
	body, err := json.Marshal(marks)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	pending.Lock()
	request.Header = http.Header{}
	for name, values := range pending.from {
		request.Header[name] = values
	}
	pending.Unlock()
	request.Header.Set("Content-Type", "application/json")
	return next.RoundTrip(request)
}

// Reconciler marks the reconciles of inner, which is passed all that it would be passed otherwise. name is what the trace
// calls its controller; ids are controller-runtime's.
func Reconciler(name string, inner reconcile.Reconciler) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
		of := reconcileOf{
			ID:         string(controller.ReconcileIDFromContext(ctx)),
			Controller: name,
			Namespace:  request.Namespace,
			Name:       request.Name,
		}
		add(mark{reconcileOf: of})
		result, err := inner.Reconcile(context.WithValue(ctx, contextKey{}, of), request)
		end := mark{reconcileOf: of, Result: "done"}
		switch {
		case err != nil:
			end.Result, end.Message = "error", err.Error()
		case result.RequeueAfter > 0:
			end.Result, end.AfterMs = "requeueAfter", result.RequeueAfter.Milliseconds()
		case result.Requeue: //nolint:staticcheck // programs still set it
			end.Result = "requeue"
		}
		add(end)
		return result, err
	})
}
