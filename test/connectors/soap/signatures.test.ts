import { createHmac, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readCertificates } from '../../../hub/access/trusted-certificate.js'
import { canonicalise } from '../../../schemas/xml-canonical.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { makeCertificate, type TestCertificate } from '../../fixtures/certificate.js'
import { binaryToken, envelope11, envelope12, instant, keyInfos, message, security, signed, signedMessage, submit, timestamp, usernameToken, wsse, wsu } from './secured-message.js'
import { securedServer } from './secured-server.js'

const partner = makeCertificate({ name: 'partner' })
const partnerEc = makeCertificate({ name: 'partner-ec', type: 'ec' })
const stranger = makeCertificate({ name: 'stranger' })
const expired = makeCertificate({ name: 'expired', validTo: new Date(Date.now() - 3_600_000) })
const trusted = [partner, partnerEc, expired].flatMap(({ pem }) => {
  const read = readCertificates(pem, 'demo-soap', 'test')
  if (!read.ok) throw new Error(read.detail)
  return read.value
})

const { call, taken, lastDocument, allow } = securedServer(trusted)

describe('a signature', () => {
  test.each([['RSA', partner, envelope11], ['RSA', partner, envelope12], ['an elliptic curve', partnerEc, envelope11]])('with %s lets the body through that was signed', async (_what, certificate, namespace) => {
    const text = signedMessage(certificate, submit(`signed ${namespace}`), {}, namespace)
    expect(await call(text)).toMatchObject({ status: 200, code: undefined })
    expect(lastDocument()).toContain(`signed ${namespace}`)
    expect(await call(text)).toMatchObject({ code: 'security-replayed' })
  })

  test.each(Object.entries(keyInfos))('may name its certificate by %s', async (_name, keyInfo) => {
    expect(await call(signedMessage(partner, submit(), { keyInfo: keyInfo(partner) }))).toMatchObject({ status: 200 })
  })

  test('keeps what canonicalisation keeps: CDATA as text, comments away, namespaces of ancestors', async () => {
    const body = '<c:SubmitDocument><c:channel>demo-soap</c:channel><c:document><o:O xmlns:o="urn:o" a="1&#10;2"><![CDATA[a<b]]> &amp; c<!-- not this --> d&#13;</o:O></c:document></c:SubmitDocument>'
    expect(await call(signedMessage(partner, body, { inclusivePrefixes: ['c', 'wsu'] }))).toMatchObject({ status: 200 })
    expect(lastDocument()).toContain('a&lt;b &amp; c d&#13;')
  })

  test('may name enveloped-signature before the canonicalisation', async () => {
    expect(await call(signedMessage(partner, submit(), { transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'] }))).toMatchObject({ status: 200 })
  })

  test('stands beside a UsernameToken of its channel', async () => {
    const text = (username: string) => signed(message(security(binaryToken(partner) + timestamp() + usernameToken({ username }))), { certificate: partner })
    expect((await call(text('buyer'))).status).toBe(200)
    expect((await call(text('other'))).code).toBe('credentials-invalid')
  })

  test('with SHA-1 is refused unless the operator allows it', async () => {
    const wish = { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1', digest: 'http://www.w3.org/2000/09/xmldsig#sha1' }
    expect(await call(signedMessage(partner, submit(), wish))).toMatchObject({ code: 'signature-unsupported', faultCode: 'wsse:UnsupportedAlgorithm' })
    expect((await call(signedMessage(partner, submit(), { digest: wish.digest }))).code).toBe('signature-unsupported')
    allow({ sha1: true })
    expect((await call(signedMessage(partner, submit(), wish))).status).toBe(200)
  })

  test.each([
    ['by a stranger, whose certificate it brings along', () => signedMessage(stranger), 'signature-invalid'],
    ['by a stranger, whose certificate stands in X509Data', () => signedMessage(stranger, submit(), { keyInfo: keyInfos.certificate(stranger) }), 'signature-invalid'],
    ['by a stranger, under a known certificate', () => signed(message(security(binaryToken(partner) + timestamp())), { certificate: stranger }), 'signature-invalid'],
    ['under a certificate that has run out', () => signedMessage(expired), 'signature-invalid'],
    ['that covers no Timestamp', () => signedMessage(partner, submit(), { ids: ['body'] }), 'signature-missing'],
    ['that covers the Timestamp alone', () => signedMessage(partner, submit(), { ids: ['ts'] }), 'signature-missing'],
    ['over an old Timestamp', () => signed(message(security(binaryToken(partner) + timestamp(instant(-400_000), instant(400_000)))), { certificate: partner }), 'security-expired'],
    ['whose body was changed', () => signedMessage(partner).replace('000045', '000046'), 'signature-invalid'],
    ['whose Timestamp was changed', () => signedMessage(partner).replace(/<wsu:Expires>\d{4}/, '<wsu:Expires>2999'), 'signature-invalid'],
    ['whose value was changed', () => signedMessage(partner).replace(/<ds:SignatureValue>..../, '<ds:SignatureValue>AAAA'), 'signature-invalid'],
    ['whose SignedInfo was changed', () => signedMessage(partner).replace('<ds:SignedInfo', '<ds:SignedInfo x="1"'), 'signature-invalid'],
  ])('%s is refused', async (_what, make, code) => {
    expect(await call(make())).toMatchObject({ status: 500, code, faultCode: expect.stringMatching(/^wsse:|^wsu:/) as unknown })
    expect(taken()).toBe(0)
  })
})

/**
 * What an attacker makes of a signed message of a partner: McIntosh and Austel, XML Signature Element Wrapping Attacks and
 * Countermeasures (2005), and what was found against SAML and WS-Security since.
 */
describe('no wrapping of a signed message is taken', () => {
  const evil = '<c:SubmitDocument><c:channel>demo-soap</c:channel><c:document>evil</c:document></c:SubmitDocument>'
  const bodyOf = (text: string): string => /<e:Body.*<\/e:Body>/s.exec(text)?.[0] ?? ''
  const withBody = (text: string, body: string, header = ''): string => text.replace(bodyOf(text), () => body).replace('</e:Header>', () => `${header}</e:Header>`)
  const rename = (body: string, id: string): string => body.replace('wsu:Id="body"', `wsu:Id="${id}"`)
  const evilBody = (attributes: string): string => `<e:Body ${attributes}>${evil}</e:Body>`
  const original = (): string => signedMessage(partner)
  /** Signs SignedInfo again over other references, with whatever key an attacker has: to show that form alone is not what saves us. */
  const resigned = (text: string, change: (signedInfo: string) => string, keyed: TestCertificate = partner): string => {
    const signature = /<ds:SignedInfo.*<\/ds:SignedInfo>/s
    const changed = text.replace(signature, (found) => change(found))
    const root = readXml(changed)
    if (!root.ok) throw new Error(root.detail)
    const find = (node: typeof root.value): typeof root.value | undefined => (node.name === 'SignedInfo' ? node : node.children.map(find).find((found) => found !== undefined))
    const info = find(root.value)
    const canonical = canonicalise(changed, [{ line: info?.line ?? 0, column: info?.column ?? 0, inclusivePrefixes: [] }])
    const value = sign('sha256', Buffer.from(canonical.ok ? canonical.value[0] ?? '' : ''), keyed.privateKey).toString('base64')
    return changed.replace(/<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${value}`)
  }

  test('signing once more over the very same is taken, so that the others fail for what they change', async () => {
    expect(await call(resigned(original(), (info) => info))).toMatchObject({ status: 200 })
  })

  test.each<readonly [string, (text: string) => string]>([
    ['the body under a header that nobody must understand, another body of another id', (text) => withBody(text, evilBody('wsu:Id="other"'), `<w:Wrapper xmlns:w="urn:w">${bodyOf(text)}</w:Wrapper>`)],
    ['the body under such a header, another body without an id', (text) => withBody(text, evilBody(''), `<w:Wrapper xmlns:w="urn:w">${bodyOf(text)}</w:Wrapper>`)],
    ['the body under such a header, another body of the same id', (text) => withBody(text, evilBody('wsu:Id="body"'), `<w:Wrapper xmlns:w="urn:w">${bodyOf(text)}</w:Wrapper>`)],
    ['the same id first in the header, then in the body', (text) => text.replace('<e:Header>', () => `<e:Header><w:W xmlns:w="urn:w">${bodyOf(text)}</w:W>`).replace(/<e:Body wsu:Id="body">.*<\/e:Body><\/e:Envelope>$/s, () => `${evilBody('wsu:Id="body"')}</e:Envelope>`)],
    ['the same id as xml:id', (text) => withBody(text, evilBody('xml:id="body"'), `<w:W xmlns:w="urn:w">${bodyOf(text)}</w:W>`)],
    ['the same id without a namespace', (text) => withBody(text, evilBody('Id="body"'), `<w:W xmlns:w="urn:w">${bodyOf(text)}</w:W>`)],
    ['the same id in lower case', (text) => withBody(text, evilBody('id="body"'), `<w:W xmlns:w="urn:w">${bodyOf(text)}</w:W>`)],
    ['the body inside the other body', (text) => withBody(text, `<e:Body wsu:Id="other">${evil}${bodyOf(text)}</e:Body>`)],
    ['the body inside the other body\'s element', (text) => withBody(text, `<e:Body wsu:Id="other"><c:SubmitDocument><c:channel>demo-soap</c:channel><c:document>${bodyOf(text)}</c:document></c:SubmitDocument></e:Body>`)],
    ['the body inside the Security header', (text) => withBody(text, evilBody('')).replace('</wsse:Security>', () => `${bodyOf(text)}</wsse:Security>`)],
    ['the body inside an Object of the signature', (text) => withBody(text, evilBody('')).replace('</ds:Signature>', () => `<ds:Object>${bodyOf(text)}</ds:Object></ds:Signature>`)],
    ['the body inside a token', (text) => withBody(text, evilBody('')).replace('</wsse:BinarySecurityToken>', () => `${bodyOf(text)}</wsse:BinarySecurityToken>`)],
    ['the body inside the KeyInfo', (text) => withBody(text, evilBody('')).replace('</ds:KeyInfo>', () => `${bodyOf(text)}</ds:KeyInfo>`)],
    ['a second body behind', (text) => text.replace('</e:Envelope>', () => `${evilBody('')}</e:Envelope>`)],
    ['a second body before', (text) => text.replace('<e:Body', () => `${evilBody('')}<e:Body`)],
    ['a second element in the body', (text) => text.replace('</e:Body>', () => `${evil}</e:Body>`)],
    ['another envelope around it', (text) => `<e:Envelope xmlns:e="${envelope11}" xmlns:c="urn:chainhub:v1"><e:Header>${text}</e:Header>${evilBody('')}</e:Envelope>`],
    ['another envelope around it with its Security taken out', (text) => `<e:Envelope xmlns:e="${envelope11}" xmlns:c="urn:chainhub:v1" xmlns:wsse="${wsse}" xmlns:wsu="${wsu}"><e:Header>${/<wsse:Security.*<\/wsse:Security>/s.exec(text)?.[0] ?? ''}<w:W xmlns:w="urn:w">${bodyOf(text)}</w:W></e:Header>${evilBody('')}</e:Envelope>`],
    ['the Security header inside another one', (text) => text.replace(/<wsse:Security.*<\/wsse:Security>/s, (found) => security(found)).replace('000045', '000046')],
    ['the Security header for somebody else, and none for us', (text) => text.replace('e:mustUnderstand="1"', 'e:mustUnderstand="1" e:actor="urn:else"').replace('000045', '000046')],
    ['the Timestamp under a wrapper, a new one in its place', (text) => text.replace(/<wsu:Timestamp.*<\/wsu:Timestamp>/s, () => timestamp(instant(), instant(90_000)).replace('"ts"', '"ts2"')).replace('</e:Header>', () => `<w:W xmlns:w="urn:w">${/<wsu:Timestamp.*<\/wsu:Timestamp>/s.exec(text)?.[0] ?? ''}</w:W></e:Header>`)],
    ['a second Timestamp', (text) => text.replace('</wsse:Security>', () => `${timestamp().replace('"ts"', '"ts2"')}</wsse:Security>`)],
    ['a second Signature', (text) => text.replace('</wsse:Security>', () => `${/<ds:Signature .*<\/ds:Signature>/s.exec(text)?.[0] ?? ''}</wsse:Security>`)],
    ['the prefix of the body bound to something else', (text) => text.replace('<c:SubmitDocument>', '<c:SubmitDocument xmlns:c="urn:other">')],
    ['the prefix of the envelope bound anew at the body', (text) => text.replace('<e:Body', '<e:Body xmlns:c="urn:other"')],
    ['another SOAP version\'s namespace', (text) => text.replaceAll(envelope11, envelope12)],
    ['the id moved to the element in the body', (text) => withBody(text, `<e:Body>${evil.replace('<c:SubmitDocument', '<c:SubmitDocument wsu:Id="body"')}</e:Body>`)],
    ['the body of another id altogether', (text) => withBody(text, rename(bodyOf(text), 'other'))],
    ['a document type with an id of its own', (text) => `<!DOCTYPE e:Envelope [<!ATTLIST w id ID #IMPLIED>]>${text}`],
    ['a processing instruction in the body', (text) => text.replace('000045', '000045<?x?>')],
  ])('%s', async (_what, attack) => {
    const text = original()
    const attacked = attack(text)
    expect(attacked).not.toBe(text)
    const reply = await call(attacked)
    expect(reply.status).toBe(500)
    expect(taken()).toBe(0)
  })

  const body = /URI="#body"/
  test.each<readonly [string, (info: string) => string, string]>([
    ['the empty URI', (info) => info.replace(body, 'URI=""'), 'signature-unsupported'],
    ['no URI', (info) => info.replace(body, ''), 'signature-unsupported'],
    ['an outer address', (info) => info.replace(body, 'URI="http://127.0.0.1:9/evil"'), 'signature-unsupported'],
    ['a file', (info) => info.replace(body, 'URI="file:///etc/passwd"'), 'signature-unsupported'],
    ['a part by cid', (info) => info.replace(body, 'URI="cid:body"'), 'signature-unsupported'],
    ['an XPointer', (info) => info.replace(body, 'URI="#xpointer(id(\'body\'))"'), 'signature-unsupported'],
    ['an id that is not there', (info) => info.replace(body, 'URI="#nobody"'), 'signature-invalid'],
    ['one thing within another', (info) => info.replace(/URI="#ts"/, 'URI="#within"'), 'signature-unsupported'],
    ['the same id twice', (info) => info.replace(/URI="#ts"/, 'URI="#body"'), 'security-invalid'],
    ['an XPath transform', (info) => info.replace(/<ds:Transform Algorithm="[^"]*"\/>/, '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>true()</ds:XPath></ds:Transform>'), 'signature-unsupported'],
    ['an XPath filter', (info) => info.replace(/<ds:Transforms>/, '<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"/>'), 'signature-unsupported'],
    ['an XSLT transform', (info) => info.replace(/<ds:Transforms>/, '<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'), 'signature-unsupported'],
    ['a Base64 transform', (info) => info.replace(/<ds:Transforms>/, '<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"/>'), 'signature-unsupported'],
    ['no transform', (info) => info.replace(/<ds:Transforms>.*?<\/ds:Transforms>/s, ''), 'security-invalid'],
    ['inclusive canonicalisation', (info) => info.replace('http://www.w3.org/2001/10/xml-exc-c14n#', 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'), 'signature-unsupported'],
    ['comments in what is signed', (info) => info.replaceAll('http://www.w3.org/2001/10/xml-exc-c14n#', 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments'), 'signature-unsupported'],
    ['HMAC', (info) => info.replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'), 'signature-unsupported'],
    ['a shortened HMAC', (info) => info.replace(/<ds:SignatureMethod Algorithm="[^"]*"\/>/, '<ds:SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>'), 'signature-unsupported'],
    ['an elliptic curve named for an RSA key', (info) => info.replace('rsa-sha256', 'ecdsa-sha256'), 'signature-invalid'],
    ['a digest that is not known', (info) => info.replaceAll('http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmldsig-more#md5'), 'signature-unsupported'],
    ['two canonicalisations', (info) => info.replace(/(<ds:CanonicalizationMethod [^>]*>)/, '$1$1'), 'security-invalid'],
    ['a Manifest in the place of a reference', (info) => info.replaceAll('ds:Reference', 'ds:Manifest'), 'security-invalid'],
  ])('not even one that the partner signed itself: %s', async (_what, change, code) => {
    const reply = await call(resigned(signedMessage(partner, submit().replace('<o:ID', '<o:ID wsu:Id="within"')), change))
    expect(reply.status).toBe(500)
    if (code !== '') expect(reply.code).toBe(code)
    expect(taken()).toBe(0)
  })

  test('a public key is never a secret: HMAC under the certificate that everyone knows', async () => {
    const text = original().replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1')
    const info = /<ds:SignedInfo.*<\/ds:SignedInfo>/s.exec(text)?.[0] ?? ''
    for (const secret of [partner.pem, partner.der]) {
      const value = createHmac('sha1', secret).update(info.replace('<ds:SignedInfo', '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"')).digest('base64')
      expect((await call(text.replace(/<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${value}`))).code).toBe('signature-unsupported')
    }
  })

  test('a key that comes with the message is not used', async () => {
    const keyValue = '<ds:KeyValue xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:RSAKeyValue><ds:Modulus>AAAA</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>'
    expect((await call(signedMessage(stranger, submit(), { keyInfo: keyValue }))).code).toBe('security-unsupported')
    expect((await call(signedMessage(stranger, submit(), { keyInfo: keyInfos.token() + keyValue }))).code).toBe('security-unsupported')
    expect((await call(signedMessage(stranger, submit(), { keyInfo: keyInfos.issuerSerial(partner) }))).code).toBe('signature-invalid')
  })

  test('a comment changes nothing of what is read: the text is what was signed, whole', async () => {
    const text = signedMessage(partner, submit('000045.evil')).replace('000045.evil', '000045<!-- -->.evil')
    expect((await call(text)).status).toBe(200)
    expect(lastDocument()).toContain('000045.evil')
  })

  test('what is not signed is not read: the envelope may say what it likes around the body', async () => {
    const text = original().replace('<e:Header>', `<e:Header><w:W xmlns:w="urn:w">${evil}</w:W>`)
    expect((await call(text)).status).toBe(200)
    expect(lastDocument()).toContain('000045')
  })

  test('the other root of an elliptic signature is no new message', async () => {
    const text = signedMessage(partnerEc)
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    expect((await call(text)).status).toBe(200)
    const twin = text.replace(/<ds:SignatureValue>([^<]*)/, (_all, value: string) => {
      const bytes = Buffer.from(value, 'base64')
      const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
      return `<ds:SignatureValue>${Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]).toString('base64')}`
    })
    expect(twin).not.toBe(text)
    expect((await call(twin)).code).toBe('security-replayed')
  })
})
