import type { z } from 'zod'
import { enterpriseProject, ids, owned } from '../answers.ts'
import type { IpGroupRecord } from '../records.ts'
import { references } from '../relations.ts'
import type { Scope } from '../scope.ts'
import { ipGroupUsers } from './ip-groups.ts'
import { ipGroupFields } from './schema.ts'

export const ipGroupAnswer = ipGroupFields
  .extend({ ...owned, listeners: ids, enterprise_project_id: enterpriseProject })
  .meta({ id: 'IpGroup' })

/** An IP address group as the API shows it. */
export function ipGroupView(
  { project }: Scope,
  record: IpGroupRecord,
): z.infer<typeof ipGroupAnswer> {
  return {
    ...record,
    listeners: references(ipGroupUsers(project, record)),
    enterprise_project_id: '0',
  }
}
