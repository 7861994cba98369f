// Package v1 has the kinds of the machine operator.
package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is that of all kinds here.
var GroupVersion = schema.GroupVersion{Group: "example.kamera.dev", Version: "v1"}

// AddToScheme registers the kinds.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &MachineSet{}, &MachineSetList{}, &Machine{}, &MachineList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}

// MachineSet keeps a number of machines.
type MachineSet struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              MachineSetSpec   `json:"spec,omitempty"`
	Status            MachineSetStatus `json:"status,omitempty"`
}

// MachineSetSpec says how many machines there are to be.
type MachineSetSpec struct {
	Replicas int `json:"replicas"`
}

// MachineSetStatus says how many machines were seen.
type MachineSetStatus struct {
	Replicas int `json:"replicas"`
}

// MachineSetList is a list of machine sets.
type MachineSetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []MachineSet `json:"items"`
}

// Machine is made by a machine set, with a generated name.
type Machine struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
}

// MachineList is a list of machines.
type MachineList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Machine `json:"items"`
}
