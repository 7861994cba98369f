// A controller of ConfigMaps that does what no controller should; which of it, the environment says.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"kamera.dev/kamera"
)

var mode = os.Getenv("MODE")

type reconciler struct {
	client.Client
	runs  int
	wakes chan event.GenericEvent
}

func main() {
	if mode == "print before main" {
		fmt.Println("starting up")
	}
	if mode == "no kamera" {
		return
	}
	if mode == "never starts" {
		select {}
	}
	kamera.Main(setup)
}

func setup(mgr ctrl.Manager) error {
	r := &reconciler{Client: mgr.GetClient()}
	builder := ctrl.NewControllerManagedBy(mgr).Named("odd").For(&corev1.ConfigMap{})
	switch mode {
	case "setup fails":
		return fmt.Errorf("no such luck")
	case "setup panics":
		panic("no such luck")
	case "no controllers":
		return nil
	case "kind that nobody serves":
		stranger := &unstructured.Unstructured{}
		stranger.SetAPIVersion("example.com/v1")
		stranger.SetKind("Stranger")
		builder = builder.Owns(stranger)
	case "panic in a mapping":
		builder = builder.Watches(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(
			func(context.Context, client.Object) []reconcile.Request { panic("no map") }))
	case "loop in a mapping":
		builder = builder.Watches(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(
			func(context.Context, client.Object) []reconcile.Request {
				for {
				}
			}))
	case "delay of a handler":
		builder = builder.Watches(&corev1.Secret{}, handler.Funcs{
			CreateFunc: func(_ context.Context, e event.CreateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
				q.AddAfter(reconcile.Request{NamespacedName: types.NamespacedName{Namespace: e.Object.GetNamespace(), Name: "a"}}, time.Minute)
			},
		})
	case "wakes itself", "wakes another":
		r.wakes = make(chan event.GenericEvent)
		builder = builder.WatchesRawSource(source.Channel(r.wakes, &handler.EnqueueRequestForObject{}))
	case "mapping reads":
		builder = builder.Watches(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.allConfigMaps))
	}
	return builder.Complete(r)
}

func (r *reconciler) allConfigMaps(ctx context.Context, _ client.Object) []reconcile.Request {
	var list corev1.ConfigMapList
	if err := r.List(ctx, &list); err != nil {
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
	}
	return requests
}

var counter int

func (r *reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var found corev1.ConfigMap
	if err := r.Get(ctx, req.NamespacedName, &found); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	r.runs++
	switch mode {
	case "panic":
		var missing *corev1.ConfigMap
		return ctrl.Result{}, fmt.Errorf("%s", missing.Name)
	case "panic in a goroutine":
		go panic("nobody catches this")
		time.Sleep(time.Second)
	case "exit":
		os.Exit(7)
	case "error":
		ctrl.LoggerFrom(ctx).Info("trying", "colour", "red")
		return ctrl.Result{}, fmt.Errorf("not today")
	case "terminal error":
		return ctrl.Result{}, reconcile.TerminalError(fmt.Errorf("never"))
	case "deadlock":
		<-make(chan struct{})
	case "lock":
		var mu sync.Mutex
		mu.Lock()
		mu.Lock()
	case "loop":
		for {
		}
	case "print":
		fmt.Println("hello from the operator")
	case "sleep":
		start := time.Now()
		time.Sleep(3 * time.Hour)
		return ctrl.Result{RequeueAfter: time.Since(start)}, nil
	case "late call":
		go func() {
			time.Sleep(time.Second)
			_ = r.Delete(context.Background(), &found)
		}()
		time.Sleep(time.Millisecond)
		go func() { _ = r.Delete(context.Background(), &found) }()
	case "goroutine that stays":
		go func() {
			for {
				time.Sleep(time.Hour)
			}
		}()
	case "goroutine that ends":
		go time.Sleep(time.Millisecond)
		time.Sleep(time.Second)
	case "clock":
		return r.label(ctx, &found, time.Now().Year())
	case "memory in a field":
		return r.label(ctx, &found, r.runs)
	case "memory in a variable":
		counter++
		return r.label(ctx, &found, counter)
	case "password":
		password := make([]byte, 8)
		if _, err := rand.Read(password); err != nil {
			return ctrl.Result{}, err
		}
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: req.Namespace, Name: "password"},
			StringData: map[string]string{"password": hex.EncodeToString(password)}}
		return ctrl.Result{}, client.IgnoreAlreadyExists(r.Create(ctx, secret))
	case "order of a small map", "order of a large map":
		if len(found.Data) > 0 {
			return r.label(ctx, &found, 1)
		}
		size := map[string]int{"order of a small map": 8, "order of a large map": 100}[mode]
		numbers := map[int]bool{}
		for number := range size {
			numbers[number] = true
		}
		var order []string
		for number := range numbers {
			order = append(order, strconv.Itoa(number))
		}
		found.Data = map[string]string{"order": strings.Join(order, " ")}
		if err := r.Update(ctx, &found); err != nil {
			return ctrl.Result{}, err
		}
		return r.label(ctx, &found, 1)
	case "wakes itself":
		err := r.makeSecret(ctx, "first")
		if apierrors.IsAlreadyExists(err) {
			return ctrl.Result{}, client.IgnoreAlreadyExists(r.makeSecret(ctx, "second"))
		}
		r.wakes <- event.GenericEvent{Object: &found}
		return ctrl.Result{}, err
	case "wakes another":
		other := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: req.Namespace, Name: "other"}}
		r.wakes <- event.GenericEvent{Object: other}
	case "unindexed":
		var list corev1.ConfigMapList
		return ctrl.Result{}, r.List(ctx, &list, client.MatchingFields{"data.x": "y"})
	case "patch":
		old := found.DeepCopy()
		metav1.SetMetaDataLabel(&found.ObjectMeta, "seen", "yes")
		return ctrl.Result{}, r.Patch(ctx, &found, client.MergeFrom(old))
	}
	return ctrl.Result{}, nil
}

func (r *reconciler) makeSecret(ctx context.Context, name string) error {
	return r.Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}})
}

func (r *reconciler) label(ctx context.Context, found *corev1.ConfigMap, runs int) (ctrl.Result, error) {
	metav1.SetMetaDataLabel(&found.ObjectMeta, "runs", strconv.Itoa(runs))
	return ctrl.Result{}, r.Update(ctx, found)
}
