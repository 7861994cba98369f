// Package controller creates machines with generated names until there are as many as spec.replicas.
//
// From cluster-api #13649, k0smotron #1534, tekton #3656, kuberay #715: the machines are counted in a cache that may
// not have seen the one just made; a generated name never collides, so nothing stops the second.
package controller

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	v1 "kamera.dev/examples/duplicate-creation/api/v1"
)

// MachineSetReconciler reconciles machine sets.
type MachineSetReconciler struct {
	client.Client
	Scheme *runtime.Scheme
}

// Reconcile creates the machines that are missing.
func (r *MachineSetReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var set v1.MachineSet
	if err := r.Get(ctx, req.NamespacedName, &set); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	var machines v1.MachineList
	if err := r.List(ctx, &machines, client.InNamespace(req.Namespace), client.MatchingLabels{"set": req.Name}); err != nil {
		return ctrl.Result{}, err
	}
	replicas := len(machines.Items)
	for ; replicas < set.Spec.Replicas; replicas++ {
		machine := &v1.Machine{ObjectMeta: metav1.ObjectMeta{
			Namespace:    set.Namespace,
			GenerateName: set.Name + "-",
			Labels:       map[string]string{"set": set.Name},
		}}
		if err := ctrl.SetControllerReference(&set, machine, r.Scheme); err != nil {
			return ctrl.Result{}, err
		}
		if err := r.Create(ctx, machine); err != nil {
			return ctrl.Result{}, err
		}
	}
	set.Status.Replicas = replicas
	return ctrl.Result{}, r.Status().Update(ctx, &set)
}

// SetupWithManager adds the controller to a manager.
func (r *MachineSetReconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).For(&v1.MachineSet{}).Owns(&v1.Machine{}).Complete(r)
}
