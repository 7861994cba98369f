// The ZooKeeper operator with its bug mended: who has left is asked of the API server, hosted by Kamera.
package main

import (
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kamera.dev/examples/zookeeper/operator"
	"kamera.dev/kamera"
)

func main() {
	kamera.Main(func(mgr ctrl.Manager) error {
		reader := mgr.GetAPIReader()
		return (&operator.Reconciler{Client: mgr.GetClient(), APIReader: reader, FormerMembers: reader}).SetupWithManager(mgr)
	}, kamera.WithManagerOptions(func(options *ctrl.Options) {
		options.Client.Cache = &client.CacheOptions{Unstructured: true}
	}))
}
