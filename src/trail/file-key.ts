import { randomInt } from 'node:crypto'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * The folder of an account's files, e.g. `my-prefix/AWSLogs/123456789012/CloudTrail/` (CloudTrail User Guide, "Finding your CloudTrail log files").
 * @param prefix of the trail; empty for none
 */
export function accountFolder(prefix: string, account: string): string {
  return `${prefix === '' ? '' : `${prefix}/`}AWSLogs/${account}/CloudTrail/`
}

/**
 * The key of a new file of records, e.g. `AWSLogs/123456789012/CloudTrail/us-west-2/2014/02/15/123456789012_CloudTrail_us-west-2_20140215T2340Z_mUqLqHQnKNW4qLZE.json.gz`.
 * @param now milliseconds since the Unix epoch
 */
export function fileKey(prefix: string, account: string, region: string, now: number): string {
  const time = new Date(now).toISOString()
  const day = time.slice(0, 'yyyy-mm-dd'.length).replaceAll('-', '/')
  const minute = `${time.slice(0, 'yyyy-mm-ddThh:mm'.length).replaceAll(/[-:]/g, '')}Z`
  const random = Array.from({ length: 16 }, () => letters[randomInt(letters.length)]).join('')
  const name = [account, 'CloudTrail', region, minute, random].join('_')
  return `${accountFolder(prefix, account)}${region}/${day}/${name}.json.gz`
}
