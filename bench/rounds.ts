/** Candidates in turn, several rounds: what else the machine does meanwhile meets all of them alike. */
import type { CandidatePair } from './candidates.ts'
import { ports } from './configs.ts'
import { cpuTimeOf } from './cpu-time.ts'
import { IdleConnections } from './idle-connections.ts'
import { type LoadGenerator, load } from './load.ts'
import type { BenchOptions } from './options.ts'
import type { Running, StartCandidate } from './running.ts'
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
 * Two scenarios at the same time, each with a process of its own of each candidate, anew in each round: what the machine does meets both alike,
 * and how a process happens to be laid out and compiled, which makes a difference of some percent, is another each time.
 * @param pairs a candidate, and the same at another address
 * @returns a row for each scenario, and what the second costs over the first: the median of the rounds' quotients, by candidate
 */
export async function compareLoads(
  scenarios: readonly [LoadScenario, LoadScenario],
  pairs: readonly CandidatePair[],
  start: StartCandidate,
  generator: LoadGenerator,
  { seconds, rounds }: BenchOptions,
): Promise<{ rows: Row[]; quotients: string }> {
  const able = pairs.filter(([{ serves }]) =>
    scenarios.every(({ listener }) => serves.includes(listener)),
  )
  const samples = [new Map<string, Sample[]>(), new Map<string, Sample[]>()] as const
  for (let round = 0; round < rounds; round += 1) {
    for (const pair of able) {
      const both = await measurePair(scenarios, pair, start, generator, seconds)
      for (const [i, own] of samples.entries()) {
        const { name } = pair[0]
        own.set(name, [...(own.get(name) ?? []), both[i] as Sample])
      }
    }
  }
  const rows = samples.map((own, i) => loadRow(scenarios[i]?.title ?? '', own))
  return { rows, quotients: quotients(...samples) }
}

async function measurePair(
  scenarios: readonly [LoadScenario, LoadScenario],
  pair: CandidatePair,
  start: StartCandidate,
  generator: LoadGenerator,
  seconds: number,
): Promise<[Sample, Sample]> {
  await using first = await start(pair[0], scenarios[0].uncounted)
  await using second = await start(pair[1], scenarios[1].uncounted)
  const measureBoth = (time: number) =>
    Promise.all([
      measure(first, scenarios[0], generator, time),
      measure(second, scenarios[1], generator, time),
    ])
  // Both share the CPU.
  await measureBoth(2 * warmUpSeconds)
  // Awaited, so that both run until then.
  return await measureBoth(seconds)
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
