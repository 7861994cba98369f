// An operator of ConfigMaps whose cache holds some of them only; which, the environment says.
package main

import (
	"context"
	"os"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"kamera.dev/kamera"
)

var mode = os.Getenv("MODE")

func main() {
	kamera.Main(setup, kamera.WithManagerOptions(func(options *ctrl.Options) {
		mine := labels.SelectorFromSet(labels.Set{"app": "mine"})
		switch mode {
		case "labels":
			options.Cache.ByObject = map[client.Object]cache.ByObject{&corev1.ConfigMap{}: {Label: mine}}
		case "namespaces":
			options.Cache.DefaultNamespaces = map[string]cache.Config{"default": {}}
		case "namespace of labels":
			options.Cache.ByObject = map[client.Object]cache.ByObject{&corev1.ConfigMap{}: {
				Namespaces: map[string]cache.Config{"default": {LabelSelector: mine}, cache.AllNamespaces: {}},
			}}
		case "transform":
			options.Cache.DefaultTransform = func(object any) (any, error) {
				object.(client.Object).SetLabels(map[string]string{"app": "transformed"})
				return object, nil
			}
		}
	}))
}

func setup(mgr ctrl.Manager) error {
	builder := ctrl.NewControllerManagedBy(mgr).Named("counter").For(&corev1.ConfigMap{})
	if mode == "channel" {
		builder = builder.WatchesRawSource(source.Channel(make(chan event.GenericEvent), &handler.EnqueueRequestForObject{}))
	}
	return builder.Complete(&counter{mgr.GetClient()})
}

// counter makes a Secret for each ConfigMap that it sees, with how many there are, and one for each that it does not see.
type counter struct{ client.Client }

func (c *counter) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	name := req.Name + "-gone"
	var found corev1.ConfigMap
	switch err := c.Get(ctx, req.NamespacedName, &found); {
	case err == nil:
		var all corev1.ConfigMapList
		if err := c.List(ctx, &all); err != nil {
			return ctrl.Result{}, err
		}
		name = req.Name + "-of-" + strconv.Itoa(len(all.Items)) + "-" + found.Labels["app"]
	case !apierrors.IsNotFound(err):
		return ctrl.Result{}, err
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: req.Namespace, Name: name}}
	if err := c.Create(ctx, secret); err != nil && !apierrors.IsAlreadyExists(err) {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, nil
}
