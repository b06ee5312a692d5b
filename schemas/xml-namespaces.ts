import { sameName } from './known-names.js'
import { writtenName, type WrittenName } from './written-names.js'
import { isNcName, xmlNamespace, xmlnsNamespace } from './xml-names.js'

/** A name as written, taken apart. */
interface ResolvedName {
  readonly prefix: string
  readonly local: string
  namespace: string
  scope: number
}

/** What a prefix stands for, and the depth of the element that says so. */
interface Binding {
  uri: string | undefined
  depth: number
}

interface Shadowed {
  readonly binding: Binding
  readonly before: Readonly<Binding>
  readonly scope: number
  readonly depth: number
}

/**
 * The namespace declarations in force while a document is read, and the names resolved under them. Every step takes the same
 * time however many declarations are in force: what a declaration hides is kept and put back when its element closes.
 * `refuse` is called with the reason when a clause of Namespaces in XML 1.0 is broken, and doesn't return. `checkName` sees
 * each name and each prefix once, before anything is done with it; `checkDeclared` sees each namespace that is declared, and how many declarations are open.
 */
export const makeXmlNamespaces = (refuse: (reason: string) => never, checkName: (name: string) => void, checkDeclared: (uri: string, open: number) => void) => {
  const bindings = new Map<string, Binding>([['xml', { uri: xmlNamespace, depth: unbound }]])
  const shadowed: Shadowed[] = []
  const elements = new Map<string, ResolvedName>()
  const attributes = new Map<string, ResolvedName>()
  let scope = 0
  let scopes = 0

  const namespaceOf = (prefix: string): string => {
    const uri = bindings.get(prefix)?.uri
    if (uri !== undefined) return uri
    return prefix === '' ? '' : refuse(`The prefix ${prefix} is not bound to a namespace.`)
  }
  const name = (names: Map<string, ResolvedName>, written: string, defaulted: boolean): ResolvedName => {
    let known = names.get(written)
    if (known === undefined) {
      checkName(written)
      known = split(written, refuse)
      names.set(written, known)
    }
    if (known.scope !== scope) {
      known.namespace = known.prefix === '' && !defaulted ? '' : namespaceOf(known.prefix)
      known.scope = scope
    }
    return known
  }

  return {
    /** Binds a prefix ('' for the default namespace) until the element at `depth` closes. */
    declare: (prefix: string, uri: string, depth: number): void => {
      let binding = bindings.get(prefix)
      if (binding === undefined) {
        checkName(prefix)
        if (prefix !== '' && !isNcName(prefix)) refuse(`The prefix ${prefix} is not a name.`)
        binding = { uri: undefined, depth: unbound }
        bindings.set(prefix, binding)
      } else if (binding.depth === depth && depth > around) refuse(`The attribute ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`} stands twice in one element.`)
      checkDeclaration(prefix, uri, refuse)
      checkDeclared(uri, shadowed.length + 1)
      shadowed.push({ binding, before: { uri: binding.uri, depth: binding.depth }, scope, depth })
      binding.uri = sameName(uri)
      binding.depth = depth
      scope = ++scopes
    },
    /** Puts back what the element at `depth` had declared otherwise. */
    leave: (depth: number): void => {
      for (let last = shadowed.at(-1); last?.depth === depth; last = shadowed.at(-1)) {
        last.binding.uri = last.before.uri
        last.binding.depth = last.before.depth
        scope = last.scope
        shadowed.pop()
      }
    },
    element: (written: string): ResolvedName => name(elements, written, true),
    attribute: (written: string): ResolvedName => name(attributes, written, false),
  }
}

const unresolved = -1
const unbound = -1
/** The depth of what was declared around the text, where one declaration may hide another. */
const around = 0

const split = (written: string, refuse: (reason: string) => never): ResolvedName => {
  const name = writtenName(written)
  const parts = name?.parts ?? partsOf(name?.text ?? written, refuse)
  if (name !== undefined) name.parts = parts
  return { prefix: parts.prefix, local: sameName(parts.local), namespace: '', scope: unresolved }
}

const partsOf = (written: string, refuse: (reason: string) => never): NonNullable<WrittenName['parts']> => {
  const colon = written.indexOf(':')
  if (colon === -1) return isNcName(written) ? { prefix: '', local: written } : refuse(`${written} is not a name.`)
  const prefix = written.slice(0, colon)
  const local = written.slice(colon + 1)
  if (!isNcName(prefix) || !isNcName(local)) refuse(`The name ${written} is not a prefix, a colon and a name.`)
  if (prefix === 'xmlns') refuse('The prefix xmlns may stand in no name but a declaration.')
  return { prefix, local }
}

/** Namespaces in XML 1.0, section 3 (reserved prefixes) and section 5 (a prefix can't be unbound). */
const checkDeclaration = (prefix: string, uri: string, refuse: (reason: string) => never): void => {
  if (prefix !== '' && uri === '') refuse(`The prefix ${prefix} is bound to no namespace.`)
  if (prefix === 'xmlns') refuse('The prefix xmlns may not be declared.')
  if (uri === xmlnsNamespace) refuse(`The namespace ${xmlnsNamespace} may not be declared.`)
  if ((prefix === 'xml') !== (uri === xmlNamespace)) refuse(`The prefix xml and the namespace ${xmlNamespace} belong to each other alone.`)
}
