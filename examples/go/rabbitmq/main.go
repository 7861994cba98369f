// The controller of the RabbitMQ cluster operator as it is published, hosted by Kamera. The setup is that of its own
// main, but for what runs commands in pods: there are no containers in which a command could run.
package main

import (
	rabbitmq "github.com/rabbitmq/cluster-operator/v2/api/v1beta1"
	"github.com/rabbitmq/cluster-operator/v2/controllers"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"kamera.dev/kamera"
)

func main() {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(rabbitmq.AddToScheme(scheme))
	kamera.Main(setup, kamera.WithScheme(scheme))
}

func setup(mgr ctrl.Manager) error {
	return (&controllers.RabbitmqClusterReconciler{
		Client:                  mgr.GetClient(),
		APIReader:               mgr.GetAPIReader(),
		Scheme:                  mgr.GetScheme(),
		Recorder:                mgr.GetEventRecorderFor("rabbitmqcluster-controller"),
		Namespace:               "rabbitmq-system",
		ClusterConfig:           mgr.GetConfig(),
		Clientset:               kubernetes.NewForConfigOrDie(mgr.GetConfig()),
		PodExecutor:             successfulCommands{},
		DefaultRabbitmqImage:    "rabbitmq:3.13.2-management",
		DefaultUserUpdaterImage: "rabbitmqoperator/default-user-credential-updater:1.0.2",
	}).SetupWithManager(mgr)
}

// successfulCommands are commands in pods that do nothing and succeed.
type successfulCommands struct{}

func (successfulCommands) Exec(*kubernetes.Clientset, *rest.Config, string, string, string, ...string) (string, string, error) {
	return "", "", nil
}
