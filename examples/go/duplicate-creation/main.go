// The machine operator, hosted by Kamera.
package main

import (
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"

	v1 "kamera.dev/examples/duplicate-creation/api/v1"
	"kamera.dev/examples/duplicate-creation/controller"
	"kamera.dev/kamera"
)

func main() {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1.AddToScheme(scheme))

	kamera.Main(func(mgr ctrl.Manager) error {
		return (&controller.MachineSetReconciler{Client: mgr.GetClient(), Scheme: mgr.GetScheme()}).SetupWithManager(mgr)
	}, kamera.WithScheme(scheme))
}
