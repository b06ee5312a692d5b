import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { runningFolder, runningModule } from '../schemas/project-folder.js'
import type { Connector } from './contract.js'

/**
 * Every connector that has a folder in connectors/, by name. Runs from the sources and built. Throws when a folder's
 * connector.ts exports no `connector` named as the folder: that is a bug of the program and no state of the world.
 */
export const findConnectors = async (): Promise<readonly Connector[]> => {
  const entries = await readdir(runningFolder('connectors'), { withFileTypes: true })
  const fileOf = (name: string): string => runningModule('connectors', name, 'connector')
  const names = entries.filter((entry) => entry.isDirectory() && existsSync(fileOf(entry.name))).map(({ name }) => name)
  return Promise.all(names.sort().map((name) => importConnector(name, pathToFileURL(fileOf(name)))))
}

const importConnector = async (name: string, address: URL): Promise<Connector> => {
  const module: unknown = await import(address.href)
  const connector = isObject(module) ? module['connector'] : undefined
  if (!isConnector(connector) || connector.name !== name) throw new Error(`connectors/${name}/connector.ts exports no connector of the name ${name}.`)
  return connector
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

const isConnector = (value: unknown): value is Connector => isObject(value) && typeof value['name'] === 'string' && typeof value['routes'] === 'function'
