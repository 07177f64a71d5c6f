/** An engine thread as it is, that ends with an uncaught error when the channel `crash` names its number. */
import { BroadcastChannel, workerData } from 'node:worker_threads'
import '../../src/proxy/engine-thread.ts'

const channel = new BroadcastChannel('crash')
channel.unref()
channel.onmessage = (event) => {
  const { data } = event as { data: number }
  if (data === (workerData as { thread: number }).thread) throw new Error('crash on request')
}
