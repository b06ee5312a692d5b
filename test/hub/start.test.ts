import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { adminKey, makeDataFolder, startHub, tryStartHub, type RunningHub } from '../fixtures/hub.js'

const order = () => readFile(projectFolder('mappings', 'ubl', 'samples', 'order.xml'))

describe('a hub started as a user starts it', () => {
  let folder: Awaited<ReturnType<typeof makeDataFolder>>
  let hub: RunningHub
  beforeAll(async () => {
    folder = await makeDataFolder()
    hub = await startHub({ dataFolder: folder.path })
  })
  afterAll(async () => {
    await hub.end('SIGKILL')
    const last = await tryStartHub({ dataFolder: folder.path })
    if ('url' in last) await last.end('SIGTERM')
    await folder.remove()
  })

  it('says where to look, and never prints a key that it was given', () => {
    expect(hub.printed).toContain(`look here  ${hub.url}/`)
    expect(hub.printed).not.toContain(adminKey)
  })

  it('leaves its address and an operator key under the data folder, for its owner alone', async () => {
    const file = join(folder.path, 'hub.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ url: hub.url, pid: hub.pid })
  })

  it('refuses a second hub on the same data with exit code 3, and goes on itself', async () => {
    const second = await tryStartHub({ dataFolder: folder.path })
    expect(second).toMatchObject({ code: 3 })
    expect((await hub.request('GET', '/health/ready')).status).toBe(200)
  })

  it('starts again over what a killed hub left behind, with all that was acknowledged', async () => {
    const { answer } = await hub.send('demo-ubl', await order())
    await hub.end('SIGKILL')
    hub = await startHub({ dataFolder: folder.path })
    expect(await hub.json('GET', `/messages/${answer.messageId}`)).toMatchObject({ messageId: answer.messageId, outcome: 'accepted' })
    const repeated = await hub.send('demo-ubl', await order())
    expect(repeated.answer).toMatchObject({ outcome: 'duplicate', messageId: answer.messageId })
  })

  it('ends at Ctrl-C with code 0 and leaves neither a process nor hub.json', async () => {
    const server = Number((await readFile(join(folder.path, 'postgres', 'server', 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0])
    expect(await hub.end('SIGINT')).toBe(0)
    expect(() => process.kill(server, 0)).toThrow('ESRCH')
    await expect(stat(join(folder.path, 'hub.json'))).rejects.toThrow('ENOENT')
    hub = await startHub({ dataFolder: folder.path })
  })
})

describe('a start that cannot succeed', () => {
  it.each([
    ['a wrong port', ['--port', 'http'], {}, 2, '--port'],
    ['an unknown flag', ['--colour'], {}, 2, '--colour'],
    ['a database that does not answer', [], { CHAINHUB_CENTRAL_URL: 'postgres://nobody@127.0.0.1:1/none', CHAINHUB_CRM_URL: 'postgres://nobody@127.0.0.1:1/none' }, 3, 'ECONNREFUSED'],
    ['a configuration file that is not there', ['--config', 'no-such-file.yaml'], {}, 2, 'no-such-file.yaml'],
  ])('says so for %s', async (_name, args, environment, code, words) => {
    const folder = await makeDataFolder()
    const failed = await tryStartHub({ dataFolder: folder.path, args, environment })
    expect(failed).toMatchObject({ code, printed: expect.stringContaining(words) as string })
    await folder.remove()
  })
})
