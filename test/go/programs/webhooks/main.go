// An operator of ConfigMaps with webhooks; what they do, the environment says.
package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kamera.dev/kamera"
)

var mode = os.Getenv("MODE")

func main() { kamera.Main(setup) }

func setup(mgr ctrl.Manager) error {
	w := &webhooks{mgr.GetClient()}
	if mode == "raw" {
		mgr.GetWebhookServer().Register("/raw", &admission.Webhook{Handler: admission.HandlerFunc(
			func(_ context.Context, request admission.Request) admission.Response {
				return admission.Denied("nothing called " + request.Name)
			})})
	} else if err := ctrl.NewWebhookManagedBy(mgr, &corev1.ConfigMap{}).WithDefaulter(w).WithValidator(w).Complete(); err != nil {
		return err
	}
	if mode == "conversion" {
		mgr.GetWebhookServer().Register("/convert", http.NotFoundHandler())
	}
	return ctrl.NewControllerManagedBy(mgr).Named("copier").For(&corev1.Secret{}).Complete(&copier{mgr.GetClient()})
}

// copier makes a ConfigMap of each Secret, and says in the Secret's annotations what came of it.
type copier struct{ client.Client }

func (c *copier) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var secret corev1.Secret
	if err := c.Get(ctx, req.NamespacedName, &secret); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if secret.Annotations["copy"] != "" {
		return ctrl.Result{}, nil
	}
	copied := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: req.Namespace, Name: req.Name}}
	err := c.Create(ctx, copied)
	switch {
	case apierrors.IsForbidden(err), apierrors.IsInternalError(err):
		metav1.SetMetaDataAnnotation(&secret.ObjectMeta, "copy", err.Error())
	case err != nil && !apierrors.IsAlreadyExists(err):
		return ctrl.Result{}, err
	default:
		metav1.SetMetaDataAnnotation(&secret.ObjectMeta, "copy", "label "+copied.Labels["defaulted"])
	}
	return ctrl.Result{}, c.Update(ctx, &secret)
}

type webhooks struct{ client.Client }

func (w *webhooks) Default(_ context.Context, object *corev1.ConfigMap) error {
	metav1.SetMetaDataLabel(&object.ObjectMeta, "defaulted", "yes")
	if mode == "random" {
		metav1.SetMetaDataLabel(&object.ObjectMeta, "number", strconv.FormatUint(rand.Uint64(), 10))
	}
	return nil
}

func (w *webhooks) ValidateCreate(ctx context.Context, object *corev1.ConfigMap) (admission.Warnings, error) {
	switch mode {
	case "denies":
		return nil, fmt.Errorf("not %s", object.Labels["defaulted"])
	case "reads":
		var list corev1.ConfigMapList
		if err := w.List(ctx, &list, client.InNamespace(object.Namespace)); err != nil {
			return nil, err
		}
		if len(list.Items) > 0 {
			return nil, fmt.Errorf("there is one: %s", list.Items[0].Name)
		}
	case "panics":
		panic("no webhook")
	case "exits":
		os.Exit(5)
	case "waits":
		select {}
	case "writes":
		return nil, w.Delete(ctx, object)
	}
	return nil, nil
}

func (w *webhooks) ValidateUpdate(context.Context, *corev1.ConfigMap, *corev1.ConfigMap) (admission.Warnings, error) {
	return nil, nil
}

func (w *webhooks) ValidateDelete(context.Context, *corev1.ConfigMap) (admission.Warnings, error) {
	return nil, nil
}
