// The ZooKeeper operator with its bug, hosted by Kamera.
package main

import (
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kamera.dev/examples/zookeeper/operator"
	"kamera.dev/kamera"
)

func main() {
	kamera.Main(func(mgr ctrl.Manager) error {
		reader := mgr.GetClient()
		return (&operator.Reconciler{Client: reader, APIReader: mgr.GetAPIReader(), FormerMembers: reader}).SetupWithManager(mgr)
	}, kamera.WithManagerOptions(func(options *ctrl.Options) {
		options.Client.Cache = &client.CacheOptions{Unstructured: true}
	}))
}
