import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chooseAccount, findAccount, type PostgresAccount } from '../../../hub/ops/postgres-account.js'
import { type BinariesSource, findBinariesSource, prepareBinaries } from '../../../hub/ops/postgres-binaries.js'

const isRoot = process.getuid?.() === 0
let folder: string
let account: PostgresAccount | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chainhub-binaries-'))
  chmodSync(folder, 0o755)
  const found = await findAccount(join(folder, 'none'))
  if (!found.ok) throw new Error(found.detail)
  account = found.value
})

afterEach(() => { rmSync(folder, { recursive: true, force: true }) })

/** The package's folder as npm unpacks it before, or without, its install script: no links. */
const unpacked = async (): Promise<BinariesSource> => {
  const source = await findBinariesSource()
  if (!source.ok) throw new Error(source.detail)
  const nativeFolder = join(folder, 'package', 'native')
  cpSync(source.value.nativeFolder, nativeFolder, { recursive: true, filter: path => !lstatSync(path).isSymbolicLink() })
  return { nativeFolder, name: source.value.name }
}

const links = (native: string) => (JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { target: string }[]).map(link => join(native, link.target.replace('native/', '')))

describe('the binaries of PostgreSQL', () => {
  it('run where the package lies, and its libraries are linked when its install script has not run', async () => {
    const source = await unpacked()
    expect(links(source.nativeFolder).some(existsSync)).toBe(false)
    const prepared = await prepareBinaries(source, account, [])
    expect(prepared).toEqual({ ok: true, value: { postgres: join(source.nativeFolder, 'bin', 'postgres'), initdb: join(source.nativeFolder, 'bin', 'initdb') } })
    expect(links(source.nativeFolder).every(existsSync)).toBe(true)
  })

  it('are copied once, linked and executable, when their execute bits are gone; the package keeps its permissions', async () => {
    const source = await unpacked()
    for (const name of readdirSync(join(source.nativeFolder, 'bin'))) chmodSync(join(source.nativeFolder, 'bin', name), 0o644)
    const parent = join(folder, 'copies')
    const first = await prepareBinaries(source, account, [parent])
    const postgres = join(parent, source.name, 'bin', 'postgres')
    expect(first).toMatchObject({ ok: true, value: { postgres } })
    expect(statSync(join(source.nativeFolder, 'bin', 'postgres')).mode & 0o777).toBe(0o644)
    expect(links(join(parent, source.name)).every(existsSync)).toBe(true)
    const copiedAt = statSync(postgres).ctimeMs
    expect((await prepareBinaries(source, account, [parent])).ok).toBe(true)
    expect(statSync(postgres).ctimeMs).toBe(copiedAt)
    expect(readdirSync(parent)).toEqual([source.name])
  })

  it.skipIf(!isRoot)('are copied for root out of a clone that only root can enter, by several hubs at once', async () => {
    const source = await unpacked()
    chmodSync(join(folder, 'package'), 0o700)
    const parent = join(folder, 'copies')
    const prepared = await Promise.all([1, 2, 3].map(() => prepareBinaries(source, account, [parent])))
    expect(prepared.every(result => result.ok)).toBe(true)
    expect(readdirSync(parent)).toEqual([source.name])
    expect(statSync(join(folder, 'package')).mode & 0o777).toBe(0o700)
    expect([statSync(join(parent, source.name)).uid, statSync(join(parent, source.name)).mode & 0o777]).toEqual([0, 0o755])
  })

  it.skipIf(!isRoot)('are never run from a folder that somebody else made ready or can write to', async () => {
    const source = await unpacked()
    chmodSync(join(folder, 'package'), 0o700)
    const [foreign, open, below] = [join(folder, 'foreign'), join(folder, 'open'), join(folder, 'open', 'below')]
    mkdirSync(foreign)
    chownSync(foreign, 65_534, 65_534)
    mkdirSync(open)
    chmodSync(open, 0o777)
    expect(await prepareBinaries(source, account, [foreign, open, below])).toMatchObject({ ok: false, code: 'database-unavailable' })
    const good = join(folder, 'good')
    mkdirSync(join(good, source.name), { recursive: true })
    chownSync(join(good, source.name), 65_534, 65_534)
    writeFileSync(join(good, source.name, 'bait'), '')
    expect(await prepareBinaries(source, account, [good])).toMatchObject({ ok: false, code: 'database-unavailable' })
    expect(await prepareBinaries(source, account, [foreign, join(folder, 'fallback')])).toMatchObject({ ok: true, value: { postgres: join(folder, 'fallback', source.name, 'bin', 'postgres') } })
  })
})

describe('the account that PostgreSQL runs as', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\npostgres:x:101:104::/:/bin/sh\nanna:x:1000:1000::/:/bin/sh\nbroken line\n'

  it('is the own one of an ordinary user', () => {
    expect(chooseAccount(1000, undefined, passwd)).toEqual({ ok: true, value: undefined })
  })

  it('is for root the owner of the cluster, else postgres, else nobody, and never another root', () => {
    expect(chooseAccount(0, 1000, passwd)).toEqual({ ok: true, value: { name: 'anna', uid: 1000, gid: 1000 } })
    expect(chooseAccount(0, 0, passwd)).toEqual({ ok: true, value: { name: 'postgres', uid: 101, gid: 104 } })
    expect(chooseAccount(0, undefined, passwd.replace('postgres:', 'mysql:'))).toEqual({ ok: true, value: { name: 'nobody', uid: 65534, gid: 65534 } })
    expect(chooseAccount(0, undefined, 'root:x:0:0:root:/root:/bin/sh\n')).toMatchObject({ ok: false, code: 'database-unavailable' })
  })
})
