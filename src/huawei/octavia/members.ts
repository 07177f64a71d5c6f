import { z } from 'zod'
import { name, port, reference } from '../elb/fields.ts'
import { createMember, deleteMember, updateMember } from '../elb/members/members.ts'
import { memberCreation, memberUpdate } from '../elb/members/schema.ts'
import { member } from '../elb/nouns.ts'
import type { MemberRecord } from '../elb/records.ts'
import type { Change, ElbPorts, Scope } from '../elb/scope.ts'
import type { Input, Route } from '../wire/routes.ts'
import { noTags, orDefault, owner, shown, unsupported } from './fields.ts'
import { resourceRoutes } from './resource.ts'
import { memberStatus } from './statuses.ts'

const update = z.strictObject({
  name: name.nullish(),
  admin_state_up: z.boolean().nullish(),
  weight: memberUpdate.shape.weight.nullable(),
  backup: z.literal(false, 'There are no backup members: it can only be false').nullish(),
  monitor_address: unsupported,
  monitor_port: unsupported,
  tags: noTags,
})

const creation = update.extend({
  ...owner,
  address: memberCreation.shape.address,
  protocol_port: port,
  subnet_id: reference.nullish(),
})

type Creation = z.infer<typeof creation>
type Update = z.infer<typeof update>

export function memberRoutes(ports: ElbPorts): Route[] {
  return resourceRoutes(
    {
      ...member,
      creation,
      update,
      view,
      filterBy: [
        'address',
        'protocol_port',
        'subnet_id',
        'weight',
        'backup',
        'monitor_address',
        'monitor_port',
      ],
      create,
      change: (made, record, fields) => updateMember(made, record, asHuawei(fields)),
      remove: deleteMember,
    },
    ports,
  )
}

/** @throws HuaweiError as createMember does */
function create(
  made: Change,
  fields: Creation,
  params: Input<unknown>['params'],
): Promise<MemberRecord> {
  const { address, protocol_port, subnet_id } = fields
  const place = { address, protocol_port, subnet_cidr_id: subnet_id }
  return createMember(made, made.project.pools.need(params.pool_id ?? ''), {
    ...asHuawei(fields),
    ...place,
  })
}

function asHuawei({ name: sent, admin_state_up, weight }: Update) {
  return {
    name: orDefault(sent, ''),
    admin_state_up: orDefault(admin_state_up, true),
    weight: orDefault(weight, 1),
  }
}

function view(scope: Scope, record: MemberRecord) {
  return {
    ...shown(record),
    name: record.name,
    admin_state_up: record.admin_state_up,
    operating_status: memberStatus(scope, record),
    address: record.address,
    protocol_port: record.protocol_port,
    subnet_id: record.subnet_cidr_id,
    weight: record.weight,
    backup: false,
    monitor_address: null,
    monitor_port: null,
    tags: [],
  }
}
