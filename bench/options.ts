import { parseArgs } from 'node:util'
import { type LoadScenario, type Scenario, scenarios, uncounted } from './scenarios.ts'

export interface BenchOptions {
  /** Of load, for each candidate in each round. */
  readonly seconds: number
  readonly rounds: number
  readonly scenarios: readonly Scenario[]
  /** Measured instead, at the same time: what the second costs over the first. */
  readonly compared: readonly [LoadScenario, LoadScenario] | null
}

const names = scenarios.map(({ name }) => name).join(', ')

export const usage = `usage: npm run bench -- [--seconds N] [--rounds N] [--scenario NAME]... [--compare NAME,NAME]
  --seconds   of load for each candidate in each round, 1 to 60 (default 2)
  --rounds    1 to 20, of which the median counts (default 3)
  --scenario  ${names} (default all)
  --compare   two scenarios of load, at the same time: what the second costs over the first; also ${uncounted.name}`

/** @throws Error that says which argument is wrong */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '3' },
      compare: { type: 'string' },
      scenario: { type: 'string', multiple: true, default: scenarios.map(({ name }) => name) },
    },
  })
  return {
    seconds: count('seconds', values.seconds, 60),
    rounds: count('rounds', values.rounds, 20),
    scenarios: values.scenario.map(scenarioOf),
    compared: values.compare === undefined ? null : comparedOf(values.compare),
  }
}

function count(option: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new Error(`--${option} must be a whole number from 1 to ${most}, not '${text}'`)
}

function comparedOf(text: string): [LoadScenario, LoadScenario] {
  const [first, second, ...more] = text.split(',').map(comparedScenario)
  const two = more.length === 0 && first?.measures === 'cpu' && second?.measures === 'cpu'
  if (!two) throw new Error(`--compare must be two scenarios of load, not '${text}'`)
  return [first, second]
}

function comparedScenario(text: string): Scenario {
  return text === uncounted.name ? uncounted : scenarioOf(text)
}

function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name)
  if (found === undefined) throw new Error(`a scenario must be one of ${names}, not '${name}'`)
  return found
}
