/**
 * Canonical names of the identifier schemes that many systems share, by the spellings met in documents: scheme names, ISO 6523 ICD codes,
 * EAS codes of Peppol, GS1's agency code. A scheme that is not listed keeps the sender's spelling.
 */
const canonicalNames: ReadonlyMap<string, string> = new Map(Object.entries({
  'gln': 'gln', '0088': 'gln', 'ean': 'gln', 'ean.ucc': 'gln', 'iso6523:0088': 'gln',
  'gtin': 'gtin', '0160': 'gtin', 'ean13': 'gtin', 'upc': 'gtin',
  'duns': 'duns', 'd-u-n-s': 'duns', '0060': 'duns', 'dun': 'duns', '0062': 'duns',
  'lei': 'lei', '0199': 'lei',
  'sscc': 'sscc',
  'vat': 'vat', 'va': 'vat', 'vatid': 'vat', 'uscc': 'uscc',
}))

/** EAS codes 9901–9957 are national VAT numbers for the most part; these are the ones that are. */
const vatIcd = /^99(1[0-24-9]|2[0-9]|3[0-8]|4[0-9]|5[0-37])$/

/** The canonical name of a scheme as a document spells it, with or without the agency that keeps it; undefined when none is given. */
export const canonicalScheme = (scheme: string | undefined, agency?: string): string | undefined => {
  if (scheme === undefined || scheme === '') return agency === '9' ? 'gln' : undefined
  const known = canonicalNames.get(scheme)
  if (known !== undefined) return known
  const spelled = scheme.toLowerCase()
  return canonicalNames.get(spelled) ?? (/^[a-z]{2}:vat$/.test(spelled) || vatIcd.test(spelled) ? 'vat' : scheme)
}

/** Schemes whose values name the same party in whatever system they stand: who shares one is one party. */
const globalSchemes = new Set(['gln', 'vat', 'duns', 'lei', 'uscc'])

/** Values that people type when they have none: one repeated digit, or the counting row. */
const placeholder = /^(.)\1*$|^0?1234567890/

/**
 * What two records that mean the same party by this identifier have in common (`gln:5790000000012`), or undefined when the scheme is one
 * system's own or the value is a placeholder. Tax numbers compare without spaces, points and hyphens, and case-blind.
 */
export const matchKeyOf = (identifier: { readonly scheme?: string, readonly value: string }): string | undefined => {
  if (identifier.scheme === undefined || !globalSchemes.has(identifier.scheme)) return undefined
  const value = identifier.value.replace(/[\s.\-/]/g, '').toUpperCase()
  const bare = value.replace(/^[A-Z]{2}/, '')
  if (bare.length < 5 || placeholder.test(bare)) return undefined
  return `${identifier.scheme}:${value}`
}
