/**
 * Groups, versions and kinds in their string forms.
 * Source: apimachinery/pkg/runtime/schema (ParseGroupVersion).
 */

export interface GroupVersion {
  /** '' for the core group. */
  readonly group: string
  readonly version: string
}

/** Splits an `apiVersion`. More than one slash makes it undefined. */
export function parseApiVersion(apiVersion: string): GroupVersion | undefined {
  const slash = apiVersion.indexOf('/')
  if (slash < 0) return { group: '', version: apiVersion }
  if (apiVersion.indexOf('/', slash + 1) >= 0) return undefined
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** The group of an `apiVersion`; '' for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
