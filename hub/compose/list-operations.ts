import { describeCubes } from '../../warehouse/open-warehouse.js'
import { cubeQuerySchema, drillQuerySchema } from '../../warehouse/query/cube-query.js'
import { documentsByIds } from '../central/documents.js'
import { cubeOperations } from '../http/cube-operations.js'
import { documentOperations } from '../http/document-operations.js'
import { internalOperations } from '../http/internal-operations.js'
import { jobOperations } from '../http/job-operations.js'
import { messageOperations } from '../http/message-operations.js'
import type { Operation } from '../http/operation.js'
import { operatorOperations } from '../http/operator-operations.js'
import { parkedOperations } from '../http/parked-operations.js'
import { replayOperations } from '../http/replay-operations.js'
import { schemaOperations } from '../http/schema-operations.js'
import { schemaSetOperations } from '../http/schema-set-operations.js'
import { viewOperations } from '../http/view-operations.js'
import { watchOperations } from '../http/watch-operations.js'
import type { ProcessRole } from '../process-roles.js'
import type { Joined } from './join-followers.js'
import { makeOperator } from './make-operator.js'
import { makeParked } from './make-parked.js'
import { makeViews } from './make-views.js'
import { makeWatch } from './make-watch.js'
import type { Core } from './open-core.js'
import { orNotFound } from './or-not-found.js'
import { serveProcesses } from './serve-processes.js'
import type { Intake } from './start-intake.js'

/** What this process answers: how it is, always; to people and systems in the role `web`; to the hub's other processes where it keeps followers. */
export const listOperations = (core: Core, roles: readonly ProcessRole[], joined: Joined, intake: Intake | undefined): readonly Operation[] => [
  ...(roles.includes('web') && intake !== undefined ? webOperations(core, joined, intake) : []),
  ...watchOperations(makeWatch(core, roles, joined)),
  ...(roles.includes('followers') ? internalOperations(serveProcesses(joined.followers.kept, joined.own)) : []),
]

const webOperations = (core: Core, { followers, services }: Joined, intake: Intake): readonly Operation[] => [
  ...messageOperations(intake.messages),
  ...replayOperations(intake.replays),
  ...jobOperations(intake.jobs),
  ...documentOperations({ document: async (id) => orNotFound((await documentsByIds(core.central, [id]))[0], 'document', id) }),
  ...viewOperations(makeViews(core.central, core.crm, followers)),
  ...cubeOperations({ cubes: async () => ({ items: await describeCubes() }), schemas: { query: cubeQuerySchema, drill: drillQuerySchema }, query: services.query, drill: services.drill }),
  ...schemaOperations,
  ...schemaSetOperations(intake.schemaSets),
  ...operatorOperations(makeOperator(core, services)),
  ...parkedOperations(makeParked(core, followers, services)),
]
