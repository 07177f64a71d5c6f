import { z } from 'zod'
import { type Route, route } from '../../wire/routes.ts'
import { wrapped } from '../operations.ts'
import type { IpGroupRecord } from '../records.ts'
import { resourceRoutes, root } from '../resource.ts'
import { type Change, change, type ElbPorts } from '../scope.ts'
import {
  createIpGroup,
  deleteAddresses,
  deleteIpGroup,
  putAddresses,
  updateIpGroup,
} from './ip-groups.ts'
import { ipGroupCreation, ipGroupUpdate, ipListChange, ipListDeletion } from './schema.ts'
import { ipGroupAnswer, ipGroupView } from './view.ts'

export function ipGroupRoutes(ports: ElbPorts): Route[] {
  return [
    ...resourceRoutes(
      {
        title: 'IpGroup',
        singular: 'ipgroup',
        plural: 'ipgroups',
        idName: 'ipgroup_id',
        path: 'ipgroups',
        table: ({ ipGroups }) => ipGroups,
        creation: ipGroupCreation,
        update: ipGroupUpdate,
        view: ipGroupView,
        answer: ipGroupAnswer,
        filterBy: ['id', 'name', 'description'],
        filters: { ip_list: ({ ip_list }) => ip_list.map(({ ip }) => ip) },
        create: createIpGroup,
        change: updateIpGroup,
        remove: deleteIpGroup,
      },
      ports,
    ),
    listRoute(ports, 'create-or-update', 'UpdateIpList', ipListChange, putAddresses),
    listRoute(ports, 'batch-delete', 'BatchDeleteIpList', ipListDeletion, deleteAddresses),
  ]
}

/** A change of a part of the list. */
function listRoute<Entry>(
  ports: ElbPorts,
  verb: string,
  name: string,
  schema: typeof ipListChange | typeof ipListDeletion,
  edit: (made: Change, record: IpGroupRecord, entries: readonly Entry[]) => IpGroupRecord,
): Route {
  return route({
    method: 'POST',
    path: `${root}/ipgroups/{ipgroup_id}/iplist/${verb}`,
    name,
    status: 200,
    body: wrapped('ipgroup', schema),
    answer: z.strictObject({ ipgroup: ipGroupAnswer }),
    run: ({ params, body }, call) =>
      change(call, ports, (made) => {
        const record = made.project.ipGroups.need(params.ipgroup_id ?? '')
        const edited = edit(made, record, (body.ipgroup?.ip_list ?? []) as Entry[])
        return { status: 200, body: { ipgroup: ipGroupView(made, edited) } }
      }),
  })
}
