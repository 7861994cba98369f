// Package kamera lets Kamera explore a controller-runtime operator: the program hands over the function that sets up
// its controllers, and Kamera decides what they read, when they run and what fails.
//
// A whole program:
//
//	func main() {
//		kamera.Main(func(mgr ctrl.Manager) error {
//			return (&controllers.FooReconciler{Client: mgr.GetClient()}).SetupWithManager(mgr)
//		}, kamera.WithScheme(scheme))
//	}
//
// It speaks the protocol of docs/host-protocol.md on its standard input and output, so it is started by Kamera, not by
// hand. Whatever the operator itself prints goes to standard error.
package kamera

import (
	"context"
	"fmt"
	"os"
	goruntime "runtime"
	"runtime/debug"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
)

// Setup adds controllers to a manager, as the operator's own main does. It is called again for every fresh instance,
// so it must not rely on running once in a process.
type Setup func(ctrl.Manager) error

// Option changes how an operator is hosted.
type Option func(*settings)

type settings struct {
	scheme  *runtime.Scheme
	manager []func(*ctrl.Options)
	// Of the operator's own types.
	requests []requestType
	// Of plain client-go.
	cache cache.Options
}

// WithScheme sets the scheme of the manager. Default: the built-in kinds of client-go.
func WithScheme(scheme *runtime.Scheme) Option {
	return func(s *settings) { s.scheme = scheme }
}

// WithManagerOptions changes the manager's options as the operator does, for example what its client caches. What
// Kamera has to decide (servers, leader election, where reads come from) is set afterwards and wins.
func WithManagerOptions(change func(*ctrl.Options)) Option {
	return func(s *settings) { s.manager = append(s.manager, change) }
}

// Main serves Kamera until it closes the standard input, and then ends the process.
func Main(setup Setup, options ...Option) {
	serveMain(func(h *host, i *instance) (func(context.Context) error, error) { return startManager(h, i, setup) }, options)
}

func serveMain(start origin, options []Option) {
	s := &settings{scheme: clientgoscheme.Scheme}
	for _, option := range options {
		option(s)
	}
	wire, err := openWire()
	if err != nil {
		fmt.Fprintln(os.Stderr, "kamera:", err)
		os.Exit(1)
	}
	klog.SetLogger(logger)
	// Goroutines take turns in an order that is the same every time, as far as Go allows.
	goruntime.GOMAXPROCS(1)
	// Objects come and go by the reconcile, and few stay.
	debug.SetGCPercent(400)
	watch := watchProgress(wire)
	takeChance(wire)
	inBubble(func() {
		serve(&host{origin: start, settings: s, wire: wire, progress: watch})
		os.Exit(0)
	})
}
