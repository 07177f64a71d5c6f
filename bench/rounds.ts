/** Candidates in turn, several rounds: what else the machine does meanwhile meets all of them alike. */
import { ports } from './configs.ts'
import { cpuTimeOf } from './cpu-time.ts'
import { IdleConnections } from './idle-connections.ts'
import { type LoadGenerator, load } from './load.ts'
import type { BenchOptions } from './options.ts'
import type { Running } from './running.ts'
import { type LoadScenario, schemeOf } from './scenarios.ts'
import { withCookie } from './stickiness.ts'
import { loadRow, quotients, type Row, type Sample } from './table.ts'

/** Of load before anything counts: connections are made, code is compiled. */
const warmUpSeconds = 2
const microseconds = 1e6

export async function measureLoad(
  scenario: LoadScenario,
  running: readonly Running[],
  generator: LoadGenerator,
  { seconds, rounds }: BenchOptions,
): Promise<Row> {
  const able = running.filter(({ candidate }) => candidate.serves.includes(scenario.listener))
  const samples = new Map<string, Sample[]>(able.map(({ candidate }) => [candidate.name, []]))
  for (const each of able) await measure(each, scenario, generator, warmUpSeconds)
  for (let round = 0; round < rounds; round += 1) {
    for (const each of able) {
      const sample = await measure(each, scenario, generator, seconds)
      samples.get(each.candidate.name)?.push(sample)
    }
  }
  return loadRow(scenario.title, samples)
}

/**
 * Two scenarios in turns, so that both meet the same machine.
 * @returns a row for each, and what the second costs over the first: the median of the rounds' quotients, by candidate
 */
export async function compareLoads(
  scenarios: readonly [LoadScenario, LoadScenario],
  running: readonly Running[],
  generator: LoadGenerator,
  { seconds, rounds }: BenchOptions,
): Promise<{ rows: Row[]; quotients: Map<string, number> }> {
  const able = running.filter(({ candidate }) =>
    scenarios.every(({ listener }) => candidate.serves.includes(listener)),
  )
  const samples = scenarios.map(() => new Map<string, Sample[]>())
  const take = async (each: Running, which: 0 | 1) => {
    const sample = await measure(each, scenarios[which], generator, seconds)
    const own = samples[which]?.get(each.candidate.name) ?? []
    samples[which]?.set(each.candidate.name, [...own, sample])
  }
  for (const each of able) {
    for (const scenario of scenarios) await measure(each, scenario, generator, warmUpSeconds)
  }
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)
    for (const each of able) for (const which of order) await take(each, which)
  }
  const [first = new Map(), second = new Map()] = samples
  const rows = scenarios.map(({ title }, i) => loadRow(title, samples[i] ?? new Map()))
  return { rows, quotients: quotients(first, second) }
}

async function measure(
  { candidate, pid }: Running,
  scenario: LoadScenario,
  generator: LoadGenerator,
  seconds: number,
): Promise<Sample> {
  const endpoint = { host: candidate.host, port: ports[scenario.listener] }
  const scheme = schemeOf(scenario.listener)
  const url = `${scheme}://${endpoint.host}:${endpoint.port}${scenario.path}`
  using idle = new IdleConnections(endpoint, scheme)
  await idle.open(scenario.idle)
  const sticky = scenario.listener === 'sticky'
  const headers = sticky ? await withCookie(url, scenario.headers) : scenario.headers
  const before = cpuTimeOf(pid)
  const asked = { ...scenario, headers }
  const { requests, perSecond, complaints } = await load(generator, asked, url, seconds)
  const after = cpuTimeOf(pid)
  idle.check()
  for (const complaint of complaints) {
    console.error(`${scenario.title}, ${candidate.name}: ${complaint}`)
  }
  return {
    user: ((after.user - before.user) * microseconds) / requests,
    system: ((after.system - before.system) * microseconds) / requests,
    perSecond,
  }
}
