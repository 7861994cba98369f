package kamera

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache/informertest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// viewCache is the manager's cache. Reads are answered from the view that Kamera has of this process; the index
// functions of the operator are applied here, since they are Go code.
type viewCache struct {
	informertest.FakeInformers
	host    *host
	scheme  *runtime.Scheme
	indexes map[indexKey]client.IndexerFunc
	limits  *limiter
}

type indexKey struct {
	kind  schema.GroupKind
	field string
}

func newViewCache(h *host, _ *rest.Config, options cache.Options) (cache.Cache, error) {
	limits, err := newLimiter(options, h.mapper)
	if err != nil {
		return nil, err
	}
	return &viewCache{
		FakeInformers: informertest.FakeInformers{Scheme: options.Scheme},
		host:          h,
		scheme:        options.Scheme,
		indexes:       map[indexKey]client.IndexerFunc{},
		limits:        limits,
	}, nil
}

func (c *viewCache) Get(_ context.Context, key client.ObjectKey, object client.Object, _ ...client.GetOption) error {
	kind, err := apiutil.GVKForObject(object, c.scheme)
	if err != nil {
		return err
	}
	limits := c.limits.of(kind)
	if limits != nil {
		if _, ok := limits.in(key.Namespace); !ok {
			return fmt.Errorf("unable to get: %v because of unknown namespace for the cache", key)
		}
	}
	answer := c.host.wire.ask(call{
		Op: "get", Cached: true, Type: referenceTo(kind), Namespace: c.namespaceOf(kind, key.Namespace), Name: key.Name,
	})
	if answer.Status != nil {
		return c.failureOf(answer, kind, key.Name)
	}
	if err := answer.Object.decodeInto(object, kind); err != nil {
		return err
	}
	if admitted, err := limits.admit(object); err != nil || !admitted {
		clearObject(object)
		if err == nil {
			err = apierrors.NewNotFound(schema.GroupResource{Group: kind.Group, Resource: kind.Kind}, key.Name)
		}
		return err
	}
	return nil
}

func (c *viewCache) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	wanted := client.ListOptions{}
	wanted.ApplyOptions(options)
	if wanted.Continue != "" {
		return fmt.Errorf("continue list option is not supported by the cache")
	}
	kind, err := kindOfItems(list, c.scheme)
	if err != nil {
		return err
	}
	filter, err := c.filterOf(kind, wanted.FieldSelector)
	if err != nil {
		return err
	}
	limits := c.limits.of(kind)
	if limits != nil && wanted.Namespace != "" {
		if _, ok := limits.in(wanted.Namespace); !ok {
			return fmt.Errorf("unable to list: %v because of unknown namespace for the cache", wanted.Namespace)
		}
	}
	read := call{Op: "list", Cached: true, Type: referenceTo(kind), Namespace: c.namespaceOf(kind, wanted.Namespace)}
	if wanted.LabelSelector != nil {
		read.LabelSelector = wanted.LabelSelector.String()
	}
	answer := c.host.wire.ask(read)
	if answer.Status != nil {
		return c.failureOf(answer, kind, "")
	}
	objects := make([]runtime.Object, 0, len(answer.Items))
	for _, text := range answer.Items {
		if wanted.Limit > 0 && int64(len(objects)) >= wanted.Limit {
			break
		}
		object, err := c.itemOf(list, kind)
		if err != nil {
			return err
		}
		if err := text.decodeInto(object, kind); err != nil {
			return err
		}
		admitted, err := limits.admit(object)
		if err != nil {
			return err
		}
		if admitted && (filter == nil || filter(object)) {
			objects = append(objects, object)
		}
	}
	if err := meta.SetList(list, objects); err != nil {
		return err
	}
	list.SetContinue("continue-not-supported")
	return nil
}

// filterOf keeps what the operator's index functions say; as in the real cache only indexed fields can be asked for.
func (c *viewCache) filterOf(kind schema.GroupVersionKind, selector fields.Selector) (func(client.Object) bool, error) {
	if selector == nil || selector.Empty() {
		return nil, nil
	}
	type test struct {
		values client.IndexerFunc
		value  string
	}
	var tests []test
	for _, requirement := range selector.Requirements() {
		if requirement.Operator != selection.Equals && requirement.Operator != selection.DoubleEquals {
			return nil, fmt.Errorf("non-exact field matches are not supported by the cache")
		}
		index, ok := c.indexes[indexKey{kind.GroupKind(), requirement.Field}]
		if !ok {
			return nil, fmt.Errorf("Index with name field:%s does not exist", requirement.Field)
		}
		tests = append(tests, test{index, requirement.Value})
	}
	return func(object client.Object) bool {
		for _, t := range tests {
			if !slices.Contains(t.values(object), t.value) {
				return false
			}
		}
		return true
	}, nil
}

