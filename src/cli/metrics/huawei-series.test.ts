import { readFile } from 'node:fs/promises'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { nothingCounted } from '../../../test/support/counters.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import type { HttpListener, Snapshot } from '../../snapshot/snapshot.ts'
import type { ListenerCounters } from '../../snapshot/status.ts'
import { layer7Rates, layer7Ratios, levels, rates } from './huawei-metrics.ts'
import { addHuawei, huaweiPart } from './huawei-series.ts'
import { type Counted, LastMinute } from './last-minute.ts'

const loadBalancer = 'huawei/0123/balancer'
const http = { id: `${loadBalancer}/web`, protocol: 'http' } as HttpListener
const tcp = { id: `${loadBalancer}/db`, protocol: 'tcp' } as const
const node = { id: loadBalancer, loadBalancer, zone: 'a', addresses: [], listeners: [http, tcp] }
const snapshot = { nodes: [node], pools: [] } as unknown as Snapshot

const web = (counted: Partial<ListenerCounters>): ListenerCounters => ({
  ...nothingCounted,
  loadBalancer,
  listener: http.id,
  ...counted,
})

/** Two proxies, and what is told of what they count. */
function start() {
  const clock = new ManualClock()
  const counted = new Map<string, readonly ListenerCounters[]>()
  const lastMinute = new LastMinute(clock, (): Counted => huaweiPart(counted))
  onTestFinished(() => lastMinute[Symbol.dispose]())
  const told = async () => {
    const registry = new Registry()
    const counters = [...counted.values()].flat()
    const health = new Map()
    const losses = { listenerFailures: 0, lostLogEntries: 0, lostFigures: 0 }
    addHuawei(registry, { counters, snapshot, health, ...losses }, lastMinute.spans())
    const lines = (await registry.metrics()).split('\n').filter((line) => /^[^#]/.test(line))
    return Object.fromEntries(
      lines.map((line) => {
        const [, name, labels = '', value] =
          /^huaweicloud_sys_elb_(\w+)\{(.*)\} (.+)$/.exec(line) ?? []
        return [labels.includes('listener') ? `${name} of the listener` : name, Number(value)]
      }),
    )
  }
  return { clock, counted, told }
}

test('rates are of the last minute, of the load balancer and of each listener', async () => {
  const { clock, counted, told } = start()
  counted.set('one', [web({ requests: 1_000_000, target2xx: 1_000_000 })])
  clock.advance(5000)
  expect(await told()).not.toHaveProperty('mb_l7_qps')
  const later = { requests: 1_000_600, target2xx: 1_000_000, engine2xx: 300, answers404: 60 }
  counted.set('one', [web(later)])
  clock.advance(60_000)
  const rates = { mb_l7_qps: 10, mc_l7_http_2xx: 5, m11_l7_http_404: 1, m13_l7_http_502: 0 }
  expect(await told()).toMatchObject({ ...rates, 'mb_l7_qps of the listener': 10 })
  clock.advance(65_000)
  expect(await told()).toMatchObject({ mb_l7_qps: 0 })
})

test('what a proxy counted before it was linked is of no minute, and what begins at zero again is no loss', async () => {
  const { clock, counted, told } = start()
  counted.set('one', [web({ requests: 600, openConnections: 2 })])
  clock.advance(5000)
  counted.set('two', [])
  clock.advance(10_000)
  counted.set('two', [web({ requests: 1_000_000, openConnections: 3 })])
  expect(await told()).toMatchObject({ mb_l7_qps: 0, m1_cps: 5 })
  clock.advance(5000)
  expect(await told()).toMatchObject({ mb_l7_qps: 0 })
  counted.set('one', [web({ requests: 6 })])
  clock.advance(5000)
  expect(await told()).toMatchObject({ mb_l7_qps: 0 })
})

test('times are averages in milliseconds, and there are none without requests', async () => {
  const { clock, counted, told } = start()
  const latencies = { count: 4, sum: 1, atMost: [] }
  counted.set('one', [web({ answered: 10, answeredSeconds: 10, latencies })])
  clock.advance(5000)
  clock.advance(1000)
  expect(await told()).not.toHaveProperty('m14_l7_rt')
  const more = { count: 8, sum: 1.5, atMost: [] }
  counted.set('one', [web({ answered: 20, answeredSeconds: 12, latencies: more })])
  expect(await told()).toMatchObject({ m14_l7_rt: 200, m17_l7_upstream_rt: 125 })
})

test('shares are percent of all answers, and other statuses are those of no class', async () => {
  const { clock, counted, told } = start()
  counted.set('one', [web({ target2xx: 1000 })])
  clock.advance(10_000)
  expect(await told()).not.toHaveProperty('l7_2xx_ratio')
  const answers = { target2xx: 1004, engine3xx: 2, target4xx: 1, engine5xx: 2, answersOther: 1 }
  counted.set('one', [web({ ...answers, outstanding: 3 })])
  clock.advance(5000)
  expect(await told()).toMatchObject({
    ...{ l7_2xx_ratio: 40, l7_4xx_ratio: 10, l7_5xx_ratio: 20, 'l7_5xx_ratio of the listener': 20 },
    ...{ m10_l7_http_other_status: 0.1, m18_l7_upstream_2xx: 0.4, elb_http_5xx: 0.2 },
    m2_act_conn: 3,
  })
})

test('the documentation has each metric by its name', async () => {
  const documentation = await readFile(
    new URL('../../../docs/monitoring.md', import.meta.url),
    'utf8',
  )
  const metrics = [...levels, ...rates, ...layer7Rates, ...layer7Ratios]
  const absent = metrics.filter(({ name }) => !documentation.includes(`\`${name}\``))
  expect(absent).toEqual([])
})

test('TCP listeners have connections and bytes, and nothing of HTTP; other load balancers have nothing', async () => {
  const { clock, counted, told } = start()
  counted.set('one', [web({ listener: tcp.id }), { ...nothingCounted, connections: 1 }])
  clock.advance(5000)
  counted.set('one', [
    web({ listener: tcp.id, connections: 10, bytesIn: 100, bytesOut: 200, requests: 7 }),
    { ...nothingCounted, connections: 500 },
  ])
  clock.advance(5000)
  expect(await told()).toEqual({
    m1_cps: 0,
    'm1_cps of the listener': 0,
    m2_act_conn: 0,
    'm2_act_conn of the listener': 0,
    m4_ncps: 2,
    'm4_ncps of the listener': 2,
    m7_in_Bps: 20,
    'm7_in_Bps of the listener': 20,
    m8_out_Bps: 40,
    'm8_out_Bps of the listener': 40,
    m22_in_bandwidth: 160,
    'm22_in_bandwidth of the listener': 160,
    m23_out_bandwidth: 320,
    'm23_out_bandwidth of the listener': 320,
  })
})
