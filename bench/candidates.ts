/** The proxies that are compared: how each is started, and what it can serve here. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  allowedClients,
  allowedFile,
  backEnd,
  certificateFile,
  haproxyConfig,
  hosts,
  nginxConfig,
} from './configs.ts'
import type { ListenerKind } from './scenarios.ts'
import { findProgram, missing, streamModule } from './tools.ts'

export interface Candidate {
  readonly name: string
  /** Its own loopback address. */
  readonly host: string
  readonly serves: readonly ListenerKind[]
  /**
   * Writes what it reads into `folder`, its own with the certificate, and gives the command that runs it in the foreground.
   * @param uncounted as in a scenario
   */
  command(folder: string, uncounted: boolean): Promise<readonly string[]>
}

/** Two processes of one, to be compared with each other. */
export type CandidatePair = readonly [Candidate, Candidate]

/** What is here, and a line for each thing that is not. @param at the address of each */
export function findCandidates(at = hosts): { candidates: Candidate[]; notes: string[] } {
  const candidates: Candidate[] = [weir(at.weir)]
  const notes: string[] = []
  const haproxyPath = findProgram('haproxy')
  if (haproxyPath === undefined) notes.push(missing('haproxy'))
  else candidates.push(haproxy(haproxyPath, at.haproxy))
  const nginxPath = findProgram('nginx')
  if (nginxPath !== undefined) candidates.push(nginx(nginxPath, at.nginx))
  if (nginxPath !== undefined && !streamModule.installed) notes.push(streamModule.missing)
  return { candidates, notes }
}

function weir(host: string): Candidate {
  return {
    name: 'weir',
    host,
    serves: ['http', 'restricted', 'logged', 'sticky', 'tcp', 'https', 'reencrypted', 'ssl'],
    command: async (folder, uncounted) => [
      process.execPath,
      ...(uncounted ? ['--import', new URL('./uncounted.ts', import.meta.url).href] : []),
      fileURLToPath(new URL('./weir-engine.ts', import.meta.url)),
      host,
      backEnd.host,
      join(folder, certificateFile),
    ],
  }
}

function haproxy(path: string, host: string): Candidate {
  return {
    name: 'haproxy',
    host,
    serves: ['http', 'restricted', 'logged', 'sticky', 'tcp', 'https', 'reencrypted', 'ssl'],
    command: async (folder) => {
      const file = join(folder, 'haproxy.cfg')
      await writeFile(file, haproxyConfig(host, folder))
      await writeFile(join(folder, allowedFile), allowedClients.join('\n'))
      return [path, '-q', '-db', '-f', file]
    },
  }
}

function nginx(path: string, host: string): Candidate {
  return {
    name: 'nginx',
    host,
    // Stickiness by cookie is not in nginx as Debian has it.
    serves: [
      ...(['http', 'restricted', 'logged', 'https', 'reencrypted'] as const),
      ...(streamModule.installed ? (['tcp', 'ssl'] as const) : []),
    ],
    command: (folder) => nginxCommand(path, folder, 'nginx.conf', nginxConfig(host)),
  }
}

/** nginx complains to a log of the system's before it reads its configuration, unless it is told where (-e). */
export async function nginxCommand(
  path: string,
  folder: string,
  name: string,
  config: string,
): Promise<readonly string[]> {
  await writeFile(join(folder, name), config)
  return [path, '-e', 'stderr', '-p', folder, '-c', name]
}
