package main

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

type fields = map[string]interface{}

// dynamicClient defines a kind, finds it by discovery, and uses it through the dynamic client.
func dynamicClient(ctx context.Context, config *rest.Config) error {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	definitions := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	if _, err = client.Resource(definitions).Create(ctx, widgetDefinition(), metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("definition: %w", err)
	}
	found, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(found))
	mapping, err := mapper.RESTMapping(schema.GroupKind{Group: "example.com", Kind: "Widget"})
	if err != nil {
		return fmt.Errorf("discovery: %w", err)
	}
	widgets := client.Resource(mapping.Resource).Namespace("default")
	watch, err := widgets.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	defer watch.Stop()
	widget := &unstructured.Unstructured{Object: fields{
		"apiVersion": "example.com/v1", "kind": "Widget",
		"metadata": fields{"name": "w"}, "spec": fields{"size": int64(3), "unknown": "x"},
	}}
	made, err := widgets.Create(ctx, widget, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	if _, there, _ := unstructured.NestedString(made.Object, "spec", "unknown"); there {
		return fmt.Errorf("create: an unknown field was not pruned")
	}
	_ = unstructured.SetNestedField(made.Object, int64(0), "spec", "size")
	if _, err = widgets.Update(ctx, made, metav1.UpdateOptions{}); !apierrors.IsInvalid(err) {
		return fmt.Errorf("update: expected Invalid, got %v", err)
	}
	_ = unstructured.SetNestedField(made.Object, int64(3), "spec", "size")
	_ = unstructured.SetNestedField(made.Object, int64(1), "status", "ready")
	if made, err = widgets.UpdateStatus(ctx, made, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("status: %w", err)
	}
	if ready, _, _ := unstructured.NestedInt64(made.Object, "status", "ready"); ready != 1 || made.GetGeneration() != 1 {
		return fmt.Errorf("status: ready %d, generation %d", ready, made.GetGeneration())
	}
	if err = widgets.Delete(ctx, "w", metav1.DeleteOptions{}); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	for _, expected := range []string{"ADDED", "MODIFIED", "DELETED"} {
		select {
		case event := <-watch.ResultChan():
			if string(event.Type) != expected {
				return fmt.Errorf("watch: got %s, expected %s", event.Type, expected)
			}
		case <-ctx.Done():
			return fmt.Errorf("watch: no %s", expected)
		}
	}
	return nil
}

func widgetDefinition() *unstructured.Unstructured {
	spec := fields{"type": "object", "properties": fields{"size": fields{"type": "integer", "minimum": int64(1)}}}
	status := fields{"type": "object", "properties": fields{"ready": fields{"type": "integer"}}}
	version := fields{
		"name": "v1", "served": true, "storage": true, "subresources": fields{"status": fields{}},
		"schema": fields{"openAPIV3Schema": fields{"type": "object", "properties": fields{"spec": spec, "status": status}}},
	}
	return &unstructured.Unstructured{Object: fields{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": fields{"name": "widgets.example.com"},
		"spec": fields{
			"group": "example.com", "scope": "Namespaced",
			"names":    fields{"plural": "widgets", "kind": "Widget"},
			"versions": []interface{}{version},
		},
	}}
}
