import { projectFolder } from '../../schemas/project-folder.js'
import type { Database } from '../ops/database.js'
import { migrate } from '../ops/migrate.js'

/** Brings the customer-relationship database to its newest form. `schema` is the one in which `database` looks names up: `crm`, or `crm_next` while it is rebuilt. */
export const migrateCrm = (database: Database, schema: string): Promise<void> => migrate(database, schema, projectFolder('hub', 'crm', 'migrations'))
