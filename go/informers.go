package kamera

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache/informertest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// TakeInformers puts informers of Kamera into a shared informer factory, of client-go or a generated one, before anybody
// has asked it for them: Kamera says what they hold and which events they deliver, and what listers read of them is a
// cached read. It must be called with an object of every kind whose informer or lister the process uses, and with the
// factory's method InformerFor. A factory that is limited to a namespace or by list options cannot be told from one
// that is not: say so with WithCacheOptions.
func TakeInformers[Clients any, New ~func(Clients, time.Duration) toolscache.SharedIndexInformer](
	p *Process, informerFor func(runtime.Object, New) toolscache.SharedIndexInformer, objects ...client.Object,
) {
	for _, object := range objects {
		informer, err := newTakenInformer(p, object)
		if err != nil {
			panic(fmt.Sprintf("kamera.TakeInformers: %v", err))
		}
		if informerFor(object, func(Clients, time.Duration) toolscache.SharedIndexInformer { return informer }) != informer {
			panic(fmt.Sprintf("kamera.TakeInformers: the factory has an informer of %T already. Call it before the informer is used", object))
		}
	}
}

// WithCacheOptions limits what informers of client-go hold, as the list options and the namespace of the operator's
// factories do. Operators of controller-runtime say it in WithManagerOptions.
func WithCacheOptions(options cache.Options) Option {
	return func(s *settings) { s.cache = options }
}

// takenInformer stands for an informer of client-go, for which Kamera has the objects and the events.
type takenInformer struct {
	toolscache.SharedIndexInformer
	process *Process
	kind    schema.GroupVersionKind
	make    func() client.Object
	limits  *limits
	indexer *viewIndexer
}

func newTakenInformer(p *Process, object client.Object) (*takenInformer, error) {
	scheme := p.host.settings.scheme
	kind, err := apiutil.GVKForObject(object, scheme)
	if err != nil {
		return nil, err
	}
	synced, err := syncedInformer(context.Background(), scheme)
	if err != nil {
		return nil, err
	}
	options := p.host.settings.cache
	options.Scheme = scheme
	limiter, err := newLimiter(options, p.host.mapper)
	if err != nil {
		return nil, err
	}
	limits := &limits{}
	if found := limiter.of(kind); found != nil {
		*limits = *found
	}
	prototype := object.DeepCopyObject().(client.Object)
	clearObject(prototype)
	informer := &takenInformer{
		SharedIndexInformer: synced.(toolscache.SharedIndexInformer),
		process:             p,
		kind:                kind,
		make:                func() client.Object { return prototype.DeepCopyObject().(client.Object) },
		limits:              limits,
	}
	informer.indexer = &viewIndexer{
		informer: informer,
		indexers: toolscache.Indexers{toolscache.NamespaceIndex: toolscache.MetaNamespaceIndexFunc},
	}
	return informer, nil
}

