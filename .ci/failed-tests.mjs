// node .ci/failed-tests.mjs REPORT.json: each failed test of a vitest run with the beginning of what it said, so that the end of a long log is enough to know.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const { testResults } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const beginning = (message) => message.split('\n').slice(0, 12).join('\n    ').slice(0, 1500)
for (const file of testResults) {
  const path = relative(process.cwd(), file.name)
  const failed = file.assertionResults.filter(({ status }) => status === 'failed')
  for (const { fullName, failureMessages } of failed) console.log(`  ${path} > ${fullName}\n    ${failureMessages.map(beginning).join('\n    ')}`)
  if (file.status === 'failed' && failed.length === 0) console.log(`  ${path}\n    ${beginning(file.message)}`)
}
