/** The name of a pod template's revision: `<statefulset>-<hash>`, as upstream's ControllerRevisions are named. */
import type { PodTemplate } from '../kinds.ts'
import { templateHash } from '../template-hash.ts'

export function revisionName(statefulSetName: string, template: PodTemplate): string {
  return `${statefulSetName}-${templateHash(template)}`
}
