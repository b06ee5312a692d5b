import { readFile, stat } from 'node:fs/promises'
import { fail, ok, type Result } from '../../schemas/result.js'

/** The unprivileged account that PostgreSQL runs as when the hub runs as root. */
export interface PostgresAccount {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

const preferredNames = ['postgres', 'nobody', 'daemon']

const readAccounts = (passwd: string): readonly PostgresAccount[] =>
  passwd.split('\n').flatMap(line => {
    const [name, , uid, gid] = line.split(':')
    return name === undefined || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '') ? [] : [{ name, uid: Number(uid), gid: Number(gid) }]
  }).filter(account => account.uid !== 0)

/**
 * Who PostgreSQL runs as: undefined is the hub's own account. Root, which PostgreSQL refuses, gets the account that
 * already owns the cluster (`ownerUid`), else the first of postgres, nobody and daemon in the text of /etc/passwd.
 */
export const chooseAccount = (hubUid: number, ownerUid: number | undefined, passwd: string): Result<PostgresAccount | undefined> => {
  if (hubUid !== 0) return ok(undefined)
  const accounts = readAccounts(passwd)
  const chosen = accounts.find(account => account.uid === ownerUid)
    ?? preferredNames.map(name => accounts.find(account => account.name === name)).find(account => account !== undefined)
  return chosen === undefined
    ? fail('database-unavailable', 'postgres', 'PostgreSQL refuses to run as root and /etc/passwd has no account postgres, nobody or daemon to run it as. Add one, or run the hub as an ordinary user.')
    : ok(chosen)
}

/** As `chooseAccount`, for this process and the cluster in `clusterFolder`, which need not exist. */
export const findAccount = async (clusterFolder: string): Promise<Result<PostgresAccount | undefined>> => {
  const hubUid = process.getuid?.() ?? -1
  if (hubUid !== 0) return ok(undefined)
  const owner = await stat(clusterFolder).catch(() => undefined)
  return chooseAccount(hubUid, owner?.uid, await readFile('/etc/passwd', 'utf8').catch(() => ''))
}
