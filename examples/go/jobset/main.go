// The controllers and webhooks of JobSet as they are published, hosted by Kamera. The indexes are those of JobSet's own main.
package main

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	jobset "sigs.k8s.io/jobset/api/jobset/v1alpha2"
	"sigs.k8s.io/jobset/pkg/controllers"
	"sigs.k8s.io/jobset/pkg/webhooks"

	"kamera.dev/kamera"
)

func main() {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(jobset.AddToScheme(scheme))
	kamera.Main(setup, kamera.WithScheme(scheme))
}

func setup(mgr ctrl.Manager) error {
	ctx := context.Background()
	if err := controllers.SetupJobSetIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	if err := controllers.SetupPodIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	recorder := mgr.GetEventRecorderFor("jobset")
	if err := controllers.NewJobSetReconciler(mgr.GetClient(), mgr.GetScheme(), recorder).SetupWithManager(mgr); err != nil {
		return err
	}
	if err := controllers.NewPodReconciler(mgr.GetClient(), mgr.GetScheme(), recorder).SetupWithManager(mgr); err != nil {
		return err
	}
	jobSetWebhook, err := webhooks.NewJobSetWebhook(mgr.GetClient())
	if err != nil {
		return err
	}
	if err := jobSetWebhook.SetupWebhookWithManager(mgr); err != nil {
		return err
	}
	return webhooks.NewPodWebhook(mgr.GetClient()).SetupWebhookWithManager(mgr)
}
