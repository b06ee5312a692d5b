/** How the files begin that people send where a document is wanted. */
const signatures: readonly (readonly [start: string, is: string])[] = [
  ['504b0304', 'is a ZIP archive, or an Excel or Word file'], ['255044462d', 'is a PDF'], ['89504e47', 'is a PNG image'], ['ffd8ff', 'is a JPEG image'], ['47494638', 'is a GIF image'],
  ['d0cf11e0', 'is an Excel or Word file'], ['425a68', 'is compressed by bzip2'], ['28b52ffd', 'is compressed by zstd'], ['fd377a585a', 'is compressed by xz'], ['377abcaf', 'is a 7-Zip archive'],
  ['7f454c46', 'is a program'], ['4d5a90', 'is a program'], ['3082', 'is signed or encrypted (DER)'],
]

const longestSignature = 8

/** What bytes are that no encoding makes a document of, as the end of a sentence; undefined where they may be text. */
export const binarySyntax = (bytes: Uint8Array): string | undefined => {
  const start = Buffer.from(bytes.subarray(0, longestSignature)).toString('hex')
  return signatures.find(([signature]) => start.startsWith(signature))?.[1]
}

/** How text begins that is in another language of the trade. */
const languages: readonly (readonly [start: RegExp, is: string])[] = [
  [/^(?:UNA.{6}\s*)?UN[BG][+\x1d]/s, 'is a UN/EDIFACT interchange'], [/^ISA[^A-Za-z0-9]/, 'is an X12 interchange'], [/^EDI_DC40?\b/, 'is a flat IDoc'], [/^STX=/, 'is a TRADACOMS transmission'],
  [/^-----BEGIN /, 'is signed or encrypted (PEM)'], [/^(?:PD94|PHht|PFNP|PE9y|eyJ|ew[o0])[A-Za-z0-9+/\r\n]+=*\s*$/, 'is Base64'], [/^[A-Za-z_][\w.%-]*=[^\r\n<>]*$/, 'is a form (application/x-www-form-urlencoded)'],
  [/^[^\r\n;,\t|]+([;,\t|])[^\r\n]*\r?\n[^\r\n]*\1/, 'looks like CSV'], [/^(?:---|[A-Za-z_][\w-]*:(?: |\r?\n))/, 'looks like YAML'],
]

/** As much as is looked at; the expressions take time by its length alone. */
const lookedAt = 1000
const quoted = 20

/** What a text is that is neither XML nor JSON, and how it begins, as the end of a sentence. */
export const textSyntax = (text: string): string => {
  const start = text.slice(0, lookedAt).trimStart()
  const begins = `begins with ${JSON.stringify(start.slice(0, quoted))}`
  const known = languages.find(([pattern]) => pattern.test(start))?.[1]
  return known === undefined ? begins : `${known} (it ${begins})`
}
