/** The proxy process, put together by hand. */
import { join } from 'node:path'
import { FolderBuckets } from '../buckets/folder-buckets.ts'
import { ProxyAgent } from '../proxy/proxy-agent.ts'
import { keyFileOf, type Settings } from '../settings/settings.ts'
import { systemClock } from '../std/clock.ts'
import { openSecretBox } from '../std/secret-box.ts'
import { createLogger } from '../telemetry/logger.ts'
import { warnOfFewDescriptors } from './descriptor-limit.ts'
import { bucketFolders, controlSocketPath } from './paths.ts'

export async function startProxy(settings: Settings): Promise<ProxyAgent> {
  const logger = createLogger(settings.logLevel, { process: 'proxy' })
  warnOfFewDescriptors(logger)
  const agent = new ProxyAgent({
    data: join(settings.data, 'proxy'),
    buckets: new FolderBuckets(bucketFolders(settings)),
    control: controlSocketPath(settings),
    threads: settings.threads,
    limits: {
      startLine: settings.maxRequestLine,
      headerLine: settings.maxHeaderLine,
      headers: settings.maxHeaders,
      pipelined: settings.maxPipelined,
    },
    logLevel: settings.logLevel,
    // Control makes the key, before it sends anything.
    openBox: () => openSecretBox(keyFileOf(settings), { mayCreate: false }),
    clock: systemClock,
    logger,
  })
  await agent.start()
  return agent
}
