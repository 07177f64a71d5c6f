/** "Batch Update Members": the members of a pool as they shall be. All of it happens, or nothing. */
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { deleteMember } from '../elb/members/members.ts'
import { wrapped } from '../elb/operations.ts'
import type { PoolRecord } from '../elb/records.ts'
import { membersOf } from '../elb/relations.ts'
import { type Change, change, type ElbPorts } from '../elb/scope.ts'
import { type Route, route } from '../wire/routes.ts'
import { flagOf } from './fields.ts'
import { type MemberPart, memberPart, members } from './members.ts'
import { createResource, roots, updateResource } from './resource.ts'

export function memberBatchRoutes(ports: ElbPorts): Route[] {
  return roots.map((root) =>
    route({
      method: 'PUT',
      path: `${root}/pools/{pool_id}/members`,
      name: 'OctaviaBatchUpdateMembers',
      status: 202,
      scoped: true,
      body: wrapped('members', z.array(memberPart)),
      query: ['additive_only'],
      run: ({ params, query, body }, call) =>
        change(call, ports, async (made) => {
          const pool = made.project.pools.need(params.pool_id ?? '')
          await putMembers(made, pool, body.members ?? [], flagOf(query, 'additive_only'))
          return { status: 202, body: null }
        }),
    }),
  )
}

/** Members are the same when their address and port are. @param additive the others stay */
async function putMembers(
  made: Change,
  pool: PoolRecord,
  wanted: readonly MemberPart[],
  additive: boolean,
): Promise<void> {
  const existing = new Map(membersOf(made.project, pool).map((each) => [place(each), each]))
  const kept = new Set(wanted.map(place))
  for (const [at, member] of additive ? [] : existing) {
    if (!kept.has(at)) deleteMember(made, member)
  }
  for (const fields of wanted) {
    const member = existing.get(place(fields))
    if (member === undefined) await createResource(members, made, fields, { pool_id: pool.id })
    else await updateResource(members, made, member, { ...unlessSent, ...fields })
  }
}

/** What is not said of a member that is there is as of a new one, but for its name and its tags. */
const unlessSent = { weight: null, admin_state_up: null }

function place({ address, protocol_port }: Pick<MemberPart, 'address' | 'protocol_port'>): string {
  return `${ipaddr.parse(address).toString()} ${protocol_port}`
}
