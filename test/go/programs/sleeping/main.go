// Command sleeping is an operator that waits inside a reconcile, as those do that poll their cache, and writes down when
// it woke up.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kamera.dev/kamera"
)

type sleeper struct{ client.Client }

func (s *sleeper) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var found corev1.ConfigMap
	if err := s.Get(ctx, request.NamespacedName, &found); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	time.Sleep(3 * time.Second)
	woke := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Namespace: found.Namespace, Name: fmt.Sprintf("%s-%d", found.Name, time.Now().UnixMilli()),
	}}
	return ctrl.Result{}, client.IgnoreAlreadyExists(s.Create(ctx, woke))
}

func main() {
	kamera.Main(func(mgr ctrl.Manager) error {
		if os.Getenv("SETUP") == "sleeps" {
			time.Sleep(time.Minute)
		}
		return ctrl.NewControllerManagedBy(mgr).For(&corev1.ConfigMap{}).Complete(&sleeper{mgr.GetClient()})
	})
}
