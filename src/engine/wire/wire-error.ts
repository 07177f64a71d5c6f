import { getSystemErrorName } from 'node:util'

/** libuv's UV_EOF. */
export const endOfFile = -4095

/** @param status libuv's number of what went wrong */
export function wireError(operation: string, status: number): Error {
  const code = getSystemErrorName(status)
  return Object.assign(new Error(`${operation} ${code}`), { code })
}
