// Production 2 of XML 1.0, turned round: a surrogate matches only where its other half is missing.
const noCharacter = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

/** The text with U+FFFD for each character that XML 1.0 does not have. */
export const replaceNonXml = (text: string): string => text.replace(noCharacter, '\ufffd')