// syncedInformer is any informer of the fake cache: it has what every version of client-go wants of one.
func syncedInformer(ctx context.Context, scheme *runtime.Scheme) (cache.Informer, error) {
	synced, err := (&informertest.FakeInformers{Scheme: scheme, Synced: &[]bool{true}[0]}).GetInformer(ctx, &metav1.PartialObjectMetadata{})
	if err != nil {
		return (&informertest.FakeInformers{}).GetInformerForKind(ctx, schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"})
	}
	return synced, nil
}

func (i *takenInformer) HasSynced() bool                    { return true }
func (i *takenInformer) Run(stop <-chan struct{})           { <-stop }
func (i *takenInformer) RunWithContext(ctx context.Context) { <-ctx.Done() }
func (i *takenInformer) GetIndexer() toolscache.Indexer     { return i.indexer }
func (i *takenInformer) GetStore() toolscache.Store         { return i.indexer }
func (i *takenInformer) AddIndexers(indexers toolscache.Indexers) error {
	return i.indexer.AddIndexers(indexers)
}
func (i *takenInformer) SetTransform(transform toolscache.TransformFunc) error {
	i.limits.whole.Transform = transform
	return nil
}

func (i *takenInformer) note(handler toolscache.ResourceEventHandler) {
	i.process.pending = append(i.process.pending, watch{i.kind, i.make, handler, i.limits})
}

func (i *takenInformer) AddEventHandler(handler toolscache.ResourceEventHandler) (toolscache.ResourceEventHandlerRegistration, error) {
	i.note(handler)
	return i.SharedIndexInformer.AddEventHandler(handler)
}

func (i *takenInformer) AddEventHandlerWithResyncPeriod(handler toolscache.ResourceEventHandler, period time.Duration) (toolscache.ResourceEventHandlerRegistration, error) {
	i.note(handler)
	return i.SharedIndexInformer.AddEventHandlerWithResyncPeriod(handler, period)
}

func (i *takenInformer) AddEventHandlerWithOptions(handler toolscache.ResourceEventHandler, options toolscache.HandlerOptions) (toolscache.ResourceEventHandlerRegistration, error) {
	i.note(handler)
	return i.SharedIndexInformer.AddEventHandlerWithOptions(handler, options)
}

// viewIndexer is what listers read: each read is a cached read of Kamera's view. Lists have the order of their keys,
// whereas that of client-go's is chance.
type viewIndexer struct {
	informer *takenInformer
	mu       sync.Mutex
	indexers toolscache.Indexers
}

func (x *viewIndexer) list(namespace string) []client.Object {
	i := x.informer
	answer := i.process.host.wire.ask(call{Op: "list", Cached: true, Type: referenceTo(i.kind), Namespace: namespace})
	var objects []client.Object
	for _, text := range answer.Items {
		object := i.make()
		if err := text.decodeInto(object, i.kind); err != nil {
			panic(fmt.Sprintf("kamera: %s cannot be decoded: %v", i.kind.Kind, err))
		}
		if admitted, err := i.limits.admit(object); err == nil && admitted {
			objects = append(objects, object)
		}
	}
	slices.SortFunc(objects, func(a, b client.Object) int {
		return slices.Compare([]string{a.GetNamespace(), a.GetName()}, []string{b.GetNamespace(), b.GetName()})
	})
	return objects
}

func (x *viewIndexer) GetByKey(key string) (any, bool, error) {
	namespace, name, err := toolscache.SplitMetaNamespaceKey(key)
	if err != nil {
		return nil, false, err
	}
	i := x.informer
	answer := i.process.host.wire.ask(call{Op: "get", Cached: true, Type: referenceTo(i.kind), Namespace: namespace, Name: name})
	if answer.Status != nil {
		var status metav1.Status
		if err := decode(answer.Status, &status); err != nil {
			return nil, false, err
		}
		if status.Reason == metav1.StatusReasonNotFound {
			return nil, false, nil
		}
		return nil, false, &apierrors.StatusError{ErrStatus: status}
	}
	object := i.make()
	if err := answer.Object.decodeInto(object, i.kind); err != nil {
		return nil, false, err
	}
	if admitted, err := i.limits.admit(object); err != nil || !admitted {
		return nil, false, err
	}
	return object, true, nil
}

func (x *viewIndexer) Get(object any) (any, bool, error) {
	key, err := toolscache.MetaNamespaceKeyFunc(object)
	if err != nil {
		return nil, false, err
	}
	return x.GetByKey(key)
}

func (x *viewIndexer) List() []any { return asAny(x.list("")) }

func (x *viewIndexer) ListKeys() []string { return keysOf(x.list("")) }

// byIndex returns the objects that have a value in an index; the index functions are the operator's.
func (x *viewIndexer) byIndex(name string, values []string) ([]client.Object, error) {
	index, ok := x.GetIndexers()[name]
	if !ok {
		return nil, fmt.Errorf("Index with name %s does not exist", name)
	}
	if name == toolscache.NamespaceIndex && len(values) == 1 {
		return x.list(values[0]), nil
	}
	var found []client.Object
	for _, object := range x.list("") {
		has, err := index(object)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(values, func(value string) bool { return slices.Contains(has, value) }) {
			found = append(found, object)
		}
	}
	return found, nil
}

func (x *viewIndexer) Index(name string, object any) ([]any, error) {
	index, ok := x.GetIndexers()[name]
	if !ok {
		return nil, fmt.Errorf("Index with name %s does not exist", name)
	}
	values, err := index(object)
	if err != nil {
		return nil, err
	}
	found, err := x.byIndex(name, values)
	return asAny(found), err
}

func (x *viewIndexer) ByIndex(name, value string) ([]any, error) {
	found, err := x.byIndex(name, []string{value})
	return asAny(found), err
}

func (x *viewIndexer) IndexKeys(name, value string) ([]string, error) {
	found, err := x.byIndex(name, []string{value})
	return keysOf(found), err
}

func (x *viewIndexer) ListIndexFuncValues(name string) []string {
	var values []string
	index := x.GetIndexers()[name]
	if index == nil {
		return nil
	}
	for _, object := range x.list("") {
		has, _ := index(object)
		values = append(values, has...)
	}
	slices.Sort(values)
	return slices.Compact(values)
}

func (x *viewIndexer) GetIndexers() toolscache.Indexers {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.indexers
}

func (x *viewIndexer) AddIndexers(indexers toolscache.Indexers) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	all := toolscache.Indexers{}
	for _, some := range []toolscache.Indexers{x.indexers, indexers} {
		for name, index := range some {
			all[name] = index
		}
	}
	x.indexers = all
	return nil
}

// Nobody but an informer writes to its store.
func (x *viewIndexer) Add(any) error               { return errReadOnly }
func (x *viewIndexer) Update(any) error            { return errReadOnly }
func (x *viewIndexer) Delete(any) error            { return errReadOnly }
func (x *viewIndexer) Replace([]any, string) error { return errReadOnly }
func (x *viewIndexer) Resync() error               { return nil }

// LastStoreSyncResourceVersion and Bookmark are of stores since client-go 0.36.
func (x *viewIndexer) LastStoreSyncResourceVersion() string { return "" }
func (x *viewIndexer) Bookmark(string)                      {}

var errReadOnly = fmt.Errorf("the store of an informer is Kamera's: only its events change it")

func asAny(objects []client.Object) []any {
	all := make([]any, len(objects))
	for i, object := range objects {
		all[i] = object
	}
	return all
}

func keysOf(objects []client.Object) []string {
	keys := make([]string, len(objects))
	for i, object := range objects {
		keys[i] = toolscache.MetaObjectToName(object).String()
	}
	return keys
}
