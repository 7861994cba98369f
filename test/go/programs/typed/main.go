// Command typed is an operator whose requests are of a type of its own: colours of ConfigMaps, of which it counts how
// many there are.
package main

import (
	"context"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"kamera.dev/kamera"
)

type colour struct{ name string }

type counter struct{ client.Client }

func (c *counter) Reconcile(ctx context.Context, request colour) (ctrl.Result, error) {
	var list corev1.ConfigMapList
	if err := c.List(ctx, &list, client.InNamespace("default"), client.MatchingLabels{"colour": request.name}); err != nil {
		return ctrl.Result{}, err
	}
	if os.Getenv("MODE") == "panics" {
		panic("no such colour: " + request.name)
	}
	made := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: fmt.Sprintf("%s-%d", request.name, len(list.Items)),
	}}
	return ctrl.Result{}, client.IgnoreAlreadyExists(c.Create(ctx, made))
}

func main() {
	var options []kamera.Option
	if os.Getenv("MODE") != "untold" {
		options = append(options, kamera.WithRequests(
			func(c colour) types.NamespacedName { return types.NamespacedName{Name: c.name} },
			func(name types.NamespacedName) colour { return colour{name.Name} },
		))
	}
	kamera.Main(func(mgr ctrl.Manager) error {
		return builder.TypedControllerManagedBy[colour](mgr).Named("counter").
			Watches(&corev1.ConfigMap{}, handler.TypedEnqueueRequestsFromMapFunc(
				func(_ context.Context, object client.Object) []colour {
					return []colour{{object.GetLabels()["colour"]}}
				})).
			Complete(&counter{mgr.GetClient()})
	}, options...)
}
