/**
 * Names that deletion and the table of served kinds share about CustomResourceDefinitions.
 */

/** `ResourceInfo.key` of CustomResourceDefinitions. */
export const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions'

/** The finalizer of a CustomResourceDefinition whose objects are not all gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io'
