// Command recorded is an operator that copies ConfigMaps into Secrets. It ends when every ConfigMap of its argument's
// number has its copy. With WRAP set it tells a recorder of its reconciles.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"kamera.dev/kamera"
	"kamera.dev/kamera/kameratrace"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

type copier struct {
	client.Client
	copied chan<- string
}

func (c *copier) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var source corev1.ConfigMap
	if err := c.Get(ctx, request.NamespacedName, &source); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if source.Data["copy"] != "yes" {
		return ctrl.Result{}, nil
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: source.Name, Namespace: source.Namespace},
		StringData: map[string]string{"from": string(source.UID)},
		Type:       corev1.SecretType(os.Getenv("SECRET_TYPE")),
	}
	if err := ctrl.SetControllerReference(&source, secret, c.Scheme()); err != nil {
		return ctrl.Result{}, err
	}
	if err := c.Create(ctx, secret); err != nil {
		return ctrl.Result{}, client.IgnoreAlreadyExists(err)
	}
	c.copied <- source.Name
	return ctrl.Result{RequeueAfter: time.Hour}, nil
}

func main() {
	// "host": lends its controller to Kamera, which replays what was recorded of it.
	if os.Args[1] == "host" {
		kamera.Main(func(manager ctrl.Manager) error {
			return setup(manager, &copier{manager.GetClient(), make(chan string, 100)})
		})
		return
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func setup(manager ctrl.Manager, reconciler reconcile.Reconciler) error {
	return ctrl.NewControllerManagedBy(manager).For(&corev1.ConfigMap{}).Named("copier").Complete(reconciler)
}

func run() error {
	wanted, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	wraps := os.Getenv("WRAP") != ""
	if wraps {
		config = kameratrace.Wrap(config)
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{Metrics: metricsserver.Options{BindAddress: "0"}})
	if err != nil {
		return err
	}
	copied := make(chan string, wanted)
	var reconciler reconcile.Reconciler = &copier{manager.GetClient(), copied}
	if wraps {
		reconciler = kameratrace.Reconciler("copier", reconciler)
	}
	if err = setup(manager, reconciler); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	go func() {
		for range wanted {
			<-copied
		}
		// The last marks are on their way.
		time.Sleep(time.Second)
		stop()
	}()
	return manager.Start(ctx)
}
