import { z } from 'zod'
import { active, enterpriseProject, ids, owned } from '../answers.ts'
import type { L7PolicyRecord } from '../records.ts'
import { references, rulesOf } from '../relations.ts'
import type { Scope } from '../scope.ts'
import { l7PolicyCreation, l7PolicyFields } from './schema.ts'

export const l7PolicyAnswer = l7PolicyFields
  .extend({
    ...owned,
    listener_id: z.string(),
    action: l7PolicyCreation.shape.action,
    position: z.number().int(),
    provisioning_status: active,
    redirect_url: z.null(),
    rules: ids,
    enterprise_project_id: enterpriseProject,
  })
  .meta({ id: 'L7Policy' })

/** A forwarding policy as the API shows it. */
export function l7PolicyView(
  { project }: Scope,
  record: L7PolicyRecord,
): z.infer<typeof l7PolicyAnswer> {
  const { tags: _tags, ...fields } = record
  return {
    ...fields,
    provisioning_status: 'ACTIVE',
    redirect_url: null,
    rules: references(rulesOf(project, record)),
    enterprise_project_id: '0',
  }
}
