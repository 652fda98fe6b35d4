import { type Client, clientFromRegistration, type createSecretSeal, parseClientsFile } from '@latchkey/core'

/** A client as its metadata registers it in a clients file. */
export function registeredClient(
  id: string,
  metadata: Readonly<Record<string, unknown>>,
  seal?: ReturnType<typeof createSecretSeal>,
): Promise<Client> {
  const [registration] = parseClientsFile(JSON.stringify({ [id]: metadata })).clients
  if (registration === undefined) throw new Error('the file has no client')
  return clientFromRegistration(registration, seal)
}
