import { type Route, route } from '../../wire/routes.ts'
import { switchedOn } from '../fields.ts'
import { createL7Rule, deleteL7Rule, updateL7Rule } from '../l7-rules/l7-rules.ts'
import { l7RuleCreation, l7RuleUpdate } from '../l7-rules/schema.ts'
import { l7RuleAnswer, l7RuleView } from '../l7-rules/view.ts'
import { l7Policy, l7Rule } from '../nouns.ts'
import { wrapped } from '../operations.ts'
import { resourceRoutes, root } from '../resource.ts'
import { change, type ElbPorts } from '../scope.ts'
import { createL7Policy, deleteL7Policy, updateL7Policy, updatePriorities } from './l7-policies.ts'
import { l7PolicyCreation, l7PolicyUpdate, priorities } from './schema.ts'
import { l7PolicyAnswer, l7PolicyView } from './view.ts'

export function l7PolicyRoutes(ports: ElbPorts): Route[] {
  return [
    ...resourceRoutes(
      {
        ...l7Policy,
        creation: switchedOn(l7PolicyCreation),
        update: switchedOn(l7PolicyUpdate),
        view: l7PolicyView,
        answer: l7PolicyAnswer,
        filterBy: [
          'id',
          'name',
          'description',
          'admin_state_up',
          'listener_id',
          'position',
          'action',
          'priority',
          'provisioning_status',
          'redirect_listener_id',
          'redirect_pool_id',
        ],
        create: createL7Policy,
        change: updateL7Policy,
        remove: deleteL7Policy,
      },
      ports,
    ),
    ...l7RuleRoutes(ports),
    route({
      method: 'POST',
      path: `${root}/l7policies/batch-update-priority`,
      name: 'BatchUpdatePoliciesPriority',
      status: 202,
      body: wrapped('l7policies', priorities),
      run: ({ body }, call) =>
        change(call, ports, (made) => {
          updatePriorities(made, body.l7policies ?? [])
          return { status: 202, body: null }
        }),
    }),
  ]
}

function l7RuleRoutes(ports: ElbPorts): Route[] {
  return resourceRoutes(
    {
      ...l7Rule,
      creation: switchedOn(l7RuleCreation),
      update: switchedOn(l7RuleUpdate),
      view: l7RuleView,
      answer: l7RuleAnswer,
      filterBy: [
        'id',
        'compare_type',
        'provisioning_status',
        'invert',
        'admin_state_up',
        'value',
        'key',
        'type',
      ],
      create: (made, fields, { l7policy_id = '' }) =>
        createL7Rule(made, made.project.l7Policies.need(l7policy_id), fields),
      change: updateL7Rule,
      remove: deleteL7Rule,
    },
    ports,
  )
}
