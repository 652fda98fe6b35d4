import type { ReadStream } from 'node:tty'
import type { Environment } from '../config/environment.ts'

/** Where a command writes text for people. */
export interface TextOutput {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/** What a command may touch of the process. */
export interface Io {
  readonly environment: Environment
  readonly directory: string
  readonly stdin: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>
  readonly stdout: TextOutput
  readonly stderr: TextOutput
}
