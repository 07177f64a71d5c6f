import { z } from 'zod'
import { type Route, route } from '../../wire/routes.ts'
import { resourceRoutes, root } from '../resource.ts'
import type { ElbPorts } from '../scope.ts'
import { securityPolicyCreation, securityPolicyUpdate } from './schema.ts'
import {
  createSecurityPolicy,
  deleteSecurityPolicy,
  updateSecurityPolicy,
} from './security-policies.ts'
import {
  securityPolicyAnswer,
  securityPolicyView,
  systemPolicies,
  systemPolicyAnswer,
} from './view.ts'

export function securityPolicyRoutes(ports: ElbPorts): Route[] {
  return [
    ...resourceRoutes(
      {
        title: 'SecurityPolicy',
        titles: 'SecurityPolicies',
        singular: 'security_policy',
        plural: 'security_policies',
        idName: 'security_policy_id',
        path: 'security-policies',
        table: ({ securityPolicies }) => securityPolicies,
        creation: securityPolicyCreation,
        update: securityPolicyUpdate,
        view: securityPolicyView,
        answer: securityPolicyAnswer,
        filterBy: ['id', 'name', 'description'],
        filters: { protocols: ({ protocols }) => protocols, ciphers: ({ ciphers }) => ciphers },
        create: createSecurityPolicy,
        change: updateSecurityPolicy,
        remove: deleteSecurityPolicy,
      },
      ports,
    ),
    route({
      method: 'GET',
      path: `${root}/system-security-policies`,
      name: 'ListSystemSecurityPolicies',
      status: 200,
      answer: z.strictObject({ system_security_policies: z.array(systemPolicyAnswer) }),
      run: async (_, { projectId }) => ({
        status: 200,
        body: { system_security_policies: systemPolicies(projectId) },
      }),
    }),
  ]
}
