import type { UsernameToken } from '../../../schemas/credentials.js'
import type { Node } from '../../../schemas/node.js'
import { ok, type Result } from '../../../schemas/result.js'
import { bytesOf, readMembers, textOf } from './read-members.js'
import { attributeOf, invalid, securityAt, unsupported, wsse, wsu } from './security-names.js'

const at = `${securityAt}.UsernameToken`
const passwordTypes = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#'
/** Of a user's name, a password and a date, in characters; of a nonce, in bytes. */
const mostLength = 512

/** A UsernameToken as it was sent (OASIS UsernameToken Profile 1.1, section 3.1); whether it is good is for the hub to say. */
export const readUsernameToken = (node: Node): Result<UsernameToken> => {
  const members = readMembers(node, { Username: wsse, Password: wsse, Nonce: wsse, Created: wsu }, at)
  if (!members.ok) return members
  const { Username, Password, Nonce, Created } = members.value
  if (Username === undefined) return invalid(`${at}.Username`, 'The element is missing.')
  if (Password === undefined) return invalid(`${at}.Password`, 'The element is missing.')
  const username = shortText(Username, `${at}.Username`)
  if (!username.ok) return username
  const password = readPassword(Password)
  if (!password.ok) return password
  const nonce = Nonce === undefined ? ok(undefined) : bytesOf(Nonce, `${at}.Nonce`)
  if (!nonce.ok) return nonce
  if ((nonce.value?.length ?? 0) > mostLength) return invalid(`${at}.Nonce`, `The nonce has more than ${mostLength} bytes.`)
  const created = Created === undefined ? ok(undefined) : shortText(Created, `${at}.Created`)
  return created.ok ? ok({ username: username.value, password: password.value, nonce: nonce.value, created: created.value }) : created
}

const shortText = (node: Node, where: string): Result<string> => {
  const text = textOf(node, where)
  return text.ok && text.value.length > mostLength ? invalid(where, `The element holds more than ${mostLength} characters.`) : text
}

const readPassword = (node: Node): Result<UsernameToken['password']> => {
  const where = `${at}.Password`
  const text = shortText(node, where)
  if (!text.ok) return text
  switch (attributeOf(node, 'Type') ?? `${passwordTypes}PasswordText`) {
    case `${passwordTypes}PasswordDigest`: return ok({ type: 'digest', text: text.value })
    case `${passwordTypes}PasswordText`: return ok({ type: 'text', text: text.value })
    default: return unsupported(`${where}@Type`, `The type is ${attributeOf(node, 'Type') ?? ''}; send ${passwordTypes}PasswordDigest.`)
  }
}
