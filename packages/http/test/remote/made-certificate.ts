import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A certificate that signed itself, and its private key, in PEM. */
export interface MadeCertificate {
  readonly cert: string
  readonly key: string
}

const run = promisify(execFile)

/** Makes a certificate for names and addresses, such as `DNS:keys.example` and `IP:127.0.0.1`, that is good for a day. */
export async function makeCertificate(...subjects: readonly string[]): Promise<MadeCertificate> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-certificate-'))
  try {
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
    const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1']
    const named = ['-subj', '/CN=made for a test', '-addext', `subjectAltName=${subjects.join(',')}`]
    await run('openssl', ['req', ...made, ...named, '-keyout', key, '-out', cert])
    return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') }
  } finally {
    await rm(directory, { recursive: true })
  }
}
