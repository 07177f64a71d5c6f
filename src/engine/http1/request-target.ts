/** `OPTIONS *`, a path, or a whole URI (RFC 9112, section 3.2); CONNECT's authority form is not served. */
const form = /^(?:\/|\*$|[A-Za-z][A-Za-z0-9+.-]*:\/\/)/

const SLASH = 0x2f

/** Whether a request of that method may have that target. */
export function isTargetOf(method: string, target: string): boolean {
  return (
    target.charCodeAt(0) === SLASH ||
    (form.test(target) && (target !== '*' || method === 'OPTIONS'))
  )
}
