package kamera

import (
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// limits of what a manager's cache holds of a kind, by the options of the operator: Kamera has the view of everything,
// and what the options leave out is left out here, of reads and of events.
type limits struct {
	// By namespace; cache.AllNamespaces stands for all others. Nil: the whole has one configuration.
	namespaces map[string]cache.Config
	whole      cache.Config
}

// limiter finds the limits of kinds. Defaults are taken in the order of controller-runtime: of the kind, of the
// namespace, of all.
type limiter struct {
	options  cache.Options
	byKind   map[schema.GroupVersionKind]cache.ByObject
	isGlobal func(schema.GroupVersionKind) bool
}

// newLimiter returns nil where nothing is limited.
func newLimiter(options cache.Options, mapper meta.RESTMapper) (*limiter, error) {
	if len(options.ByObject) == 0 && len(options.DefaultNamespaces) == 0 && options.DefaultLabelSelector == nil &&
		options.DefaultFieldSelector == nil && options.DefaultTransform == nil {
		return nil, nil
	}
	l := &limiter{options: options, byKind: map[schema.GroupVersionKind]cache.ByObject{}, isGlobal: func(kind schema.GroupVersionKind) bool {
		mapping, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
		return err == nil && mapping.Scope.Name() == meta.RESTScopeNameRoot
	}}
	selectors := []fields.Selector{options.DefaultFieldSelector}
	for object, byObject := range options.ByObject {
		kind, err := apiutil.GVKForObject(object, options.Scheme)
		if err != nil {
			return nil, err
		}
		l.byKind[kind] = byObject
		selectors = append(selectors, byObject.Field)
		for _, config := range byObject.Namespaces {
			selectors = append(selectors, config.FieldSelector)
		}
	}
	for _, config := range options.DefaultNamespaces {
		selectors = append(selectors, config.FieldSelector)
	}
	for _, selector := range selectors {
		if selector == nil {
			continue
		}
		for _, requirement := range selector.Requirements() {
			if requirement.Field != "metadata.name" && requirement.Field != "metadata.namespace" {
				return nil, fmt.Errorf("kamera does not simulate a cache that is limited by the field %s: only metadata.name and metadata.namespace", requirement.Field)
			}
		}
	}
	return l, nil
}

func (l *limiter) of(kind schema.GroupVersionKind) *limits {
	if l == nil {
		return nil
	}
	general := cache.Config{
		LabelSelector: l.options.DefaultLabelSelector,
		FieldSelector: l.options.DefaultFieldSelector,
		Transform:     l.options.DefaultTransform,
	}
	byObject := l.byKind[kind]
	own := cache.Config{LabelSelector: byObject.Label, FieldSelector: byObject.Field, Transform: byObject.Transform}
	found := &limits{whole: withDefaults(own, general)}
	if l.isGlobal(kind) {
		return found
	}
	namespaces := byObject.Namespaces
	if namespaces == nil {
		namespaces = l.options.DefaultNamespaces
	}
	for namespace, config := range namespaces {
		if found.namespaces == nil {
			found.namespaces = map[string]cache.Config{}
		}
		config = withDefaults(withDefaults(config, own), l.options.DefaultNamespaces[namespace])
		found.namespaces[namespace] = withDefaults(config, general)
	}
	return found
}

func withDefaults(config, from cache.Config) cache.Config {
	if config.LabelSelector == nil {
		config.LabelSelector = from.LabelSelector
	}
	if config.FieldSelector == nil {
		config.FieldSelector = from.FieldSelector
	}
	if config.Transform == nil {
		config.Transform = from.Transform
	}
	return config
}

// in a namespace; false: the cache does not know it.
func (l *limits) in(namespace string) (cache.Config, bool) {
	if l.namespaces == nil {
		return l.whole, true
	}
	if config, ok := l.namespaces[namespace]; ok {
		return config, true
	}
	config, ok := l.namespaces[cache.AllNamespaces]
	return config, ok
}

// admit tells whether the cache holds an object, and makes of it what the operator's transform does.
func (l *limits) admit(object client.Object) (bool, error) {
	if l == nil {
		return true, nil
	}
	config, ok := l.in(object.GetNamespace())
	if !ok {
		return false, nil
	}
	if s := config.LabelSelector; s != nil && !s.Matches(labels.Set(object.GetLabels())) {
		return false, nil
	}
	if s := config.FieldSelector; s != nil && !s.Matches(fields.Set{"metadata.name": object.GetName(), "metadata.namespace": object.GetNamespace()}) {
		return false, nil
	}
	if config.Transform == nil {
		return true, nil
	}
	changed, err := config.Transform(object)
	if err != nil {
		return false, err
	}
	if same, ok := changed.(runtime.Object); ok && same != runtime.Object(object) && reflect.TypeOf(same) == reflect.TypeOf(object) {
		reflect.ValueOf(object).Elem().Set(reflect.ValueOf(same).Elem())
	}
	return true, nil
}
