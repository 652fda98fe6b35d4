import type { AuthorizationServer, SecretSeal } from '@latchkey/core'
import type { FastifyInstance } from 'fastify'
import type { InjectionToken } from 'tsyringe'
import type { Config } from './config/config.ts'
import type { Hooks } from './hooks.ts'
import type { Log } from './log/log.ts'
import type { Readiness } from './readiness.ts'
import type { Signing } from './signing.ts'
import type { Storage } from './storage/storage.ts'

const token = <T>(name: string): InjectionToken<T> => Symbol(name)

export const CONFIG: InjectionToken<Config> = token('Config')
export const LOG: InjectionToken<Log> = token('Log')
export const STORAGE: InjectionToken<Storage> = token('Storage')
export const SIGNING: InjectionToken<Signing> = token('Signing')
/** Absent where nothing can be sealed. */
export const SECRET_SEAL: InjectionToken<SecretSeal | undefined> = token('SecretSeal')
export const HOOKS: InjectionToken<Hooks> = token('Hooks')
export const READINESS: InjectionToken<Readiness> = token('Readiness')
export const AUTHORIZATION_SERVER: InjectionToken<AuthorizationServer> = token('AuthorizationServer')
export const APP: InjectionToken<FastifyInstance> = token('App')
