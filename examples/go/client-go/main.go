// A controller of plain client-go, unmodified, hosted by Kamera: its own main would make the same factory, start it and
// call Run.
package main

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"kamera.dev/examples/client-go/controller"
	"kamera.dev/kamera"
)

func main() { kamera.MainClientGo(setup) }

func setup(p *kamera.Process) error {
	clients, err := kubernetes.NewForConfig(p.Config())
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(clients, 0)
	kamera.TakeInformers(p, factory.InformerFor, &corev1.ConfigMap{}, &appsv1.Deployment{})
	c, err := controller.New(clients, factory.Core().V1().ConfigMaps(), factory.Apps().V1().Deployments())
	if err != nil {
		return err
	}
	return kamera.AddController(p, kamera.Controller[cache.ObjectName]{
		Name:    "deployer",
		Queue:   &c.Queue,
		Run:     func(ctx context.Context) error { return c.Run(ctx, 2) },
		Workers: 2,
		For:     &corev1.ConfigMap{},
	})
}
