import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { DeliveryFailure, DeliveryResult, Payload } from '../../connectors/contract.js'
import type { SoapLine } from '../../connectors/soap-client/make-outbound.js'
import { fail, ok, type Failure, type Result } from '../../schemas/result.js'
import { writeXml } from '../../schemas/xml-writer.js'
import { exitCodes, parseWords, textFlag, usage, type Command, type ExitCode } from './command.js'

const text = { type: 'string' } as const
const options = {
  'service': text, 'port': text, 'soap-version': text, 'endpoint': text, 'allow-host': text, 'user': text, 'password-file': text, 'token-file': text, 'wsse': text,
  'soap-headers': text, 'http-headers': text, 'ca': text, 'timeout-ms': text, 'connect-timeout-ms': text, 'describe-timeout-ms': text, 'max-bytes': text, 'max-wsdl-bytes': text, 'max-redirects': text,
  'show': { type: 'boolean' }, 'template': { type: 'boolean' }, 'raw': { type: 'boolean' },
} as const

type Flags = Readonly<Record<string, string | boolean | undefined>>

export const callCommand: Command = {
  usage: 'call WSDL [OPERATION [FILE]] [--show | --template | --raw] [--service NAME] [--port NAME] [--endpoint URL] [--allow-host HOST,…] [--user NAME --password-file FILE [--wsse digest|text]] [--token-file FILE] …',
  summary: 'Calls a partner\'s SOAP service with a document (XML or JSON) and prints the answer; without OPERATION lists what it offers, with templates to fill in. connectors/soap-client/README.md has all flags.',
  run: async (words) => {
    const parsed = parseWords(words, options, 3)
    if (!parsed.ok) return usage(parsed.detail)
    const { flags, words: [wsdl, operation, file] } = parsed.value
    if (wsdl === undefined) return usage(`Usage: chainhub ${callCommand.usage}`)
    const settings = await readFlags(wsdl, flags)
    if (!settings.ok) return usage(`${settings.at}: ${settings.detail}`)
    const payload = await readPayload(file)
    if (!payload.ok) return usage(payload.detail)
    const { makeOutbound, systemDeps } = await import('../../connectors/soap-client/make-outbound.js')
    const outbound = makeOutbound(systemDeps)
    try {
      const line = outbound.open(settings.value)
      if (!line.ok) return usage(`${line.at}: ${line.detail}`)
      if (operation === undefined) return await printOperations(line.value)
      if (flags['template'] === true) return print(await line.value.template(operation))
      if (flags['show'] === true) return await printRequest(line.value, operation, payload.value)
      return printAnswer(await line.value.deliver({ operation, payload: payload.value }), flags['raw'] === true)
    } finally {
      await outbound.close()
    }
  },
}

const readText = async (flags: Flags, name: string): Promise<Result<string | undefined>> => {
  const path = textFlag(flags[name])
  if (path === undefined) return ok(undefined)
  return readFile(path, 'utf8').then((content) => ok(content), (error: unknown) => fail('request-invalid', `--${name}`, `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`))
}

/** Secrets come from files: a command line is seen by everyone on the machine. */
const readFlags = async (wsdl: string, flags: Flags): Promise<Result<Readonly<Record<string, unknown>>>> => {
  const [password, token, soapHeaders, httpHeaders, ca] = await Promise.all(['password-file', 'token-file', 'soap-headers', 'http-headers', 'ca'].map((name) => readText(flags, name)))
  const wrong = [password, token, soapHeaders, httpHeaders, ca].find((read): read is Failure => read?.ok === false)
  if (wrong !== undefined) return wrong
  const value = (read: Result<string | undefined> | undefined): string | undefined => (read?.ok === true ? read.value : undefined)
  const secret = (read: Result<string | undefined> | undefined): string | undefined => value(read)?.replace(/\r?\n$/, '')
  const credentials = readCredentialFlags(flags, secret(password), secret(token))
  if (!credentials.ok) return credentials
  const parsedHeaders = parseHeaders(value(httpHeaders))
  if (!parsedHeaders.ok) return parsedHeaders
  return ok(defined({
    wsdl: /^[a-z][a-z0-9+.-]+:/i.test(wsdl) ? wsdl : resolve(wsdl),
    service: flags['service'], port: flags['port'], soapVersion: flags['soap-version'], endpoint: flags['endpoint'],
    allowedHosts: textFlag(flags['allow-host'])?.split(',').map((host) => host.trim()),
    ...credentials.value, soapHeaders: value(soapHeaders), httpHeaders: parsedHeaders.value, ca: value(ca),
    timeoutMs: numberOf(flags['timeout-ms']), connectTimeoutMs: numberOf(flags['connect-timeout-ms']), describeTimeoutMs: numberOf(flags['describe-timeout-ms']),
    maxAnswerBytes: numberOf(flags['max-bytes']), maxDescriptionBytes: numberOf(flags['max-wsdl-bytes']), maxRedirects: numberOf(flags['max-redirects']),
  }))
}

