/** Reads entries of Huawei Cloud's access logs back, by the format that its user guide gives and nothing else. */
const fields = [
  'msec',
  'access_log_topic_id',
  'time_iso8601',
  'log_ver',
  'remote',
  'status',
  'request',
  'request_length',
  'bytes_sent',
  'body_bytes_sent',
  'request_time',
  'upstream_status',
  'upstream_connect_time',
  'upstream_header_time',
  'upstream_response_time',
  'upstream_addr',
  'http_user_agent',
  'http_referer',
  'http_x_forwarded_for',
  'lb_name',
  'listener_name',
  'listener_id',
  'pool_name',
  'member_name',
  'tenant_id',
  'eip',
  'upstream_addr_priv',
  'certificate_id',
  'ssl_protocol',
  'ssl_cipher',
  'sni_domain_name',
  'tcpinfo_rtt',
  'self_defined_header',
] as const

export type HuaweiEntry = Readonly<Record<(typeof fields)[number], string>>

/** Those that have a space in them, or what a client sent, are in quotes, the time in brackets. */
const value = /"([^"]*)"|\[([^\]]*)\]|([^ "[\]]+)/y

/** @param line without its end. Throws when it is not an entry */
export function readHuaweiEntry(line: string): HuaweiEntry {
  const values: string[] = []
  value.lastIndex = 0
  for (let found = value.exec(line); found !== null; found = value.exec(line)) {
    values.push(unescaped(found[1] ?? found[2] ?? found[3] ?? ''))
    if (line[value.lastIndex] !== ' ') break
    value.lastIndex += 1
  }
  if (value.lastIndex !== line.length || values.length !== fields.length) {
    throw new Error(`not an entry: ${line}`)
  }
  return Object.fromEntries(fields.map((name, place) => [name, values[place]])) as HuaweiEntry
}

/** One byte a character. */
function unescaped(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
