import { describe, expect, it } from 'vitest'
import { knownName } from '../../schemas/known-names.js'
import { readXml } from '../../schemas/xml-reader.js'

describe('names that are known', () => {
  it('are the names that documents bring, letter for letter', () => {
    for (const name of ['LineItem', '行', 'constructor', '__proto__', '0', '']) expect(knownName(name)).toBe(name)
  })
  it('change nothing of what a document is read as', () => {
    const text = '<p:Order xmlns:p="urn:a" xmlns="urn:b"><Line p:no="1">x</Line><p:Other/></p:Order>'
    const before = readXml(text)
    for (const name of ['Order', 'Line', 'no', 'urn:a', 'urn:b']) knownName(name)
    expect(readXml(text)).toEqual(before)
  })
})
