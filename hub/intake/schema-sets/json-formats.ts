import { isBusinessDate } from '../../../schemas/business-date.js'

const time = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([zZ]|[+-]([01]\d|2[0-3]):?[0-5]\d)$/
const email = /^[^\s@"(),:;<>[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)*[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u
const hostname = /^(?=.{1,253}\.?$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const duration = /^P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)$/
const pointer = /^(?:\/(?:[^~/]|~0|~1)*)*$/

const isDateTime = (text: string): boolean => {
  const [date = '', clock = '', more] = text.split(/[tT ]/)
  return more === undefined && isBusinessDate(date) && time.test(clock)
}

const isUri = (text: string): boolean => /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]*$/i.test(text)

const isIpv6 = (text: string): boolean => text.length <= 45 && /^[0-9a-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`)

/** A pattern as ECMAScript's unicode mode takes it, or else as the lenient mode does, which many are written for. */
export const patternOf = (source: string): RegExp => {
  try {
    return new RegExp(source, 'u')
  } catch {
    return new RegExp(source)
  }
}

const isRegex = (text: string): boolean => {
  try {
    patternOf(text)
    return true
  } catch {
    return false
  }
}

/** The formats of JSON Schema that are held against; each takes time that grows with the text only. Others are notes, as the standard has it. */
export const jsonFormats: Readonly<Record<string, (text: string) => boolean>> = {
  'date': isBusinessDate,
  'time': (text) => time.test(text),
  'date-time': isDateTime,
  'duration': (text) => duration.test(text),
  'email': (text) => text.length <= 254 && email.test(text),
  'idn-email': (text) => text.length <= 254 && email.test(text),
  'hostname': (text) => hostname.test(text),
  'ipv4': (text) => ipv4.test(text),
  'ipv6': isIpv6,
  'uri': isUri,
  'iri': isUri,
  'uri-reference': (text) => /^[^\s<>"{}|\\^`]*$/.test(text),
  'uuid': (text) => uuid.test(text),
  'json-pointer': (text) => pointer.test(text),
  'regex': isRegex,
}
