/**
 * What a process of the hub does. `intake` takes messages in, `followers` keeps the CRM database and the warehouse up to date, `deliveries` sends to partners,
 * `relay` brings the journal to Kafka, `web` answers everybody who asks: views, cubes, the message browser, operators.
 */
export const processRoles = ['intake', 'followers', 'deliveries', 'relay', 'web'] as const
export type ProcessRole = (typeof processRoles)[number]

/** Whether a process with these roles is a whole hub. */
export const hasAllRoles = (roles: readonly ProcessRole[]): boolean => processRoles.every((role) => roles.includes(role))
