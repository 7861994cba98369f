// Command paced is a controller whose reconciles each read one ConfigMap from the API server, for the benchmark of
// recorders: so many reconciles, so many a second (0: as fast as it can). It prints how many a second it made. With WRAP
// set it tells a recorder of them.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
	"kamera.dev/kamera/kameratrace"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

func main() {
	count, err := strconv.Atoi(os.Args[1])
	perSecond, rateErr := strconv.Atoi(os.Args[2])
	if err == nil {
		err = rateErr
	}
	if err == nil {
		err = run(count, perSecond)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(count, perSecond int) error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	config.QPS = -1
	wraps := os.Getenv("WRAP") != ""
	if wraps {
		config = kameratrace.Wrap(config)
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{Metrics: metricsserver.Options{BindAddress: "0"}})
	if err != nil {
		return err
	}
	done := make(chan error, count)
	var inner reconcile.Reconciler = reconcile.Func(func(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
		var read corev1.ConfigMap
		done <- manager.GetAPIReader().Get(ctx, client.ObjectKey{Namespace: "default", Name: "map"}, &read)
		return reconcile.Result{}, nil
	})
	if wraps {
		inner = kameratrace.Reconciler("paced", inner)
	}
	paced, err := controller.New("paced", manager, controller.Options{Reconciler: inner, MaxConcurrentReconciles: 8})
	if err != nil {
		return err
	}
	begin := make(chan time.Time, 1)
	requests := func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		go func() {
			start := time.Now()
			begin <- start
			for i := range count {
				if perSecond > 0 {
					time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
				}
				queue.Add(reconcile.Request{NamespacedName: types.NamespacedName{Namespace: "default", Name: "map-" + strconv.Itoa(i)}})
			}
		}()
		return nil
	}
	if err = paced.Watch(source.Func(requests)); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	for range count {
		select {
		case err = <-done:
		case err = <-ended:
		}
		if err != nil {
			return err
		}
	}
	fmt.Printf("%.0f\n", float64(count)/time.Since(<-begin).Seconds())
	return nil
}
