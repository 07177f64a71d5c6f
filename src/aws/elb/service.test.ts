import * as client from '@aws-sdk/client-elastic-load-balancing'
import { expect, test } from 'vitest'
import { createElbService } from './service.ts'

test('every operation of the model is there', async () => {
  const service = createElbService({
    health: { connected: 1, health: () => undefined, finished: () => false },
    quotas: {
      loadBalancers: 20,
      listeners: 100,
      securityGroups: 5,
      instances: 1000,
      subnetsPerZone: 1,
      tags: 50,
    },
    dnsSuffix: 'amazonaws.com',
    buckets: { put: async () => {}, write: async () => {} },
  })
  const { operations } = await service.load()
  const modeled = Object.keys(client)
    .filter((name) => name.endsWith('Command') && name !== '$Command')
    .map((name) => name.slice(0, -'Command'.length))
  expect(modeled).toHaveLength(29)
  expect(Object.keys(operations).sort()).toEqual(modeled.sort())
})
