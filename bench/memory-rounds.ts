/** Memory per idle connection, of processes started anew for each round: what an earlier load left to be used again would hide it. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Candidate } from './candidates.ts'
import { type Endpoint, ports } from './configs.ts'
import { IdleConnections } from './idle-connections.ts'
import { memoryOf } from './memory.ts'
import type { Running } from './running.ts'
import { type MemoryScenario, schemeOf } from './scenarios.ts'
import { memoryRow, type Row } from './table.ts'

/** For what a process frees a moment later. */
const settleMs = 500

/** @param start what it gives runs until it is disposed of */
export async function measureMemory(
  scenario: MemoryScenario,
  candidates: readonly Candidate[],
  rounds: number,
  start: (candidate: Candidate) => Promise<Running>,
): Promise<Row> {
  const bytes = new Map<string, number[]>(candidates.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const candidate of candidates) {
      await using running = await start(candidate)
      const endpoint = { host: candidate.host, port: ports[scenario.listener] }
      bytes.get(candidate.name)?.push(await growth(scenario, endpoint, running.pid))
    }
  }
  return memoryRow(scenario.title, bytes)
}

/** Bytes per connection. */
async function growth(
  { base, connections, listener }: MemoryScenario,
  endpoint: Endpoint,
  pid: number,
): Promise<number> {
  using idle = new IdleConnections(endpoint, schemeOf(listener))
  await idle.open(base)
  await pause(settleMs)
  const before = memoryOf(pid)
  await idle.open(connections)
  await pause(settleMs)
  const after = memoryOf(pid)
  idle.check()
  return (after - before) / connections
}
