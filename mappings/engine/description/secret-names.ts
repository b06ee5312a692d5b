import { resolveType, type Description, type Member, type TypeUse } from './description.js'

/** The names of the elements, and with an `@` of the attributes, that a description marks secret, wherever they stand. */
export const secretNamesOf = (description: Description): readonly string[] => {
  const names = new Set<string>()
  const visit = (use: TypeUse): void => {
    if (use.form === 'named') return
    for (const attribute of use.attributes) add(attribute, '@')
    if (use.form === 'tree') for (const member of use.members) for (const one of member.form === 'choice' ? member.members : [member]) add(one, '')
  }
  const add = ({ name, type }: Member, mark: string): void => {
    const meant = resolveType(description, type)
    if (meant.form === 'value' ? meant.secret : isSecretText(description, meant.text?.type)) names.add(`${mark}${name}`)
    visit(type)
  }
  for (const type of [...description.types.values(), ...[...description.documents.values()].map((document) => document.type)]) visit(type)
  return [...names]
}

const isSecretText = (description: Description, use: TypeUse | undefined): boolean => {
  const type = use === undefined ? undefined : resolveType(description, use)
  return type?.form === 'value' && type.secret
}
