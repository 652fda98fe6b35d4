import { availableParallelism } from 'node:os'
import { warningsOfConfig } from '../cli/announce.ts'
import type { Io } from '../cli/io.ts'
import { printable, printJson } from '../cli/print.ts'
import { readFile } from '../cli/read-file.ts'
import type { Config } from '../config/config.ts'
import { readConfig, readStorageConfig } from '../config/read-config.ts'
import { readProfile } from '../fapi2/read-profile.ts'
import { loadHooks } from '../hooks.ts'
import { algorithmsOfSettings } from '../resource-algorithms.ts'
import { StartRefused } from '../start-refused.ts'
import { workerCount } from '../workers/worker-count.ts'
import type { Finding } from './finding.ts'
import { lookAtClientsFile } from './look-at-clients-file.ts'
import { lookAtFapi2 } from './look-at-fapi2.ts'
import { lookAtMutualTls } from './look-at-mutual-tls.ts'
import { lookAtSealedSecrets } from './look-at-sealed-secrets.ts'
import { lookAtSigning } from './look-at-signing.ts'
import { lookAtStorage } from './look-at-storage.ts'
import { lookAtTls } from './look-at-tls.ts'
import { lookAtWorkers } from './look-at-workers.ts'

/** What `latchkey doctor` may be told. */
export interface DoctorOptions {
  readonly json?: boolean
}

/**
 * `latchkey doctor`: looks at all that serving takes, goes on where something is wrong, and says what to do about it.
 *
 * @returns whether nothing is wrong.
 */
export async function doctorCommand({ json }: DoctorOptions, io: Io): Promise<boolean> {
  const findings = await look(io)
  const ok = findings.every(({ status }) => status !== 'wrong')
  if (json === true) printJson(io, { ok, checks: findings.map((finding) => ({ ...finding })) })
  else for (const finding of findings) io.stdout.write(textOf(finding))
  return ok
}

async function look({ environment, directory }: Io): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const config = await orProblems(async () => readConfig(environment, readFile), findings)
  if (config !== undefined) {
    findings.push(...lookAtConfig(config))
    await orProblems(() => loadHooks(config.hooks, directory), findings)
  }
  // What is wrong with these settings was told above.
  const storage = config ?? (await orProblems(async () => readStorageConfig(environment, readFile), []))
  if (storage?.clientsFile !== undefined) {
    const known = config && { algorithms: algorithmsOfSettings(config.signing), mutualTls: config.mutualTls }
    findings.push(...lookAtClientsFile(storage.clientsFile, readFile, known))
  }
  if (storage !== undefined)
    findings.push(
      ...(await lookAtStorage(storage, {
        directory,
        hasClientsFile: storage.clientsFile !== undefined,
        autoMigrate: config?.autoMigrate === true,
        workers: workerCount(config?.workers ?? 1),
      })),
    )
  if (config !== undefined) {
    findings.push(...(await lookAtSigning(config, directory)))
    findings.push(...(await lookAtSealedSecrets(config, directory, readFile)))
  }
  findings.push(...(await lookAtProfile(config, findings, { environment, directory })))
  return findings
}

/** What the profile itself has against the settings is no reason not to say how far all the rest is from it. */
async function lookAtProfile(
  read: Config | undefined,
  findings: readonly Finding[],
  { environment, directory }: Pick<Io, 'environment' | 'directory'>,
): Promise<readonly Finding[]> {
  const profile = await orProblems(async () => readProfile(environment, readFile), [])
  const { LATCHKEY_PROFILE: _, LATCHKEY_PROFILE_FILE: __, ...others } = environment
  const config = read ?? (profile && (await orProblems(async () => readConfig(others, readFile), [])))
  if (config === undefined) return []
  const storageAnswers = !findings.some(({ check, status }) => status === 'wrong' && check.endsWith('storage'))
  const isProfiled = profile !== undefined
  const found = await lookAtFapi2(config, { isProfiled, storageAnswers, directory, readFile })
  // Where its settings are wrong, it is not said that all is well with it.
  return read === undefined ? found.filter(({ status }) => status !== 'ok') : found
}

function* lookAtConfig(config: Config): Generator<Finding> {
  const check = 'configuration'
  yield { check, status: 'ok', message: `the settings are right; the issuer is ${config.issuer}` }
  for (const message of warningsOfConfig(config)) yield { check, status: 'warning', message }
  yield* lookAtWorkers(config.workers, availableParallelism())
  yield* lookAtTls(config, Date.now())
  yield* lookAtMutualTls(config, Date.now())
}

/** What is read; and where it cannot be, why. */
async function orProblems<Read>(read: () => Promise<Read>, findings: Finding[]): Promise<Read | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    for (const message of error.problems)
      findings.push({ check: 'configuration', status: 'wrong', message, advice: 'correct the setting' })
    return undefined
  }
}

function textOf({ check, status, message, advice }: Finding): string {
  const shown = { ok: 'ok', note: 'note', warning: 'warning', wrong: 'WRONG' }[status]
  const line = `${shown.padEnd(8)}${check.padEnd(15)}${printable(message)}\n`
  return advice === undefined ? line : `${line}${' '.repeat(23)}→ ${advice}\n`
}
