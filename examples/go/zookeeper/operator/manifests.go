package operator

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type fields = map[string]any

// manifestsOf has the objects that make an ensemble, as they should be; the StatefulSet is the last.
func manifestsOf(cluster *Object) []*Object {
	name := cluster.GetName()
	selector := fields{"app": name}
	tickTime := integer(cluster, "spec", "config", "tickTime")
	return []*Object{
		object(cluster, "v1", "ConfigMap", name+"-configmap", fields{
			"data": fields{"zoo.cfg": fmt.Sprintf("dataDir=/data\ntickTime=%d\n", tickTime)},
		}),
		// Gives each member a stable address; members that are not ready need theirs too, to find the quorum.
		object(cluster, "v1", "Service", name+"-headless", fields{"spec": fields{
			"clusterIP": "None", "publishNotReadyAddresses": true, "selector": selector,
			"ports": []any{port("tcp-client", 2181), port("tcp-quorum", 2888), port("tcp-leader-election", 3888)},
		}}),
		object(cluster, "v1", "Service", name+"-client", fields{"spec": fields{
			"type": "ClusterIP", "selector": selector, "ports": []any{port("tcp-client", 2181)},
		}}),
		object(cluster, "apps/v1", "StatefulSet", name, fields{"spec": statefulSetSpec(cluster)}),
	}
}

func statefulSetSpec(cluster *Object) fields {
	name := cluster.GetName()
	image, _, _ := unstructured.NestedString(cluster.Object, "spec", "image", "repository")
	tag, _, _ := unstructured.NestedString(cluster.Object, "spec", "image", "tag")
	storage, _, _ := unstructured.NestedString(cluster.Object, "spec", "persistence", "storage")
	return fields{
		"replicas":            integer(cluster, "spec", "replicas"),
		"serviceName":         name + "-headless",
		"selector":            fields{"matchLabels": fields{"app": name}},
		"podManagementPolicy": "OrderedReady",
		"updateStrategy":      fields{"type": "RollingUpdate"},
		"template": fields{
			"metadata": fields{"labels": labelsOf(cluster)},
			"spec": fields{
				"containers": []any{fields{
					"name": "zookeeper", "image": image + ":" + tag,
					"volumeMounts": []any{fields{"name": "data", "mountPath": "/data"}, fields{"name": "conf", "mountPath": "/conf"}},
				}},
				"volumes": []any{fields{"name": "conf", "configMap": fields{"name": name + "-configmap"}}},
			},
		},
		"volumeClaimTemplates": []any{fields{
			"metadata": fields{"name": "data", "labels": labelsOf(cluster)},
			"spec": fields{
				"accessModes": []any{"ReadWriteOnce"},
				"resources":   fields{"requests": fields{"storage": storage}},
			},
		}},
	}
}

func object(cluster *Object, apiVersion, kind, name string, content fields) *Object {
	content["apiVersion"], content["kind"] = apiVersion, kind
	content["metadata"] = fields{
		"name":      name,
		"namespace": cluster.GetNamespace(),
		"labels":    labelsOf(cluster),
		"ownerReferences": []any{fields{
			"apiVersion": cluster.GetAPIVersion(), "kind": cluster.GetKind(), "name": cluster.GetName(),
			"uid": string(cluster.GetUID()), "controller": true, "blockOwnerDeletion": true,
		}},
	}
	return &Object{Object: content}
}

func labelsOf(cluster *Object) fields {
	return fields{"app": cluster.GetName(), "app.kubernetes.io/managed-by": "zookeeper-operator"}
}

func port(name string, number int64) fields {
	return fields{"name": name, "port": number, "targetPort": number, "protocol": "TCP"}
}

// statusOf an ensemble, from that of its StatefulSet. A condition's time moves only when its status does.
func statusOf(cluster, statefulSet *Object) fields {
	wanted := integer(cluster, "spec", "replicas")
	replicas, ready := integer(statefulSet, "status", "replicas"), integer(statefulSet, "status", "readyReplicas")
	return fields{
		"observedGeneration": cluster.GetGeneration(),
		"replicas":           replicas,
		"readyReplicas":      ready,
		"conditions": []any{
			condition(cluster, "PodsReady", replicas == wanted && ready == wanted, "AllMembersReady", "MembersMissing"),
			condition(cluster, "Scaling", replicas != wanted, "SizeChanging", "SizeReached"),
		},
	}
}

func condition(cluster *Object, kind string, holds bool, reasons ...string) fields {
	status, reason := "False", reasons[1]
	if holds {
		status, reason = "True", reasons[0]
	}
	since := time.Now().UTC().Format(time.RFC3339)
	previous, _, _ := unstructured.NestedSlice(cluster.Object, "status", "conditions")
	for _, each := range previous {
		if before, ok := each.(fields); ok && before["type"] == kind && before["status"] == status {
			since, _ = before["lastTransitionTime"].(string)
		}
	}
	return fields{"type": kind, "status": status, "reason": reason, "lastTransitionTime": since}
}
