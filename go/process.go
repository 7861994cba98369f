package kamera

import (
	"context"
	"fmt"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// Process is an operator written with plain client-go, after the start of its process.
//
// A whole program, whose controller has a work queue and gets its informers as sample-controller does:
//
//	func main() {
//		kamera.MainClientGo(func(p *kamera.Process) error {
//			clients := kubernetes.NewForConfigOrDie(p.Config())
//			factory := informers.NewSharedInformerFactory(clients, 0)
//			kamera.TakeInformers(p, factory.InformerFor, &corev1.ConfigMap{}, &corev1.Secret{})
//			c := copies.NewController(clients, factory.Core().V1().ConfigMaps(), factory.Core().V1().Secrets())
//			return kamera.AddController(p, kamera.Controller[cache.ObjectName]{
//				Name: "copies", Queue: &c.Queue, Run: func(ctx context.Context) error { return c.Run(ctx, 2) }, Workers: 2,
//			})
//		})
//	}
type Process struct {
	host     *host
	instance *instance
	// What was registered on informers since the last controller was added: it is the next one's.
	pending []watch
	runs    []func(context.Context) error
}

// ProcessSetup makes the controllers of a process. It is called again for every fresh instance.
type ProcessSetup func(*Process) error

// MainClientGo is Main for operators without controller-runtime: informers, listers and work queues of client-go.
func MainClientGo(setup ProcessSetup, options ...Option) {
	serveMain(func(h *host, i *instance) (func(context.Context) error, error) { return startProcess(h, i, setup) }, options)
}

func startProcess(h *host, i *instance, setup ProcessSetup) (func(context.Context) error, error) {
	p := &Process{host: h, instance: i}
	i.webhooks = newWebhookServer()
	utilruntime.ErrorHandlers = []utilruntime.ErrorHandler{i.noteError}
	if err := setup(p); err != nil {
		return nil, fmt.Errorf("the setup function failed: %w", err)
	}
	if len(p.pending) > 0 {
		return nil, fmt.Errorf("a handler of %s was registered after the last kamera.AddController. Add each controller after its handlers", p.pending[0].kind.Kind)
	}
	return func(ctx context.Context) error {
		ended := make(chan error, len(p.runs))
		for _, run := range p.runs {
			go func() { ended <- run(ctx) }()
		}
		for range p.runs {
			if err := <-ended; err != nil && ctx.Err() == nil {
				return err
			}
		}
		// One that has only started its workers.
		<-ctx.Done()
		return nil
	}, nil
}

// Config is for the clients of the process: what they send is answered by Kamera.
func (p *Process) Config() *rest.Config { return configOf(p.host) }

// Controller is what Kamera must know of a controller with a work queue of client-go.
type Controller[Item comparable] struct {
	// Name of the controller.
	Name string
	// Queue is the variable that has its work queue. What is in it is replaced: Kamera says what is popped, and when.
	// Items are a string (namespace/name), a cache.ObjectName, a types.NamespacedName or a reconcile.Request.
	Queue *workqueue.TypedRateLimitingInterface[Item]
	// Run starts its workers, which get items from the queue, and ends with the context or at once.
	Run func(context.Context) error
	// Workers is how many items it handles at a time. Default: 1.
	Workers int
	// For is an object of the kind whose names are its items. Default: unknown.
	For client.Object
}

// AddController adds a controller to a process. The handlers that were registered on informers since the last one are
// its handlers.
func AddController[Item comparable](p *Process, c Controller[Item]) error {
	if c.Name == "" || c.Queue == nil || c.Run == nil {
		return fmt.Errorf("a controller needs Name, Queue and Run")
	}
	items, err := itemsOf[Item](c.Name)
	if err != nil {
		return err
	}
	hosted := &hosted{name: c.Name, wire: p.host.wire, queue: newQueue(c.Name), started: make(chan struct{}), maxConcurrent: max(c.Workers, 1)}
	if c.For != nil {
		kind, err := apiutil.GVKForObject(c.For, p.host.settings.scheme)
		if err != nil {
			return err
		}
		hosted.kind = &kind
	}
	*c.Queue = &workQueue[Item]{queue: hosted.queue, hosted: hosted, items: items}
	for _, watch := range p.pending {
		hosted.add(watch)
	}
	p.pending = nil
	p.runs = append(p.runs, c.Run)
	p.instance.controllers = append(p.instance.controllers, hosted)
	return nil
}

// noteError takes the errors that workers tell of, which client-go has no other place for.
func (i *instance) noteError(_ context.Context, err error, message string, values ...any) {
	if err == nil {
		err = fmt.Errorf("%s", message)
	}
	logger.Error(err, message, values...)
	for _, c := range i.controllers {
		c.queue.fail(err)
	}
}
