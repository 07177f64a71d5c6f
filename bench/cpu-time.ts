/** CPU time of a process with all its threads and child processes, as the kernel counts it. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { familyOf } from './family.ts'

/** Seconds. */
export interface CpuTime {
  readonly user: number
  readonly system: number
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

export function cpuTimeOf(pid: number): CpuTime {
  const family = familyOf(pid).map((member) =>
    parseStat(readFileSync(`/proc/${member}/stat`, 'latin1'), ticksPerSecond),
  )
  return {
    user: family.reduce((sum, { user }) => sum + user, 0),
    system: family.reduce((sum, { system }) => sum + system, 0),
  }
}

/** The fields utime and stime, 14th and 15th of proc_pid_stat(5). The name before them may have spaces and brackets in it. */
export function parseStat(stat: string, ticks: number): CpuTime {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { user: Number(fields[11]) / ticks, system: Number(fields[12]) / ticks }
}
