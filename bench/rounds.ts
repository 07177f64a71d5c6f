/** Candidates in turn, several rounds: what else the machine does meanwhile meets all of them alike. */
import type { Candidate } from './candidates.ts'
import { ports } from './configs.ts'
import { cpuTimeOf } from './cpu-time.ts'
import { type LoadGenerator, load } from './load.ts'
import type { BenchOptions } from './options.ts'
import type { Scenario } from './scenarios.ts'
import type { Row, Sample } from './table.ts'

/** Of load before anything counts: connections are made, code is compiled. */
const warmUpSeconds = 2
const microseconds = 1e6

export interface Running {
  readonly candidate: Candidate
  readonly pid: number
}

export async function runScenario(
  scenario: Scenario,
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
  return { title: scenario.title, samples }
}

async function measure(
  { candidate, pid }: Running,
  scenario: Scenario,
  generator: LoadGenerator,
  seconds: number,
): Promise<Sample> {
  const url = `http://${candidate.host}:${ports[scenario.listener]}/`
  const before = cpuTimeOf(pid)
  const { requests, perSecond, complaints } = await load(generator, scenario, url, seconds)
  const after = cpuTimeOf(pid)
  for (const complaint of complaints) {
    console.error(`${scenario.title}, ${candidate.name}: ${complaint}`)
  }
  return {
    user: ((after.user - before.user) * microseconds) / requests,
    system: ((after.system - before.system) * microseconds) / requests,
    perSecond,
  }
}
