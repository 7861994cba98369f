package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const finalizer = "example.com/copies"

// copier makes a Secret of each ConfigMap with the label copy, and takes it away behind a finalizer.
type copier struct {
	client.Client
}

func (c *copier) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var source corev1.ConfigMap
	if err := c.Get(ctx, request.NamespacedName, &source); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if source.Labels["copy"] != "yes" {
		return ctrl.Result{}, nil
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: source.Name + "-copy", Namespace: source.Namespace}}
	if !source.DeletionTimestamp.IsZero() {
		if err := client.IgnoreNotFound(c.Delete(ctx, secret)); err != nil {
			return ctrl.Result{}, err
		}
		if controllerutil.RemoveFinalizer(&source, finalizer) {
			return ctrl.Result{}, c.Update(ctx, &source)
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(&source, finalizer) {
		if err := c.Update(ctx, &source); err != nil {
			return ctrl.Result{}, err
		}
	}
	_, err := controllerutil.CreateOrUpdate(ctx, c.Client, secret, func() error {
		secret.Data = map[string][]byte{"v": []byte(source.Data["v"])}
		return controllerutil.SetControllerReference(&source, secret, c.Scheme())
	})
	return ctrl.Result{}, err
}

// controllerManager runs a manager with a cached client, an owned kind and leader election.
func controllerManager(ctx context.Context, config *rest.Config) error {
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Metrics:        metricsserver.Options{BindAddress: "0"},
		LeaderElection: true, LeaderElectionID: "copier", LeaderElectionNamespace: "default", LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return err
	}
	err = ctrl.NewControllerManagedBy(manager).For(&corev1.ConfigMap{}).Owns(&corev1.Secret{}).Complete(&copier{manager.GetClient()})
	if err != nil {
		return err
	}
	own, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(own) }()
	if err = useManager(ctx, manager.GetAPIReader(), manager.GetClient()); err != nil {
		stop()
		<-ended
		return err
	}
	stop()
	return <-ended
}

func useManager(ctx context.Context, live client.Reader, writer client.Client) error {
	source := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "source", Namespace: "default", Labels: map[string]string{"copy": "yes"}},
		Data:       map[string]string{"v": "1"},
	}
	if err := writer.Create(ctx, source); err != nil {
		return err
	}
	key := client.ObjectKey{Namespace: "default", Name: "source-copy"}
	var secret corev1.Secret
	copied := func(value string) func() (bool, error) {
		return func() (bool, error) {
			err := live.Get(ctx, key, &secret)
			return err == nil && string(secret.Data["v"]) == value, client.IgnoreNotFound(err)
		}
	}
	if err := eventually(ctx, "a copy", copied("1")); err != nil {
		return err
	}
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"data":{"v":"2"}}`))
	if err := writer.Patch(ctx, source, patch); err != nil {
		return err
	}
	if err := eventually(ctx, "a new copy", copied("2")); err != nil {
		return err
	}
	// The owned kind is watched: what somebody removes comes back.
	if err := writer.Delete(ctx, &secret); err != nil {
		return err
	}
	if err := eventually(ctx, "the copy again", copied("2")); err != nil {
		return err
	}
	if err := writer.Delete(ctx, source); err != nil {
		return err
	}
	return eventually(ctx, "source and copy gone", func() (bool, error) {
		for name, object := range map[string]client.Object{"source": &corev1.ConfigMap{}, "source-copy": &corev1.Secret{}} {
			err := live.Get(ctx, client.ObjectKey{Namespace: "default", Name: name}, object)
			if err == nil {
				return false, nil
			}
			if !apierrors.IsNotFound(err) {
				return false, fmt.Errorf("%s: %w", name, err)
			}
		}
		return true, nil
	})
}
