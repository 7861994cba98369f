package kamera

import (
	"fmt"
	"reflect"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// WithRequests hosts controllers whose requests are of a type of the operator's own. Kamera has requests by name: name
// gives that of a request, and request the request of a name. Each must be the other's inverse.
func WithRequests[Request comparable](name func(Request) types.NamespacedName, request func(types.NamespacedName) Request) Option {
	own := &requests[Request]{items[Request]{
		func(r Request) (reconcile.Request, error) { return reconcile.Request{NamespacedName: name(r)}, nil },
		func(r reconcile.Request) Request { return request(r.NamespacedName) },
	}}
	return func(s *settings) { s.requests = append(s.requests, own) }
}

// requestType takes over the queue and the reconciler of a controller, where its requests are of this type.
type requestType interface {
	takeOver(c *hosted, newQueue, do reflect.Value) bool
}

type requests[Request comparable] struct{ items items[Request] }

// plainRequests are those of nearly all controllers.
var plainRequests = &requests[reconcile.Request]{items[reconcile.Request]{
	func(r reconcile.Request) (reconcile.Request, error) { return r, nil },
	func(r reconcile.Request) reconcile.Request { return r },
}}

type newQueueFunc[Request comparable] = func(string, workqueue.TypedRateLimiter[Request]) workqueue.TypedRateLimitingInterface[Request]

func (t *requests[Request]) takeOver(c *hosted, newQueue, do reflect.Value) bool {
	if newQueue.Type() != reflect.TypeFor[newQueueFunc[Request]]() {
		return false
	}
	c.priority = hasPriorities(c.name, newQueue.Interface().(newQueueFunc[Request]))
	do.Set(reflect.ValueOf(recorder[Request]{do.Interface().(reconcile.TypedReconciler[Request]), c}))
	newQueue.Set(reflect.ValueOf(func(string, workqueue.TypedRateLimiter[Request]) workqueue.TypedRateLimitingInterface[Request] {
		return &workQueue[Request]{queue: c.queue, hosted: c, items: t.items}
	}))
	return true
}

var queuesSeen sync.Map

// hasPriorities says whether the queue that the controller would have had is controller-runtime's priority queue (its
// default since 0.23): there a key has one entry. It is made once to look at it, and shut down.
func hasPriorities[Request comparable](name string, newQueue newQueueFunc[Request]) bool {
	if newQueue == nil {
		return false
	}
	if known, ok := queuesSeen.Load(name); ok {
		return known.(bool)
	}
	q := newQueue(name, workqueue.DefaultTypedControllerRateLimiter[Request]())
	defer q.ShutDown()
	has := reflect.ValueOf(q).MethodByName("AddWithOpts").IsValid()
	queuesSeen.Store(name, has)
	return has
}

// takeOverQueue of a controller, by the type of its requests.
func takeOverQueue(c *hosted, own []requestType, newQueue, do reflect.Value) error {
	if newQueue.CanSet() && do.CanSet() {
		for _, t := range append([]requestType{plainRequests}, own...) {
			if t.takeOver(c, newQueue, do) {
				return nil
			}
		}
	}
	return fmt.Errorf("controller %s has a queue of type %s: requests of another type than reconcile.Request must be told of with kamera.WithRequests", c.name, newQueue.Type())
}
