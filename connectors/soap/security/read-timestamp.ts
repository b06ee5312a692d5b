import type { MessageTimestamp } from '../../../schemas/credentials.js'
import type { Node } from '../../../schemas/node.js'
import { ok, type Result } from '../../../schemas/result.js'
import { readMembers, textOf } from './read-members.js'
import { invalid, securityAt, wsu } from './security-names.js'

const at = `${securityAt}.Timestamp`

/** When a message was made and when it ends, as written (SOAP Message Security 1.1, section 10). */
export const readTimestamp = (node: Node): Result<MessageTimestamp> => {
  const members = readMembers(node, { Created: wsu, Expires: wsu }, at)
  if (!members.ok) return members
  const { Created, Expires } = members.value
  if (Created === undefined) return invalid(`${at}.Created`, 'The element is missing.')
  const created = textOf(Created, `${at}.Created`)
  if (!created.ok) return created
  const expires = Expires === undefined ? ok(undefined) : textOf(Expires, `${at}.Expires`)
  return expires.ok ? ok({ created: created.value, expires: expires.value }) : expires
}
