/**
 * For each promise the stores that break it and nothing else, by what they do instead. The type asks for each promise;
 * the suite asks that each store is caught by a case of its own promise.
 */
export type Broken<Port, Promised extends string> = Readonly<
  Record<Promised, Readonly<Record<string, (honest: Port) => Port>>>
>

/** Where another caller comes in between. */
export const interruption = (): Promise<void> => new Promise((resume) => setImmediate(resume))

export function without<Data extends object, Member extends keyof Data>(
  data: Data,
  member: Member,
): Omit<Data, Member> {
  const { [member]: _, ...rest } = data
  return rest
}

/** As short a moment as a store in memory can leave for others to look. */
export async function glimpse(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await Promise.resolve()
}

/** What a backend makes of text that it takes for UTF-8. */
export const throughUtf8 = (text: string): string => Buffer.from(text, 'utf8').toString('utf8')

/** What is left of data once `change` has been at every text in it, names of members included. */
export function withTexts<Data>(data: Data, change: (text: string) => string): Data {
  return JSON.parse(JSON.stringify(data), (_, value: unknown) => {
    if (typeof value === 'string') return change(value)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [change(name), member]))
  }) as Data
}
