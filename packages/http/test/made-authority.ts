import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { MadeCertificate } from './remote/made-certificate.ts'

/** What a certificate says. */
export interface CertificateWishes {
  /** As OpenSSL writes a subject: `/O=Example/CN=reports`. */
  readonly subject?: string
  /** As OpenSSL writes names: `DNS:reports.example`. */
  readonly names?: readonly string[]
  /** Good for the first day of 2020 alone. */
  readonly isExpired?: boolean
  /** What it is for, as OpenSSL writes it: `serverAuth`. */
  readonly usage?: string
}

/** An authority of a test's own, and what it issues. */
export interface MadeAuthority {
  /** Its own certificate, in PEM. */
  readonly ca: string
  issue(wishes: CertificateWishes): Promise<MadeCertificate>
  /** Makes one that nobody has issued. */
  signItself(wishes: Pick<CertificateWishes, 'subject' | 'names'>): Promise<MadeCertificate>
  remove(): Promise<void>
}

const run = promisify(execFile)
/** What OpenSSL wants to know of an authority. Its index is a file that two of them at once would break. */
const configuration = (directory: string, index: string): string =>
  [
    '[ca]\ndefault_ca = test\n[test]',
    `database = ${index}\nnew_certs_dir = ${directory}\nrand_serial = yes\nunique_subject = no`,
    'default_md = sha256\npolicy = any\ncopy_extensions = copy',
    // A subject has its parts in this order.
    '[any]\norganizationName = optional\ncommonName = optional\n',
  ].join('\n')

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** Makes an authority with the name `CN=<name>`, good for two days. */
export async function makeAuthority(name: string): Promise<MadeAuthority> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-authority-'))
  const at = (file: string): string => join(directory, file)
  const isAuthority = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  const out = ['-keyout', at('ca.key'), '-out', at('ca.pem')]
  await run('openssl', ['req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=${name}`, ...isAuthority, ...out])

  async function issue({ subject = '/CN=client', names = [], isExpired, usage }: CertificateWishes) {
    const name = at(randomBytes(6).toString('hex'))
    const [key, request, cert, config, index] = ['key', 'csr', 'pem', 'cnf', 'index'].map((kind) => `${name}.${kind}`)
    await writeFile(`${index}`, '')
    await writeFile(`${config}`, configuration(directory, `${index}`))
    const extensions = [
      ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
      ...(usage === undefined ? [] : [`extendedKeyUsage=${usage}`]),
      'basicConstraints=critical,CA:FALSE',
    ].flatMap((extension) => ['-addext', extension])
    const asked = ['-subj', subject, ...extensions, '-keyout', `${key}`, '-out', `${request}`]
    await run('openssl', ['req', '-new', ...NEW_KEY, ...asked])
    const dates = isExpired ? ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'] : ['-days', '1']
    const by = ['-config', `${config}`, '-cert', at('ca.pem'), '-keyfile', at('ca.key')]
    await run('openssl', ['ca', '-batch', '-notext', ...by, ...dates, '-in', `${request}`, '-out', `${cert}`])
    return { cert: await readFile(`${cert}`, 'utf8'), key: await readFile(`${key}`, 'utf8') }
  }

  async function signItself({ subject = '/CN=client', names = [] }: CertificateWishes) {
    const [key, cert] = ['key', 'pem'].map((kind) => at(`${randomBytes(6).toString('hex')}.${kind}`))
    const named = names.length > 0 ? ['-addext', `subjectAltName=${names.join(',')}`] : []
    const out = ['-subj', subject, ...named, '-keyout', `${key}`, '-out', `${cert}`]
    await run('openssl', ['req', '-x509', ...NEW_KEY, '-days', '1', ...out])
    return { cert: await readFile(`${cert}`, 'utf8'), key: await readFile(`${key}`, 'utf8') }
  }

  return {
    signItself,
    ca: await readFile(at('ca.pem'), 'utf8'),
    issue,
    remove: () => rm(directory, { recursive: true }),
  }
}