const defined = (values: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
const numberOf = (value: string | boolean | undefined): number | string | boolean | undefined => (typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value)

const readCredentialFlags = (flags: Flags, password: string | undefined, token: string | undefined): Result<Readonly<Record<string, unknown>>> => {
  const username = textFlag(flags['user'])
  if ((username === undefined) !== (password === undefined)) return fail('request-invalid', '--user', 'Give --user and --password-file together.')
  if (token !== undefined && username !== undefined && flags['wsse'] === undefined) return fail('request-invalid', '--token-file', 'Give a token or a user, not both.')
  const bearer = token === undefined ? {} : { credentials: { type: 'bearer', token } }
  if (username === undefined) return flags['wsse'] === undefined ? ok(bearer) : fail('request-invalid', '--wsse', 'Give --user and --password-file with it.')
  return ok(flags['wsse'] === undefined ? { credentials: { type: 'basic', username, password } } : { ...bearer, usernameToken: { username, password, passwordType: flags['wsse'] } })
}

const parseHeaders = (json: string | undefined): Result<unknown> => {
  if (json === undefined) return ok(undefined)
  try {
    return ok(JSON.parse(json) as unknown)
  } catch {
    return fail('request-invalid', '--http-headers', 'The file is no JSON object of names and values.')
  }
}

const readPayload = async (file: string | undefined): Promise<Result<Payload | undefined>> => {
  if (file === undefined) return ok(undefined)
  return readFile(file).then((bytes): Result<Payload> => ok({ type: /^\s*[{["]/.test(bytes.subarray(0, 64).toString('latin1')) ? 'json' : 'xml', bytes }),
    (error: unknown) => fail('request-invalid', file, `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`))
}

const unreachable = new Set(['partner-unreachable', 'partner-interrupted', 'partner-unavailable', 'timeout'])

const printFailure = ({ code, at, detail }: Failure): ExitCode => {
  console.error(`${code} at ${at}: ${detail}`)
  return unreachable.has(code) ? exitCodes.unreachable : exitCodes.refused
}

const print = (result: Result<string>): ExitCode => {
  if (!result.ok) return printFailure(result)
  console.log(result.value)
  return exitCodes.done
}

/** Past as many a list is more use than the templates of all. */
const mostTemplates = 30

const printOperations = async (line: SoapLine): Promise<ExitCode> => {
  const operations = await line.list()
  if (!operations.ok) return printFailure(operations)
  let port = ''
  for (const operation of operations.value) {
    const heading = `${operation.service} / ${operation.port} · SOAP ${operation.version} · ${operation.endpoint ?? 'no address'}`
    if (heading !== port) console.log(`${port === '' ? '' : '\n'}${heading}`)
    port = heading
    const notes = [operation.soapAction === '' ? '' : `SOAPAction ${operation.soapAction}`, operation.oneWay ? 'one-way' : '', operation.obstacle ?? '', operation.documentation].filter((note) => note !== '')
    console.log(`\n  ${operation.name}${notes.length === 0 ? '' : ` · ${notes.join(' · ')}`}`)
    if (operations.value.length > mostTemplates || operation.obstacle !== undefined) continue
    const template = await line.template(operation.name, operation.port)
    console.log((template.ok ? template.value : template.detail).split('\n').map((one) => `    ${one}`).join('\n'))
  }
  if (operations.value.length > mostTemplates) console.log(`\n${operations.value.length} operations; \`chainhub call WSDL OPERATION --template\` shows what one takes.`)
  return exitCodes.done
}

const printRequest = async (line: SoapLine, operation: string, payload: Payload | undefined): Promise<ExitCode> => {
  const shown = await line.show({ operation, payload })
  if (!shown.ok) return printFailure(shown)
  const { endpoint, headers, envelope } = shown.value
  console.log(`POST ${endpoint}\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n${envelope}`)
  return exitCodes.done
}

const printAnswer = (result: DeliveryResult, raw: boolean): ExitCode => {
  if (!result.ok) return printDeliveryFailure(result, raw)
  const { status, body, answer } = result.value
  if (raw) process.stdout.write(body)
  else if (answer === undefined) console.log(`<!-- HTTP ${status}, no content -->`)
  else {
    const written = writeXml(answer, { indent: true })
    if (!written.ok) return printFailure(written)
    console.log(written.value.trimEnd())
  }
  return exitCodes.done
}

const printDeliveryFailure = (failure: DeliveryFailure, raw: boolean): ExitCode => {
  const code = printFailure(failure)
  if (failure.fault !== undefined && failure.fault.detailXml !== '') console.error(failure.fault.detailXml)
  console.error(`${failure.retry ? 'A retry may succeed.' : 'A retry will not help.'} ${failure.mayHaveTakenEffect ? 'The request may have taken effect.' : 'The request took no effect.'}`)
  if (raw && failure.body !== undefined) process.stdout.write(failure.body)
  return code
}
