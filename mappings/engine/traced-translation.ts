import type { Translation } from './format.js'

type Places = Pick<Translation, 'lineage' | 'objects'>

/** A class for its getters: as members of an object they would give every translation a shape of its own, which costs more than reading the document. */
class TracedTranslation implements Translation {
  readonly documents: Translation['documents']
  readonly test: boolean
  readonly issues: Translation['issues']
  readonly #places: () => Places

  constructor({ documents, test, issues }: Omit<Translation, keyof Places>, places: () => Places) {
    this.documents = documents
    this.test = test
    this.issues = issues
    this.#places = places
  }

  get lineage(): Translation['lineage'] { return this.#places().lineage }
  get objects(): Translation['objects'] { return this.#places().objects }
}

/** A translation whose lineage is put into words when it is first looked at. */
export const tracedTranslation = (translation: Omit<Translation, keyof Places>, places: () => Places): Translation => new TracedTranslation(translation, places)
