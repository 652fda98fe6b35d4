/** A path as Fastify's router wants it written: decoded, and with a colon that is no parameter doubled. */
export const routePath = (path: string): string => decodeURI(path).replaceAll(':', '::')
