package kamera

import (
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

type resourceKey struct{ group, version, resource string }

// mapperOf knows the kinds that the simulated API server serves, so that nobody has to discover them.
func mapperOf(resources []resourceInfo) (meta.RESTMapper, map[resourceKey]resourceInfo) {
	byName := map[resourceKey]resourceInfo{}
	var versions []schema.GroupVersion
	for _, r := range resources {
		versions = append(versions, schema.GroupVersion{Group: r.Group, Version: r.Version})
		byName[resourceKey{r.Group, r.Version, r.Resource}] = r
	}
	mapper := meta.NewDefaultRESTMapper(versions)
	for _, r := range resources {
		scope := meta.RESTScopeRoot
		if r.Namespaced {
			scope = meta.RESTScopeNamespace
		}
		version := schema.GroupVersion{Group: r.Group, Version: r.Version}
		_, singular := meta.UnsafeGuessKindToResource(version.WithKind(r.Kind))
		mapper.AddSpecific(version.WithKind(r.Kind), version.WithResource(r.Resource), singular, scope)
	}
	return mapper, byName
}
