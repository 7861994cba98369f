module kamera.dev/kamera

go 1.25.0

require (
	github.com/go-logr/logr v1.4.2
	k8s.io/api v0.33.0
	k8s.io/apimachinery v0.33.0
	k8s.io/client-go v0.33.0
	k8s.io/klog/v2 v2.130.1
	sigs.k8s.io/controller-runtime v0.21.0
)
