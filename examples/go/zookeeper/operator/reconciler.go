// Package operator is the ZooKeeper operator of examples/zookeeper in Go: for each ZookeeperCluster a ConfigMap, a
// headless and a client Service and a StatefulSet. With reclaimPolicy Delete it also deletes the claims of members that
// have left, and, held by a finalizer, those of a deleted ensemble.
package operator

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const finalizer = "zookeeper.pravega.io/cleanup-claims"

// Object is any object: the operator has no Go types of its own.
type Object = unstructured.Unstructured

// Reconciler reconciles ZookeeperClusters.
type Reconciler struct {
	client.Client
	APIReader client.Reader
	// FormerMembers reads the StatefulSet that says which members have left: a cache is faulty, the API server right.
	FormerMembers client.Reader
}

// SetupWithManager adds the controller to a manager.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("zookeeper-operator").
		For(ofKind("zookeeper.pravega.io/v1beta1", "ZookeeperCluster")).
		Owns(ofKind("apps/v1", "StatefulSet")).
		Owns(ofKind("v1", "Service")).
		Owns(ofKind("v1", "ConfigMap")).
		Watches(ofKind("v1", "PersistentVolumeClaim"), handler.EnqueueRequestsFromMapFunc(ensembleOfClaim)).
		Complete(r)
}

func ofKind(apiVersion, kind string) *Object {
	return &Object{Object: map[string]any{"apiVersion": apiVersion, "kind": kind}}
}

// ensembleOfClaim: claims have no owner; the label says whose they are.
func ensembleOfClaim(_ context.Context, claim client.Object) []reconcile.Request {
	labels := claim.GetLabels()
	if labels["app"] == "" || labels["app.kubernetes.io/managed-by"] != "zookeeper-operator" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: claim.GetNamespace(), Name: labels["app"]}}}
}

// Reconcile brings an ensemble up, or takes it down.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	cluster := ofKind("zookeeper.pravega.io/v1beta1", "ZookeeperCluster")
	if err := r.Get(ctx, req.NamespacedName, cluster); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if cluster.GetDeletionTimestamp() != nil {
		return ctrl.Result{}, r.tearDown(ctx, cluster)
	}
	if deletesClaims(cluster) && !slices.Contains(cluster.GetFinalizers(), finalizer) {
		if err := r.writeFinalizers(ctx, cluster, append(cluster.GetFinalizers(), finalizer)); err != nil {
			return ctrl.Result{}, err
		}
	}
	return ctrl.Result{}, r.bringUp(ctx, cluster)
}

func (r *Reconciler) bringUp(ctx context.Context, cluster *Object) error {
	var statefulSet *Object
	for _, desired := range manifestsOf(cluster) {
		actual, err := r.ensure(ctx, desired)
		if err != nil {
			return err
		}
		statefulSet = actual
	}
	if deletesClaims(cluster) {
		if err := r.removeClaimsOfFormerMembers(ctx, cluster); err != nil {
			return err
		}
	}
	return r.writeStatus(ctx, cluster, statefulSet)
}

// ensure creates the object, or changes what differs from it; fields that others have set stay.
func (r *Reconciler) ensure(ctx context.Context, desired *Object) (*Object, error) {
	existing := ofKind(desired.GetAPIVersion(), desired.GetKind())
	err := r.Get(ctx, client.ObjectKeyFromObject(desired), existing)
	if apierrors.IsNotFound(err) {
		return desired, r.Create(ctx, desired)
	}
	if err != nil || includes(existing.Object, desired.Object) {
		return existing, err
	}
	patch, err := json.Marshal(desired.Object)
	if err != nil {
		return nil, err
	}
	return existing, r.Patch(ctx, existing, client.RawPatch(types.MergePatchType, patch))
}

// removeClaimsOfFormerMembers keeps a member that joins later from finding the data of an old one of its ordinal.
func (r *Reconciler) removeClaimsOfFormerMembers(ctx context.Context, cluster *Object) error {
	statefulSet := ofKind("apps/v1", "StatefulSet")
	if err := r.FormerMembers.Get(ctx, client.ObjectKeyFromObject(cluster), statefulSet); err != nil {
		return client.IgnoreNotFound(err)
	}
	replicas := integer(statefulSet, "spec", "replicas")
	// Every pod of a removed member is gone, not only on its way out.
	if integer(statefulSet, "status", "observedGeneration") != statefulSet.GetGeneration() ||
		integer(statefulSet, "status", "replicas") != replicas {
		return nil
	}
	return r.deleteClaims(ctx, cluster, r.Client, func(claim *Object) bool { return ordinalOf(claim) >= replicas })
}

