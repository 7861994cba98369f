// A controller of ConfigMaps that counts up to a limit: three reads and one write a reconcile, for the benchmark.
package main

import (
	"context"
	"os"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kamera.dev/kamera"
)

func main() {
	limit, _ := strconv.Atoi(os.Getenv("LIMIT"))
	kamera.Main(func(mgr ctrl.Manager) error {
		return ctrl.NewControllerManagedBy(mgr).Named("counter").For(&corev1.ConfigMap{}).Complete(&counter{mgr.GetClient(), limit})
	})
}

type counter struct {
	client.Client
	limit int
}

func (c *counter) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var settings corev1.Secret
	if err := c.Get(ctx, client.ObjectKey{Namespace: req.Namespace, Name: "settings"}, &settings); err != nil {
		return ctrl.Result{}, err
	}
	var accounts corev1.ServiceAccountList
	if err := c.List(ctx, &accounts, client.InNamespace(req.Namespace)); err != nil {
		return ctrl.Result{}, err
	}
	var found corev1.ConfigMap
	if err := c.Get(ctx, req.NamespacedName, &found); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	count, _ := strconv.Atoi(found.Data["count"])
	if count >= c.limit {
		return ctrl.Result{}, nil
	}
	found.Data = map[string]string{"count": strconv.Itoa(count + 1)}
	return ctrl.Result{}, c.Update(ctx, &found)
}
