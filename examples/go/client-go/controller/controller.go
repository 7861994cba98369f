// Package controller is written as kubernetes/sample-controller is, with client-go alone: shared informers, listers and
// a work queue. It keeps a Deployment for every ConfigMap labelled `deploy`, with the image and replicas that it says.
package controller

import (
	"context"
	"fmt"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	appsinformers "k8s.io/client-go/informers/apps/v1"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/kubernetes"
	appslisters "k8s.io/client-go/listers/apps/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// Controller keeps Deployments for ConfigMaps.
type Controller struct {
	clients     kubernetes.Interface
	configMaps  corelisters.ConfigMapLister
	deployments appslisters.DeploymentLister
	synced      []cache.InformerSynced
	// Queue has the names of ConfigMaps.
	Queue workqueue.TypedRateLimitingInterface[cache.ObjectName]
}

// New registers the controller's event handlers.
func New(clients kubernetes.Interface, configMaps coreinformers.ConfigMapInformer, deployments appsinformers.DeploymentInformer) (*Controller, error) {
	c := &Controller{
		clients:     clients,
		configMaps:  configMaps.Lister(),
		deployments: deployments.Lister(),
		synced:      []cache.InformerSynced{configMaps.Informer().HasSynced, deployments.Informer().HasSynced},
		Queue: workqueue.NewTypedRateLimitingQueue(workqueue.NewTypedMaxOfRateLimiter(
			workqueue.NewTypedItemExponentialFailureRateLimiter[cache.ObjectName](5*time.Millisecond, 1000*time.Second),
		)),
	}
	if _, err := configMaps.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    c.enqueue,
		UpdateFunc: func(_, now any) { c.enqueue(now) },
	}); err != nil {
		return nil, err
	}
	_, err := deployments.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: c.enqueueOwner,
		UpdateFunc: func(old, now any) {
			if old.(*appsv1.Deployment).ResourceVersion != now.(*appsv1.Deployment).ResourceVersion {
				c.enqueueOwner(now)
			}
		},
		DeleteFunc: c.enqueueOwner,
	})
	return c, err
}

func (c *Controller) enqueue(object any) {
	configMap := object.(*corev1.ConfigMap)
	if _, ok := configMap.Labels["deploy"]; ok {
		c.Queue.Add(cache.MetaObjectToName(configMap))
	}
}

func (c *Controller) enqueueOwner(object any) {
	if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = unknown.Obj
	}
	deployment, ok := object.(*appsv1.Deployment)
	if !ok {
		return
	}
	owner := metav1.GetControllerOf(deployment)
	if owner == nil || owner.Kind != "ConfigMap" {
		return
	}
	if configMap, err := c.configMaps.ConfigMaps(deployment.Namespace).Get(owner.Name); err == nil {
		c.enqueue(configMap)
	}
}

// Run works until the context ends.
func (c *Controller) Run(ctx context.Context, workers int) error {
	defer utilruntime.HandleCrashWithContext(ctx)
	defer c.Queue.ShutDown()
	if !cache.WaitForCacheSync(ctx.Done(), c.synced...) {
		return fmt.Errorf("the caches did not sync")
	}
	for range workers {
		go wait.UntilWithContext(ctx, c.work, time.Second)
	}
	<-ctx.Done()
	return nil
}

func (c *Controller) work(ctx context.Context) {
	for c.next(ctx) {
	}
}

func (c *Controller) next(ctx context.Context) bool {
	name, shutdown := c.Queue.Get()
	if shutdown {
		return false
	}
	defer c.Queue.Done(name)
	if err := c.sync(ctx, name); err != nil {
		utilruntime.HandleErrorWithContext(ctx, err, "cannot sync, trying again", "configMap", name)
		c.Queue.AddRateLimited(name)
		return true
	}
	c.Queue.Forget(name)
	return true
}

func (c *Controller) sync(ctx context.Context, name cache.ObjectName) error {
	configMap, err := c.configMaps.ConfigMaps(name.Namespace).Get(name.Name)
	if errors.IsNotFound(err) {
		return nil // Its Deployment is garbage.
	}
	if err != nil {
		return err
	}
	wanted, err := deploymentOf(configMap)
	if err != nil {
		return nil // Whoever corrects the ConfigMap wakes us.
	}
	found, err := c.deployments.Deployments(name.Namespace).Get(wanted.Name)
	if errors.IsNotFound(err) {
		_, err = c.clients.AppsV1().Deployments(name.Namespace).Create(ctx, wanted, metav1.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	if !metav1.IsControlledBy(found, configMap) {
		return fmt.Errorf("deployment %s is not ours", found.Name)
	}
	if *found.Spec.Replicas == *wanted.Spec.Replicas {
		return nil
	}
	changed := found.DeepCopy()
	changed.Spec.Replicas = wanted.Spec.Replicas
	_, err = c.clients.AppsV1().Deployments(name.Namespace).Update(ctx, changed, metav1.UpdateOptions{})
	return err
}

func deploymentOf(configMap *corev1.ConfigMap) (*appsv1.Deployment, error) {
	count, err := strconv.ParseInt(configMap.Data["replicas"], 10, 32)
	if err != nil {
		return nil, err
	}
	replicas := int32(count)
	labels := map[string]string{"app": configMap.Name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       configMap.Namespace,
			Name:            configMap.Name,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(configMap, corev1.SchemeGroupVersion.WithKind("ConfigMap"))},
		},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: configMap.Data["image"]}}},
			},
		},
	}, nil
}
