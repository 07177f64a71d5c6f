import { z } from 'zod'
import { type Route, route } from '../../wire/routes.ts'
import { member } from '../nouns.ts'
import { wrapped } from '../operations.ts'
import { listingOf, resourceRoutes, root } from '../resource.ts'
import { change, type ElbPorts, inspect } from '../scope.ts'
import { createMember, deleteMember, needMember, updateMember } from './members.ts'
import {
  memberBatch,
  memberBatchDeletion,
  memberBatchUpdate,
  memberCreation,
  memberUpdate,
} from './schema.ts'
import { memberAnswer, memberView } from './view.ts'

const filterBy = [
  'id',
  'name',
  'weight',
  'admin_state_up',
  'subnet_cidr_id',
  'address',
  'protocol_port',
  'operating_status',
  'member_type',
  'instance_id',
  'ip_version',
] as const

export function memberRoutes(ports: ElbPorts): Route[] {
  const listing = listingOf({ ...member, answer: memberAnswer, filterBy })
  return [
    ...resourceRoutes(
      {
        ...member,
        creation: memberCreation,
        update: memberUpdate,
        view: memberView,
        answer: memberAnswer,
        filterBy,
        create: (made, fields, { pool_id = '' }) =>
          createMember(made, made.project.pools.need(pool_id), fields),
        change: updateMember,
        remove: deleteMember,
      },
      ports,
    ),
    route({
      method: 'GET',
      path: `${root}/members`,
      name: 'ListAllMembers',
      status: 200,
      query: listing.parameters,
      answer: listing.answer,
      run: ({ query }, call) =>
        inspect(call, ports, (scope) => {
          const views = scope.project.members.all().map((record) => memberView(scope, record))
          return { status: 200, body: listing.page(views, scope, query) }
        }),
    }),
    ...batchRoutes(ports),
  ]
}

const ret_status = 'successful'
const done = z.literal(ret_status)
const batchAnswer = z.strictObject({ members: z.array(memberAnswer.extend({ ret_status: done })) })
const batchDeletionAnswer = z.strictObject({
  members: z.array(z.strictObject({ id: z.string(), ret_status: done })),
})

/** All of a batch happens, or nothing. */
function batchRoutes(ports: ElbPorts): Route[] {
  const path = `${root}/pools/{pool_id}/members`
  return [
    route({
      method: 'POST',
      path: `${path}/batch-add`,
      name: 'BatchCreateMembers',
      status: 201,
      body: wrapped('members', memberBatch),
      answer: batchAnswer,
      run: ({ params, body }, call) =>
        change(call, ports, async (made) => {
          const views: object[] = []
          for (const fields of body.members ?? []) {
            const pool = made.project.pools.need(params.pool_id ?? '')
            const record = await createMember(made, pool, fields)
            views.push({ ...memberView(made, record), ret_status })
          }
          return { status: 201, body: { members: views } }
        }),
    }),
    route({
      method: 'POST',
      path: `${path}/batch-update`,
      name: 'BatchUpdateMembers',
      status: 200,
      body: wrapped('members', memberBatchUpdate),
      answer: batchAnswer,
      run: ({ params, body }, call) =>
        change(call, ports, (made) => {
          const pool = made.project.pools.need(params.pool_id ?? '')
          const changes = (body.members ?? []).map(({ id, ...fields }) => {
            const record = updateMember(made, needMember(made, pool, { id }), fields)
            return { ...memberView(made, record), ret_status }
          })
          return { status: 200, body: { members: changes } }
        }),
    }),
    route({
      method: 'POST',
      path: `${path}/batch-delete`,
      name: 'BatchDeleteMembers',
      status: 200,
      body: wrapped('members', memberBatchDeletion),
      answer: batchDeletionAnswer,
      run: ({ params, body }, call) =>
        change(call, ports, (made) => {
          const pool = made.project.pools.need(params.pool_id ?? '')
          const gone = (body.members ?? []).map((wanted) => {
            const record = needMember(made, pool, wanted)
            deleteMember(made, record)
            return { id: record.id, ret_status }
          })
          return { status: 200, body: { members: gone } }
        }),
    }),
  ]
}
