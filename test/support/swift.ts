import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { S3 } from '@aws-sdk/client-s3'
import { testWithPython } from './needs.ts'

export const testWithSwift = testWithPython('swift', 'python3-swift')

const script = new URL('swift-s3.py', import.meta.url).pathname

/** OpenStack Swift with S3's API: a server that verifies signatures, and encrypts what it is told to, by code that is none of ours. */
export class Swift implements AsyncDisposable {
  readonly url: string
  readonly key = { accessKeyId: 'test:tester', secretAccessKey: 'test-secret' }
  readonly s3: S3
  readonly #process: ChildProcess

  private constructor(url: string, child: ChildProcess) {
    this.url = url
    this.#process = child
    const region = 'us-west-2'
    this.s3 = new S3({ endpoint: url, region, credentials: this.key, forcePathStyle: true })
  }

  /** @param root a folder that is there: what is put is kept below it @param port 0 takes any free one */
  static async start({ root, port = 0 }: { root: string; port?: number }): Promise<Swift> {
    const options = [root, String(port), 'us-west-2', 'test:tester', 'test-secret']
    const child = spawn('/usr/bin/python3', [script, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit').then(([code]) => {
      throw new Error(`Swift ended with ${code}`)
    })
    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), exited])
    exited.catch(() => undefined)
    return new Swift(String(line).replace('ready ', ''), child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.s3.destroy()
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    await exited
  }
}
