package kamera

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// typeHead is what every object begins with.
type typeHead struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
}

func decode(text []byte, into any) error { return json.Unmarshal(text, into) }

// decodeObject fills an object of any representation: typed, unstructured or metadata only.
func decodeObject(text []byte, object client.Object, kind schema.GroupVersionKind) error {
	if u, ok := object.(*unstructured.Unstructured); ok {
		return u.UnmarshalJSON(text)
	}
	if err := decode(text, object); err != nil {
		return err
	}
	object.GetObjectKind().SetGroupVersionKind(kind)
	return nil
}

func referenceTo(kind schema.GroupVersionKind) typeReference {
	apiVersion, name := kind.ToAPIVersionAndKind()
	return typeReference{apiVersion, name}
}