// failureOf is the error of a cached read: not found as the cache says it, which knows kinds and no resources.
func (c *viewCache) failureOf(answer answer, kind schema.GroupVersionKind, name string) error {
	var status metav1.Status
	if err := decode(answer.Status, &status); err != nil {
		return err
	}
	if status.Reason == metav1.StatusReasonNotFound {
		return apierrors.NewNotFound(schema.GroupResource{Group: kind.Group, Resource: kind.Kind}, name)
	}
	return &apierrors.StatusError{ErrStatus: status}
}

func (c *viewCache) namespaceOf(kind schema.GroupVersionKind, namespace string) string {
	if mapping, err := c.host.mapper.RESTMapping(kind.GroupKind(), kind.Version); err == nil && mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return ""
	}
	return namespace
}

func (c *viewCache) itemOf(list client.ObjectList, kind schema.GroupVersionKind) (client.Object, error) {
	switch list.(type) {
	case *unstructured.UnstructuredList:
		return &unstructured.Unstructured{}, nil
	case *metav1.PartialObjectMetadataList:
		return &metav1.PartialObjectMetadata{}, nil
	}
	object, err := c.scheme.New(kind)
	if err != nil {
		return nil, err
	}
	return object.(client.Object), nil
}

func kindOfItems(list client.ObjectList, scheme *runtime.Scheme) (schema.GroupVersionKind, error) {
	kind, err := apiutil.GVKForObject(list, scheme)
	if err == nil && len(kind.Kind) > 4 && kind.Kind[len(kind.Kind)-4:] == "List" {
		kind.Kind = kind.Kind[:len(kind.Kind)-4]
	}
	return kind, err
}

func clearObject(object client.Object) {
	if u, ok := object.(*unstructured.Unstructured); ok {
		u.Object = nil
		return
	}
	value := reflect.ValueOf(object).Elem()
	value.Set(reflect.Zero(value.Type()))
}

func (c *viewCache) IndexField(_ context.Context, object client.Object, field string, values client.IndexerFunc) error {
	kind, err := apiutil.GVKForObject(object, c.scheme)
	if err != nil {
		return err
	}
	c.indexes[indexKey{kind.GroupKind(), field}] = values
	return nil
}

func (c *viewCache) GetInformer(ctx context.Context, object client.Object, _ ...cache.InformerGetOption) (cache.Informer, error) {
	kind, err := apiutil.GVKForObject(object, c.scheme)
	if err != nil {
		return nil, err
	}
	prototype := object.DeepCopyObject().(client.Object)
	clearObject(prototype)
	return c.informer(ctx, kind, func() client.Object { return prototype.DeepCopyObject().(client.Object) })
}

func (c *viewCache) GetInformerForKind(ctx context.Context, kind schema.GroupVersionKind, _ ...cache.InformerGetOption) (cache.Informer, error) {
	if !c.scheme.Recognizes(kind) {
		return nil, runtime.NewNotRegisteredErrForKind(c.scheme.Name(), kind)
	}
	return c.informer(ctx, kind, func() client.Object {
		object, _ := c.scheme.New(kind)
		return object.(client.Object)
	})
}

// informer is a view of one controller on the process's informer: what is registered on it is the controller's.
func (c *viewCache) informer(ctx context.Context, kind schema.GroupVersionKind, make func() client.Object) (cache.Informer, error) {
	synced, err := syncedInformer(ctx, c.scheme)
	if err != nil {
		return nil, err
	}
	owner, _ := ctx.Value(hostedKey{}).(*hosted)
	return &controllerInformer{Informer: synced, kind: kind, make: make, owner: owner, limits: c.limits.of(kind)}, nil
}

func (c *viewCache) RemoveInformer(context.Context, client.Object) error { return nil }
func (c *viewCache) WaitForCacheSync(context.Context) bool               { return true }

func (c *viewCache) Start(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

type controllerInformer struct {
	cache.Informer
	kind   schema.GroupVersionKind
	make   func() client.Object
	owner  *hosted
	limits *limits
}

func (i *controllerInformer) HasSynced() bool { return true }

func (i *controllerInformer) note(handler toolscache.ResourceEventHandler) {
	if i.owner != nil {
		i.owner.add(watch{i.kind, i.make, handler, i.limits})
	}
}

func (i *controllerInformer) AddEventHandler(handler toolscache.ResourceEventHandler) (toolscache.ResourceEventHandlerRegistration, error) {
	i.note(handler)
	return i.Informer.AddEventHandler(handler)
}

func (i *controllerInformer) AddEventHandlerWithOptions(handler toolscache.ResourceEventHandler, options toolscache.HandlerOptions) (toolscache.ResourceEventHandlerRegistration, error) {
	i.note(handler)
	return i.Informer.AddEventHandlerWithOptions(handler, options)
}
