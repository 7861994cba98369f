package kamera

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// instance is the operator as after the start of its process: a manager with everything that the setup function made.
type instance struct {
	controllers []*hosted
	webhooks    *webhookServer
	notes       []string
	cancel      context.CancelFunc
	ended       chan error
}

// setupError has the stack of a panic, if that was the error.
type setupError struct {
	message string
	stack   string
}

func (e *setupError) Error() string { return e.message }

// Starting takes no virtual time; what is not there after this waits for something that never comes.
const startLimit = time.Hour

func newInstance(h *host) (created *instance, failure *setupError) {
	defer func() {
		if p := recover(); p != nil {
			created, failure = nil, &setupError{fmt.Sprintf("the setup function panicked: %v", p), string(debug.Stack())}
		}
	}()
	i := &instance{ended: make(chan error, 1)}
	start, err := h.origin(h, i)
	if err != nil {
		return nil, &setupError{message: err.Error()}
	}
	ctx, cancel := context.WithCancel(context.Background())
	i.cancel = cancel
	go func() { i.ended <- start(ctx) }()
	if failure := i.waitForWorkers(); failure != nil {
		cancel()
		return nil, failure
	}
	return i, nil
}

// origin makes the controllers of an instance, and returns what starts them and ends when they have ended.
type origin func(*host, *instance) (start func(context.Context) error, err error)

// startManager makes the controllers of an operator that is set up by a manager.
func startManager(h *host, i *instance, setup Setup) (func(context.Context) error, error) {
	i.webhooks = newWebhookServer()
	options := h.managerOptions()
	hostOptions(&options, h, i.webhooks)
	real, err := ctrl.NewManager(configOf(h), options)
	if err != nil {
		return nil, fmt.Errorf("the manager cannot be made: %w", err)
	}
	if err := setup(&hostManager{Manager: real, instance: i, wire: h.wire, requests: h.settings.requests}); err != nil {
		return nil, fmt.Errorf("the setup function failed: %w", err)
	}
	return real.Start, nil
}

// waitForWorkers returns when the queues of all controllers were made and their watches are known.
func (i *instance) waitForWorkers() *setupError {
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	for _, c := range i.controllers {
		select {
		case <-c.started:
		case err := <-i.ended:
			return &setupError{message: fmt.Sprintf("it ended at its start: %v", err)}
		case <-limit.C:
			return &setupError{message: c.neverStarts()}
		}
	}
	settle()
	return nil
}

func (c *hosted) neverStarts() string {
	message := fmt.Sprintf("controller %s does not start; is something that it watches never there?", c.name)
	if late, _ := c.wire.end(); len(late) > 0 {
		message = fmt.Sprintf("controller %s does not start: %s is called outside of a reconcile, which nobody answers. Informers of plain client-go must be handed over with kamera.TakeInformers", c.name, strings.Join(late, ", "))
	}
	return message
}

func (i *instance) stop() {
	i.cancel()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	select {
	case <-i.ended:
	case <-limit.C:
	}
}

func configOf(h *host) *rest.Config {
	return &rest.Config{
		Host:          "http://kamera",
		Transport:     &transport{host: h},
		QPS:           -1,
		ContentConfig: rest.ContentConfig{ContentType: "application/json", AcceptContentTypes: "application/json"},
	}
}

// hostOptions sets what Kamera decides.
func hostOptions(o *ctrl.Options, h *host, webhooks *webhookServer) {
	yes := true
	o.MapperProvider = func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return h.mapper, nil }
	o.NewCache = func(config *rest.Config, options cache.Options) (cache.Cache, error) {
		return newViewCache(h, config, options)
	}
	o.LeaderElection = false
	o.Metrics = metricsserver.Options{BindAddress: "0"}
	o.HealthProbeBindAddress = ""
	o.PprofBindAddress = ""
	o.WebhookServer = webhooks
	forEver := time.Duration(-1)
	o.GracefulShutdownTimeout = &forEver
	o.Controller.SkipNameValidation = &yes
	o.Controller.RecoverPanic = &yes
	o.Logger = logger
}

// hostManager is the manager that the operator sees: the real one, which tells what is added to it.
type hostManager struct {
	manager.Manager
	instance *instance
	wire     *wire
	requests []requestType
}

func (m *hostManager) Add(runnable manager.Runnable) error {
	c, err := adopt(runnable, m.wire, m.requests)
	if err != nil {
		return err
	}
	if c == nil {
		if name := fmt.Sprintf("%T", runnable); !strings.Contains(name, "controller-runtime") {
			m.instance.notes = append(m.instance.notes, "runs beside the controllers: "+name)
		}
		return m.Manager.Add(runnable)
	}
	m.instance.controllers = append(m.instance.controllers, c)
	return m.Manager.Add(manager.RunnableFunc(func(ctx context.Context) error {
		return runnable.Start(context.WithValue(ctx, hostedKey{}, c))
	}))
}

type hostedKey struct{}

// adopt gives a controller our queue and looks at its reconciles, through the exported fields of controller-runtime's
// own type. Nil: the runnable is no controller.
func adopt(runnable manager.Runnable, w *wire, own []requestType) (*hosted, error) {
	value := reflect.ValueOf(runnable)
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return nil, nil
	}
	fields := value.Elem()
	newQueueField, do := fields.FieldByName("NewQueue"), fields.FieldByName("Do")
	if !newQueueField.IsValid() || !do.IsValid() {
		return nil, nil
	}
	name := fields.FieldByName("Name").String()
	c := &hosted{name: name, wire: w, queue: newQueue(name), started: make(chan struct{})}
	if err := takeOverQueue(c, own, newQueueField, do); err != nil {
		return nil, err
	}
	if workers := fields.FieldByName("MaxConcurrentReconciles"); workers.IsValid() {
		c.maxConcurrent = int(workers.Int())
		workers.SetInt(1) // Kamera interleaves reconciles itself.
	}
	if recovers := fields.FieldByName("RecoverPanic"); recovers.IsValid() && recovers.Type() == reflect.TypeFor[*bool]() {
		yes := true
		recovers.Set(reflect.ValueOf(&yes))
	}
	if logs, ok := fields.FieldByName("LogConstructor").Interface().(func(*reconcile.Request) logr.Logger); ok && logs != nil {
		c.logs = logs
	}
	return c, nil
}

// recorder notes how a reconcile ends.
type recorder[Request comparable] struct {
	inner  reconcile.TypedReconciler[Request]
	hosted *hosted
}

func (r recorder[Request]) Reconcile(ctx context.Context, request Request) (result reconcile.Result, err error) {
	s := r.hosted.queue.step
	// What a goroutine of it calls from here on comes too late.
	defer r.hosted.wire.shut()
	defer func() {
		if p := recover(); p != nil {
			s.panicked, s.stack = true, afterPanic(string(debug.Stack()))
			s.err = fmt.Errorf("panic: %v", p)
			panic(p)
		}
		s.err = err
	}()
	return r.inner.Reconcile(ctx, request)
}
