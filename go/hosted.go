package kamera

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime/schema"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// hosted is a controller of the operator.
type hosted struct {
	name          string
	wire          *wire
	queue         *queue
	maxConcurrent int
	// kind whose names its requests are, where the program says so.
	kind *schema.GroupVersionKind
	// Its own queue would be controller-runtime's priority queue.
	priority bool
	logs     func(*reconcile.Request) logr.Logger
	// Closed when the controller has made its queue.
	started chan struct{}
	mu      sync.Mutex
	watches []watch
}

// watch is one event handler of a controller, with the type of object that its informer has.
type watch struct {
	kind    schema.GroupVersionKind
	make    func() client.Object
	handler toolscache.ResourceEventHandler
	limits  *limits
}

func (c *hosted) add(w watch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watches = append(c.watches, w)
}

func (c *hosted) queueName() string {
	if c.priority {
		return "priority"
	}
	return ""
}

func (c *hosted) watchedTypes() []typeReference {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := map[typeReference]bool{}
	types := []typeReference{}
	for _, w := range c.watches {
		if t := referenceTo(w.kind); !known[t] {
			known[t] = true
			types = append(types, t)
		}
	}
	// Handlers are registered in an order of their own at every start.
	slices.SortFunc(types, func(a, b typeReference) int {
		return cmp.Or(cmp.Compare(a.APIVersion, b.APIVersion), cmp.Compare(a.Kind, b.Kind))
	})
	return types
}

// primary is the kind that the builder names in the controller's logs; nil: there is none.
func (c *hosted) primary() *typeReference {
	if c.kind != nil {
		t := referenceTo(*c.kind)
		return &t
	}
	if c.logs == nil {
		return nil
	}
	values := valuesOf(c.logs(nil))
	kind, _ := values["controllerKind"].(string)
	group, _ := values["controllerGroup"].(string)
	for _, t := range c.watchedTypes() {
		if gv, err := schema.ParseGroupVersion(t.APIVersion); err == nil && t.Kind == kind && gv.Group == group {
			return &t
		}
	}
	return nil
}

// deliver hands an event to the controller's handlers for its kind, as an informer does.
func (c *hosted) deliver(event *objectEvent) (problem, stack string) {
	defer func() {
		if p := recover(); p != nil {
			problem, stack = fmt.Sprintf("panic: %v", p), afterPanic(string(debug.Stack()))
		}
	}()
	var head typeHead
	if err := decode(event.Object, &head); err != nil {
		return err.Error(), ""
	}
	kind := schema.FromAPIVersionAndKind(head.APIVersion, head.Kind).GroupKind()
	for _, w := range c.watches {
		if w.kind.GroupKind() != kind {
			continue
		}
		if err := w.deliver(event); err != nil {
			return err.Error(), ""
		}
	}
	return "", ""
}

// deliver tells a handler what the informer that it is registered on would: to one whose cache is limited, an object
// that comes to match is added, and one that no longer does is deleted.
func (w watch) deliver(event *objectEvent) error {
	object, holds, err := w.objectOf(event.Object)
	if err != nil {
		return err
	}
	if event.Type != "MODIFIED" {
		switch {
		case holds && event.Type == "ADDED":
			w.handler.OnAdd(object, false)
		case holds && event.Type == "DELETED":
			w.handler.OnDelete(object)
		}
		return nil
	}
	old, held, err := w.objectOf(event.Old)
	if err != nil {
		return err
	}
	switch {
	case held && holds:
		w.handler.OnUpdate(old, object)
	case holds:
		w.handler.OnAdd(object, false)
	case held:
		w.handler.OnDelete(old)
	}
	return nil
}

// objectOf decodes an object, and tells whether the informer's cache holds it.
func (w watch) objectOf(text []byte) (client.Object, bool, error) {
	object := w.make()
	if err := decodeObject(text, object, w.kind); err != nil {
		return nil, false, fmt.Errorf("%s cannot be decoded: %w", w.kind.Kind, err)
	}
	holds, err := w.limits.admit(object)
	return object, holds, err
}
