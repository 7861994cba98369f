package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	appsv1apply "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1apply "k8s.io/client-go/applyconfigurations/core/v1"
	metav1apply "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"
)

// typedClient takes a Deployment and a pod through the verbs of the typed clientset, in JSON and in protobuf.
func typedClient(ctx context.Context, config *rest.Config) error {
	for _, contentType := range []string{"application/json", "application/vnd.kubernetes.protobuf"} {
		typed := rest.CopyConfig(config)
		typed.ContentType = contentType
		typed.AcceptContentTypes = contentType + ",application/json"
		clients, err := kubernetes.NewForConfig(typed)
		if err != nil {
			return err
		}
		namespace := "typed-json"
		if contentType != "application/json" {
			namespace = "typed-protobuf"
		}
		if err := useTyped(ctx, clients, namespace); err != nil {
			return fmt.Errorf("%s: %w", contentType, err)
		}
	}
	return nil
}

func useTyped(ctx context.Context, clients kubernetes.Interface, namespace string) error {
	space := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if _, err := clients.CoreV1().Namespaces().Create(ctx, space, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("namespace: %w", err)
	}
	labels := map[string]string{"app": "web"}
	deployment := appsv1apply.Deployment("web", namespace).WithSpec(appsv1apply.DeploymentSpec().
		WithReplicas(2).
		WithSelector(metav1apply.LabelSelector().WithMatchLabels(labels)).
		WithTemplate(corev1apply.PodTemplateSpec().WithLabels(labels).WithSpec(corev1apply.PodSpec().
			WithContainers(corev1apply.Container().WithName("web").WithImage("nginx:1")))))
	deployments := clients.AppsV1().Deployments(namespace)
	applied, err := deployments.Apply(ctx, deployment, metav1.ApplyOptions{FieldManager: "first"})
	if err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	if *applied.Spec.RevisionHistoryLimit != 10 {
		return fmt.Errorf("apply: no default for revisionHistoryLimit")
	}
	other := appsv1apply.Deployment("web", namespace).WithSpec(appsv1apply.DeploymentSpec().WithReplicas(5))
	if _, err = deployments.Apply(ctx, other, metav1.ApplyOptions{FieldManager: "second"}); !apierrors.IsConflict(err) {
		return fmt.Errorf("second manager: expected a conflict, got %v", err)
	}
	scale, err := deployments.GetScale(ctx, "web", metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("get scale: %w", err)
	}
	scale.Spec.Replicas = 3
	if _, err = deployments.UpdateScale(ctx, "web", scale, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("update scale: %w", err)
	}
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		current, err := deployments.Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		current.Status.Replicas = 3
		_, err = deployments.UpdateStatus(ctx, current, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("update status: %w", err)
	}
	patch := []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:2"},{"name":"side","image":"x"}]}}}}`)
	patched, err := deployments.Patch(ctx, "web", types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		return fmt.Errorf("patch: %w", err)
	}
	if len(patched.Spec.Template.Spec.Containers) != 2 || *patched.Spec.Replicas != 3 || patched.Status.Replicas != 3 {
		return fmt.Errorf("patch: unexpected result %+v", patched.Spec)
	}
	return usePod(ctx, clients, namespace)
}

func usePod(ctx context.Context, clients kubernetes.Interface, namespace string) error {
	pods := clients.CoreV1().Pods(namespace)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "web-"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
	}
	made, err := pods.Create(ctx, pod, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create pod: %w", err)
	}
	binding := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: made.Name}, Target: corev1.ObjectReference{Kind: "Node", Name: "node"}}
	if err = pods.Bind(ctx, binding, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	listed, err := pods.List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=node"})
	if err != nil || len(listed.Items) != 1 {
		return fmt.Errorf("list by node: %d pods, %v", len(listed.Items), err)
	}
	zero := int64(0)
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: made.Name}, DeleteOptions: &metav1.DeleteOptions{GracePeriodSeconds: &zero}}
	if err = pods.EvictV1(ctx, eviction); err != nil {
		return fmt.Errorf("evict: %w", err)
	}
	if _, err = pods.Get(ctx, made.Name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		return fmt.Errorf("evicted pod: expected NotFound, got %v", err)
	}
	return nil
}
