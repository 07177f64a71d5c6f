import { type Route, route } from '../../wire/routes.ts'
import type { SecurityPolicyRecord } from '../records.ts'
import { resourceRoutes, root } from '../resource.ts'
import type { ElbPorts, Scope } from '../scope.ts'
import { securityPolicyCreation, securityPolicyUpdate } from './schema.ts'
import {
  createSecurityPolicy,
  deleteSecurityPolicy,
  securityPolicyUsers,
  systemPolicies,
  updateSecurityPolicy,
} from './security-policies.ts'

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
      run: async (_, { projectId }) => ({
        status: 200,
        body: { system_security_policies: systemPolicies(projectId) },
      }),
    }),
  ]
}

function securityPolicyView({ project }: Scope, record: SecurityPolicyRecord) {
  return {
    ...record,
    listeners: securityPolicyUsers(project, record).map(({ id }) => ({ id })),
    enterprise_project_id: '0',
  }
}
