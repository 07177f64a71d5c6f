/** Waits until a proxy serves, and makes sure that it does what the others do. */
import type { ChildProcess } from 'node:child_process'
import http from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { forwardedPath, ports } from './configs.ts'
import { type ListenerKind, schemeOf } from './scenarios.ts'

/** A proxy that does not answer 200 by then does not work. */
const patienceMs = 10_000
const retryMs = 50

/** What the back end has to be told by way of each listener: X-Forwarded-For, -Proto and -Port. TCP adds nothing. */
const forwarded: Readonly<Record<ListenerKind, string>> = {
  http: `127.0.0.1 http ${ports.http}`,
  restricted: `127.0.0.1 http ${ports.restricted}`,
  logged: `127.0.0.1 http ${ports.logged}`,
  sticky: `127.0.0.1 http ${ports.sticky}`,
  https: `127.0.0.1 https ${ports.https}`,
  reencrypted: `127.0.0.1 https ${ports.reencrypted}`,
  tcp: '',
  ssl: '',
}

/** @throws Error when there is no good answer in time, or the child has ended */
export async function ready(
  name: string,
  child: ChildProcess,
  host: string,
  kind: ListenerKind,
): Promise<void> {
  const url = `${schemeOf(kind)}://${host}:${ports[kind]}${forwardedPath}`
  const heard = await answer(name, child, url)
  const seen = heard.trim()
  if (seen !== forwarded[kind]) {
    throw new Error(`${name} forwards '${seen}' where all others forward '${forwarded[kind]}'`)
  }
}

/** The body of the first answer 200. */
export async function answer(name: string, child: ChildProcess, url: string): Promise<string> {
  let last: unknown
  for (let waited = 0; waited < patienceMs; waited += retryMs) {
    if (child.exitCode !== null)
      throw new Error(`${name} ended with ${child.exitCode} at its start`)
    try {
      return await bodyOf(url)
    } catch (error) {
      last = error
    }
    await pause(retryMs)
  }
  throw new Error(`${name} does not answer at ${url}`, { cause: last })
}

function bodyOf(url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const { get } = url.startsWith('https:') ? https : http
  const signal = AbortSignal.timeout(1000)
  const asked = get(url, { agent: false, signal, rejectUnauthorized: false }, (response) => {
    if (response.statusCode === 200) text(response).then(resolve, reject)
    else reject(new Error(`answered ${response.statusCode}`))
    response.on('error', reject)
  })
  asked.on('error', reject)
  return promise
}
