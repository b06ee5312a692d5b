import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { adminKey, makeDataFolder, startHub, type RunningHub } from '../fixtures/hub.js'

const executablePath = '/usr/bin/chromium'
const installed = existsSync(executablePath)
if (!installed) console.warn('SKIPPED: the page at / in a browser, because there is no /usr/bin/chromium here; CI installs it.')

describe.runIf(installed)('the page at /', () => {
  let folder: Awaited<ReturnType<typeof makeDataFolder>>
  let hub: RunningHub
  let browser: Browser
  let page: Page
  const faults: string[] = []
  beforeAll(async () => {
    folder = await makeDataFolder()
    hub = await startHub({ dataFolder: folder.path })
    for (const name of ['order', 'invoice']) await hub.send('demo-ubl', await readFile(projectFolder('mappings', 'ubl', 'samples', `${name}.xml`)), { query: '?wait=crm,warehouse&timeoutMs=20000' })
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
    page = await browser.newPage()
    page.on('pageerror', ({ message }) => { faults.push(message) })
    page.on('console', (message) => { if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text()) })
    // By the request, since the browser's own words of a refusal may come when the next test runs.
    page.on('response', (answer) => { if (answer.status() >= 400 && answer.request().headers()['authorization'] !== 'Bearer wrong') faults.push(`${answer.status()} ${answer.url()}`) })
    await page.goto(hub.url)
  })
  afterAll(async () => {
    await browser.close()
    await hub.end('SIGTERM')
    await folder.remove()
  })

  it('says that a key is wrong and shows nothing', async () => {
    await page.fill('#key', 'wrong')
    await page.click('form button')
    await page.waitForFunction(() => document.querySelector('#problem')?.textContent !== '')
    expect(await page.textContent('#problem')).toContain('The key is not known')
    expect(await page.isVisible('#found')).toBe(false)
    expect(faults).toEqual([])
  })

  it('leads with the key from the numbers to the message, and from an order to its thread', async () => {
    await page.fill('#key', adminKey)
    await page.click('form button')
    await page.waitForSelector('#sales tbody td.number')
    expect(await page.textContent('#sales tbody')).toContain('1186')
    await page.click('#sales button.link')
    await page.waitForSelector('#detail:not([hidden])')
    expect(await page.textContent('#tables')).toContain('0090004711')
    await page.click('#messages tbody tr:last-child td:last-child button.link')
    await page.waitForFunction(() => document.querySelector('#title')?.textContent.startsWith('Thread'))
    expect(await page.textContent('#tables')).toContain('嵌入式调光开关')
    expect(faults).toEqual([])
  })

  it('describes the API at /docs', async () => {
    await page.goto(`${hub.url}/docs`)
    await page.waitForSelector('#operations-messages-sendMessage')
    expect(faults).toEqual([])
  })
})
