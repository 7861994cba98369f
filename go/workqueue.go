package kamera

import (
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// workQueue is our queue with the items of a controller of plain client-go.
type workQueue[Item comparable] struct {
	queue  *queue
	hosted *hosted
	items  items[Item]
	ready  sync.Once
}

// items says which request an item stands for, and the other way round.
type items[Item comparable] struct {
	request func(Item) (reconcile.Request, error)
	item    func(reconcile.Request) Item
}

func itemsOf[Item comparable](controller string) (items[Item], error) {
	var none Item
	var request func(any) (reconcile.Request, error)
	var item func(reconcile.Request) any
	switch any(none).(type) {
	case reconcile.Request:
		request = func(i any) (reconcile.Request, error) { return i.(reconcile.Request), nil }
		item = func(r reconcile.Request) any { return r }
	case types.NamespacedName:
		request = func(i any) (reconcile.Request, error) {
			return reconcile.Request{NamespacedName: i.(types.NamespacedName)}, nil
		}
		item = func(r reconcile.Request) any { return r.NamespacedName }
	case toolscache.ObjectName:
		request = func(i any) (reconcile.Request, error) {
			return reconcile.Request{NamespacedName: types.NamespacedName(i.(toolscache.ObjectName))}, nil
		}
		item = func(r reconcile.Request) any { return toolscache.ObjectName(r.NamespacedName) }
	case string, nil:
		// nil: a queue of any, the untyped one of old, whose items are keys by custom.
		request = func(i any) (reconcile.Request, error) {
			key, ok := i.(string)
			if !ok {
				return reconcile.Request{}, fmt.Errorf("an item of type %T: only keys (namespace/name) can be hosted in an untyped queue", i)
			}
			namespace, name, err := toolscache.SplitMetaNamespaceKey(key)
			return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}, err
		}
		item = func(r reconcile.Request) any {
			if r.Namespace == "" {
				return r.Name
			}
			return r.String()
		}
	default:
		return items[Item]{}, fmt.Errorf("controller %s has a queue of items of type %T: only keys, names of objects and reconcile.Request can be hosted", controller, none)
	}
	return items[Item]{
		func(i Item) (reconcile.Request, error) { return request(i) },
		func(r reconcile.Request) Item { return item(r).(Item) },
	}, nil
}

// request of an item. What is no key cannot come from Kamera and cannot be told to it.
func (q *workQueue[Item]) request(item Item) reconcile.Request {
	request, err := q.items.request(item)
	if err != nil {
		panic(fmt.Sprintf("the queue of controller %s: %v", q.hosted.name, err))
	}
	return request
}

func (q *workQueue[Item]) Add(item Item)            { q.queue.Add(q.request(item)) }
func (q *workQueue[Item]) AddRateLimited(item Item) { q.queue.AddRateLimited(q.request(item)) }
func (q *workQueue[Item]) AddAfter(item Item, delay time.Duration) {
	q.queue.AddAfter(q.request(item), delay)
}
func (q *workQueue[Item]) Forget(Item)          {}
func (q *workQueue[Item]) NumRequeues(Item) int { return 0 }
func (q *workQueue[Item]) Len() int             { return 0 }

func (q *workQueue[Item]) Get() (Item, bool) {
	q.ready.Do(func() { close(q.hosted.started) })
	request, isShut := q.queue.Get()
	if isShut {
		var none Item
		return none, true
	}
	return q.items.item(request), false
}

func (q *workQueue[Item]) Done(item Item) {
	// What a goroutine of the worker calls from here on comes too late.
	q.hosted.wire.shut()
	q.queue.Done(q.request(item))
}

func (q *workQueue[Item]) ShutDown()          { q.queue.ShutDown() }
func (q *workQueue[Item]) ShutDownWithDrain() { q.queue.ShutDown() }
func (q *workQueue[Item]) ShuttingDown() bool { return q.queue.ShuttingDown() }
