/**
 * In which order a listener looks at its policies. Octavia's have positions 1, 2, 3 …, but what rejects goes before what redirects, and that
 * before what forwards to a pool ("Layer 7 Load Balancing" of its guide). The ELB API has priorities, which say the order alone.
 */
import type { Project } from '../elb/project.ts'
import type { L7PolicyRecord } from '../elb/records.ts'
import { policiesOf } from '../elb/relations.ts'
import type { Change } from '../elb/scope.ts'

const ranks: Readonly<Record<L7PolicyRecord['action'], number>> = {
  FIXED_RESPONSE: 1,
  REDIRECT_TO_URL: 2,
  REDIRECT_TO_POOL: 3,
  // These have no priority.
  REDIRECT_TO_LISTENER: 0,
}

/**
 * Gives all policies of a listener their positions and priorities, if it has priorities.
 * @param moved the policy that goes to its wanted position; what stands there, and behind it, moves on
 */
export function arrange(
  { project }: Change,
  listenerId: string,
  moved?: { readonly id: string; readonly position: number },
): void {
  numbered(project, listenerId, moved)
    .sort((a, b) => ranks[a.action] - ranks[b.action] || a.position - b.position)
    .forEach((policy, index) => {
      project.l7Policies.put({ ...policy, priority: index + 1 })
    })
}

/** Closes the gap that a policy of the listener left. Who goes before whom stays, also where the ELB API said so. */
export function closeGap({ project }: Change, listenerId: string): void {
  for (const policy of numbered(project, listenerId)) project.l7Policies.put(policy)
}

/** The policies of a listener that have priorities, with positions 1, 2, 3 … */
function numbered(
  project: Project,
  listenerId: string,
  moved?: { readonly id: string; readonly position: number },
): L7PolicyRecord[] {
  if (!project.listeners.need(listenerId).enhance_l7policy_enable) return []
  const policies = policiesOf(project, { id: listenerId }).filter(({ action }) => ranks[action] > 0)
  const inOrder = policies
    .filter(({ id }) => id !== moved?.id)
    .sort((a, b) => a.position - b.position || a.priority - b.priority)
  const own = policies.find(({ id }) => id === moved?.id)
  if (own !== undefined && moved !== undefined) inOrder.splice(moved.position - 1, 0, own)
  return inOrder.map((policy, index) => ({ ...policy, position: index + 1 }))
}