func (r *Reconciler) deleteClaims(ctx context.Context, cluster *Object, reader client.Reader, which func(*Object) bool) error {
	claims := &unstructured.UnstructuredList{Object: map[string]any{"apiVersion": "v1", "kind": "PersistentVolumeClaimList"}}
	if err := reader.List(ctx, claims, client.InNamespace(cluster.GetNamespace()), client.MatchingLabels{"app": cluster.GetName()}); err != nil {
		return err
	}
	// The order of a cached list means nothing; that of the writes is to be the same every time.
	slices.SortFunc(claims.Items, func(a, b Object) int { return strings.Compare(a.GetName(), b.GetName()) })
	for i := range claims.Items {
		claim := &claims.Items[i]
		if claim.GetDeletionTimestamp() != nil || !which(claim) {
			continue
		}
		uid := claim.GetUID()
		if err := r.Delete(ctx, claim, client.Preconditions{UID: &uid}); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

// tearDown: the members go first, so that nothing uses or makes a claim any more; then the claims; then the ensemble.
func (r *Reconciler) tearDown(ctx context.Context, cluster *Object) error {
	if !slices.Contains(cluster.GetFinalizers(), finalizer) {
		return nil
	}
	statefulSet := ofKind("apps/v1", "StatefulSet")
	err := r.APIReader.Get(ctx, client.ObjectKeyFromObject(cluster), statefulSet)
	if err == nil {
		if statefulSet.GetDeletionTimestamp() != nil {
			return nil
		}
		return r.Delete(ctx, statefulSet, client.PropagationPolicy(metav1.DeletePropagationForeground))
	}
	if !apierrors.IsNotFound(err) {
		return err
	}
	if err := r.deleteClaims(ctx, cluster, r.APIReader, func(*Object) bool { return true }); err != nil {
		return err
	}
	left := slices.DeleteFunc(cluster.GetFinalizers(), func(name string) bool { return name == finalizer })
	return r.writeFinalizers(ctx, cluster, left)
}

func (r *Reconciler) writeFinalizers(ctx context.Context, cluster *Object, finalizers []string) error {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": cluster.GetResourceVersion(), "finalizers": finalizers},
	})
	if err != nil {
		return err
	}
	return r.Patch(ctx, cluster, client.RawPatch(types.MergePatchType, patch))
}

func (r *Reconciler) writeStatus(ctx context.Context, cluster, statefulSet *Object) error {
	status := statusOf(cluster, statefulSet)
	before, _, _ := unstructured.NestedMap(cluster.Object, "status")
	if includes(before, status) {
		return nil
	}
	cluster.Object["status"] = status
	return r.Status().Update(ctx, cluster)
}

func deletesClaims(cluster *Object) bool {
	policy, _, _ := unstructured.NestedString(cluster.Object, "spec", "persistence", "reclaimPolicy")
	return policy == "Delete"
}

// ordinalOf is that of the member that a claim belongs to.
func ordinalOf(claim *Object) int64 {
	name := claim.GetName()
	ordinal, _ := strconv.ParseInt(name[strings.LastIndex(name, "-")+1:], 10, 64)
	return ordinal
}

func integer(object *Object, fields ...string) int64 {
	value, _, _ := unstructured.NestedInt64(object.Object, fields...)
	return value
}

// includes says whether actual has everything that desired asks for; others may have added to it.
func includes(actual, desired any) bool {
	switch desired := desired.(type) {
	case map[string]any:
		fields, ok := actual.(map[string]any)
		for name, value := range desired {
			ok = ok && includes(fields[name], value)
		}
		return ok
	case []any:
		items, ok := actual.([]any)
		ok = ok && len(items) == len(desired)
		for i := 0; ok && i < len(desired); i++ {
			ok = includes(items[i], desired[i])
		}
		return ok
	}
	return equality.Semantic.DeepEqual(actual, desired)
}
