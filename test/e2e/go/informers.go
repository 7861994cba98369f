package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	clientinformers "k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// informers keeps a cache of ConfigMaps up to date, through a compaction too.
func informers(ctx context.Context, config *rest.Config) error {
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	configMaps := clients.CoreV1().ConfigMaps("default")
	make := func(name, value string) error {
		object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"set": "informers"}}, Data: map[string]string{"v": value}}
		_, err := configMaps.Create(ctx, object, metav1.CreateOptions{})
		return err
	}
	if err = make("before", "1"); err != nil {
		return err
	}
	factory := clientinformers.NewSharedInformerFactoryWithOptions(clients, 0, clientinformers.WithTweakListOptions(func(options *metav1.ListOptions) {
		options.LabelSelector = "set=informers"
	}))
	informer := factory.Core().V1().ConfigMaps()
	var added, updated, deleted atomic.Int64
	_, err = informer.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { added.Add(1) },
		UpdateFunc: func(_, _ any) { updated.Add(1) },
		DeleteFunc: func(any) { deleted.Add(1) },
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("the cache of %v did not sync", kind)
		}
	}
	const count = 100
	for n := 0; n < count; n++ {
		if err = make(fmt.Sprintf("later-%d", n), "1"); err != nil {
			return err
		}
	}
	object, err := configMaps.Get(ctx, "before", metav1.GetOptions{})
	if err != nil {
		return err
	}
	// It stops matching the selector: the cache sees a deletion.
	object.Labels = nil
	if _, err = configMaps.Update(ctx, object, metav1.UpdateOptions{}); err != nil {
		return err
	}
	err = eventually(ctx, "events of all changes", func() (bool, error) {
		return added.Load() == count+1 && updated.Load() == 0 && deleted.Load() == 1, nil
	})
	if err != nil {
		return fmt.Errorf("%w: %d added, %d updated, %d deleted", err, added.Load(), updated.Load(), deleted.Load())
	}
	if err = clients.CoreV1().RESTClient().Post().AbsPath("/kamera.dev/compact").Do(ctx).Error(); err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	if err = configMaps.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "set=informers"}); err != nil {
		return err
	}
	return eventually(ctx, "an empty cache", func() (bool, error) {
		cached, err := informer.Lister().List(labels.Everything())
		return len(cached) == 0, err
	})
}

// leaderElection lets a second candidate lead when the first gives its lease back.
func leaderElection(ctx context.Context, config *rest.Config) error {
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	var leader atomic.Value
	leader.Store("")
	candidate := func(name string) (context.CancelFunc, chan struct{}) {
		own, cancel := context.WithCancel(ctx)
		ended := make(chan struct{})
		lock := &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: "default"},
			Client:     clients.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: name},
		}
		go func() {
			defer close(ended)
			leaderelection.RunOrDie(own, leaderelection.LeaderElectionConfig{
				Lock: lock, ReleaseOnCancel: true,
				LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: 200 * time.Millisecond,
				Callbacks: leaderelection.LeaderCallbacks{
					OnStartedLeading: func(context.Context) { leader.Store(name) },
					OnStoppedLeading: func() {},
				},
			})
		}()
		return cancel, ended
	}
	stopFirst, firstEnded := candidate("first")
	defer stopFirst()
	leads := func(name string) func() (bool, error) {
		return func() (bool, error) { return leader.Load() == name, nil }
	}
	if err = eventually(ctx, "a leader", leads("first")); err != nil {
		return err
	}
	stopSecond, secondEnded := candidate("second")
	defer stopSecond()
	stopFirst()
	<-firstEnded
	if err = eventually(ctx, "the second leader", leads("second")); err != nil {
		return err
	}
	stopSecond()
	<-secondEnded
	return nil
}
