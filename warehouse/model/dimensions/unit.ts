import { textLevel, type Dimension } from '../dimension.js'

/** Units of quantities: the canonical code where there is one, else what was sent. */
export const unit: Dimension = {
  name: 'unit',
  title: 'Unit',
  type: 'varchar',
  levels: { '': textLevel('Unit, UN/ECE Recommendation 20', 'C62') },
  hierarchies: [],
  store: (text) => text,
}
