import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { Origin, Peer } from '../../../test/support/peer.ts'
import { Serving } from '../../../test/support/serving.ts'
import type { Pool } from '../../snapshot/snapshot.ts'
import { selectorFor } from './balancing.ts'
import { type Loaded, Rotation } from './selector.ts'

const targets = Array.from({ length: 10 }, (_, index) => ({
  outstanding: index,
  full: false,
  behind: false,
  weight: 1,
  place: `10.0.0.${index} 80`,
}))
const clients = Array.from({ length: 5000 }, (_, i) => `192.0.${i >> 8}.${i & 255}`)

const choices = (list: readonly Loaded[]): Map<string, Loaded | undefined> => {
  const selector = selectorFor('source-ip', list, new Rotation())
  return new Map(clients.map((client) => [client, selector.pick([], client)]))
}

test('a client always gets the same target, in whichever order they are listed', () => {
  const reversed = choices(targets.toReversed())
  for (const [client, choice] of choices(targets)) expect(reversed.get(client)).toBe(choice)
})

test('clients are spread evenly, whatever the load', () => {
  const counts = new Map<unknown, number>()
  for (const choice of choices(targets).values()) counts.set(choice, (counts.get(choice) ?? 0) + 1)
  for (const target of targets) {
    expect(counts.get(target)).toBeGreaterThan(400)
    expect(counts.get(target)).toBeLessThan(600)
  }
})

test('a target that goes moves its own clients only', () => {
  const [gone, ...others] = targets
  const after = choices(others)
  for (const [client, choice] of choices(targets)) {
    if (choice !== gone) expect(after.get(client)).toBe(choice)
  }
})

test('a client whose target cannot be connected to, is full or was tried gets another one', () => {
  const first = targets[0] as Loaded
  const client = clients.find((one) => choices(targets).get(one) === first) as string
  for (const change of [{ behind: true }, { full: true }]) {
    const list = [{ ...first, ...change }, ...targets.slice(1)]
    const pick = selectorFor('source-ip', list, new Rotation()).pick([], client)
    expect(list.indexOf(pick as (typeof list)[0])).toBeGreaterThan(0)
  }
  const selector = selectorFor('source-ip', targets, new Rotation())
  expect(selector.pick([first as (typeof targets)[0]], client)).not.toBe(first)
  expect(selector.pick(targets, client)).toBeUndefined()
  expect(
    selectorFor('source-ip', [{ ...first, behind: true }], new Rotation()).pick([], client),
  ).toMatchObject({ place: first.place })
})

test('clients are spread by the weights of targets, and few move when one changes', () => {
  const weighted = targets.slice(0, 3).map((target, index) => ({ ...target, weight: index + 1 }))
  const before = choices(weighted)
  const counts = weighted.map(
    (target) => [...before.values()].filter((one) => one === target).length,
  )
  for (const [index, count] of counts.entries()) {
    expect(count / clients.length).toBeCloseTo((index + 1) / 6, 1)
  }
  const [first, second, third] = weighted as [Loaded, Loaded, Loaded]
  const less = { ...third, weight: 2 }
  const after = choices([first, second, less])
  for (const [client, choice] of before) {
    if (choice !== third) expect(after.get(client)).toBe(choice)
  }
})

/** Resolves with what the target sent first. */
async function greeting(serving: Serving, localAddress: string): Promise<string> {
  const socket = connect({ host: serving.address, port: serving.port, localAddress })
  await using peer = new Peer(socket)
  return await peer.until(/./)
}

test('TCP connections of one address go to one target, also when another one is added', async () => {
  const origins = await Promise.all(
    ['a', 'b', 'c'].map((name) => Origin.start((peer) => peer.send(name))),
  )
  const pool: Partial<Pool> = { algorithm: 'source-ip' }
  await using serving = await Serving.start(origins.slice(0, 2), { protocol: 'tcp', pool })
  const addresses = Array.from({ length: 8 }, (_, index) => `127.7.7.${index + 1}`)
  const get = () => Promise.all(addresses.map((address) => greeting(serving, address)))
  const before = await get()
  expect(await get()).toEqual(before)
  await serving.apply(origins)
  const after = await get()
  expect(after.filter((one, index) => one !== before[index] && one !== 'c')).toEqual([])
  for (const origin of origins) await origin[Symbol.asyncDispose]()
})

test('with affinity, a client stays with its target while that takes traffic, by the weights', async () => {
  const origins = await Promise.all(
    ['a', 'b', 'c'].map((name) => Origin.start((peer) => peer.send(name))),
  )
  const pool = (...weights: number[]): Partial<Pool> => ({
    sourceAffinity: 60_000,
    targets: origins.map(({ host, port }, index) => {
      const weight = weights[index] ?? 0
      return { id: `t${index}`, host, port, zone: 'a', check: null, weight }
    }),
  })
  await using serving = await Serving.start(origins, { protocol: 'tcp', pool: pool(1, 1, 0) })
  const addresses = Array.from({ length: 12 }, (_, index) => `127.7.8.${index + 1}`)
  const get = () => Promise.all(addresses.map((address) => greeting(serving, address)))
  const before = await get()
  expect(await get()).toEqual(before)
  expect(new Set(before)).toEqual(new Set('ab'))
  await serving.apply(origins, {}, pool(0, 1, 0))
  expect(new Set(await get())).toEqual(new Set('b'))
  await serving.apply(origins, {}, pool(1, 1, 0))
  expect(await get()).toEqual(before)
  for (const origin of origins) await origin[Symbol.asyncDispose]()
})
