/** The finalizer of a CustomResourceDefinition whose objects are not all gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io'
