/**
 * The processes that the built-in controllers run in: what runs in one process shares its informer caches and
 * crashes together. As in a real cluster, the scheduler and kubelet side of pods is not in the controller manager.
 */

/** The controllers of kube-controller-manager that read from informer caches. */
export const controllerManagerProcess = 'kube-controller-manager'

/** The garbage collector and the namespace controller: they read live only, so their caches can hide nothing. */
export const garbageCollectionProcess = 'garbage-collection'

/** The scheduler and the kubelet of the one node. */
export const nodeProcess = 'node'

/** The provisioner of a CSI driver, which runs in a pod of its own. */
export const provisionerProcess = 'volume-provisioner'

/** All that runs at once: it has no caches of its own and never crashes. */
export const atOnceProcess = 'at-once'
