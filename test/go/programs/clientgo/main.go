// Command clientgo is a controller of plain client-go whose work queue has keys. What it does with a ConfigMap, the
// environment says.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"

	"kamera.dev/kamera"
)

var mode = os.Getenv("MODE")

type controller struct {
	clients    kubernetes.Interface
	configMaps corelisters.ConfigMapLister
	byColour   cache.Indexer
	queue      workqueue.TypedRateLimitingInterface[string]
}

func main() { kamera.MainClientGo(setup) }

func setup(p *kamera.Process) error {
	clients := kubernetes.NewForConfigOrDie(p.Config())
	factory := informers.NewSharedInformerFactory(clients, 0)
	if mode != "informer that is not handed over" {
		kamera.TakeInformers(p, factory.InformerFor, &corev1.ConfigMap{})
	}
	informer := factory.Core().V1().ConfigMaps()
	err := informer.Informer().AddIndexers(cache.Indexers{"colour": func(object any) ([]string, error) {
		return []string{object.(*corev1.ConfigMap).Labels["colour"]}, nil
	}})
	if err != nil {
		return err
	}
	c := &controller{clients, informer.Lister(), informer.Informer().GetIndexer(),
		workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())}
	enqueue := func(object any) {
		key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object)
		if err != nil {
			utilruntime.HandleError(err)
			return
		}
		c.queue.AddRateLimited(key)
	}
	if _, err := informer.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: enqueue, UpdateFunc: func(_, now any) { enqueue(now) }, DeleteFunc: enqueue,
	}); err != nil {
		return err
	}
	return kamera.AddController(p, kamera.Controller[string]{Name: "keys", Queue: &c.queue, Run: func(ctx context.Context) error {
		factory.Start(ctx.Done())
		if !cache.WaitForCacheSync(ctx.Done(), informer.Informer().HasSynced) {
			return fmt.Errorf("no sync")
		}
		go c.work(ctx)
		return nil
	}})
}

func (c *controller) work(ctx context.Context) {
	for {
		key, shutdown := c.queue.Get()
		if shutdown {
			return
		}
		after, err := c.sync(ctx, key)
		switch {
		case err != nil && mode == "gives up":
			utilruntime.HandleError(err)
			c.queue.Forget(key)
		case err != nil:
			utilruntime.HandleError(err)
			c.queue.AddRateLimited(key)
		case after > 0:
			c.queue.AddAfter(key, after)
		}
		c.queue.Done(key)
	}
}

func (c *controller) sync(ctx context.Context, key string) (time.Duration, error) {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return 0, err
	}
	found, err := c.configMaps.ConfigMaps(namespace).Get(name)
	if err != nil {
		return 0, nil
	}
	all, err := c.configMaps.List(labels.Everything())
	if err != nil {
		return 0, err
	}
	inNamespace, err := c.configMaps.ConfigMaps(namespace).List(labels.SelectorFromSet(labels.Set{"colour": "red"}))
	if err != nil {
		return 0, err
	}
	red, err := c.byColour.ByIndex("colour", "red")
	if err != nil {
		return 0, err
	}
	switch mode {
	case "error", "gives up":
		return 0, fmt.Errorf("not today, %s", key)
	case "panic":
		panic("no such luck")
	case "asks for another":
		c.queue.AddAfter("default/another", time.Minute)
	case "asks for itself":
		if err := c.note(ctx, found, "first"); err != nil {
			return 0, err
		}
		if _, err := c.clients.CoreV1().Secrets(namespace).Create(ctx, secretOf(found, "asked"), metav1.CreateOptions{}); err == nil {
			c.queue.Add(key)
			return 0, nil
		}
		return 0, c.note(ctx, found, "second")
	case "after":
		return time.Minute, c.note(ctx, found, "after")
	}
	return 0, c.note(ctx, found, fmt.Sprintf("%d-%d-%d", len(all), len(inNamespace), len(red)))
}

func secretOf(found *corev1.ConfigMap, what string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: found.Namespace, Name: found.Name + "-" + what}}
}

func (c *controller) note(ctx context.Context, found *corev1.ConfigMap, what string) error {
	_, err := c.clients.CoreV1().Secrets(found.Namespace).Create(ctx, secretOf(found, what), metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}
