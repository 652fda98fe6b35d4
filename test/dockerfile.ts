/** One instruction of a Dockerfile: `COPY . .` is `COPY` with `. .`. */
export interface Instruction {
  readonly name: string
  readonly rest: string
}

/** A stage: what stands behind its `FROM`, and what follows until the next. */
export interface Stage {
  readonly from: string
  readonly instructions: readonly Instruction[]
}

/** The arguments before the first stage, and the stages, of a Dockerfile. */
export function readDockerfile(text: string): {
  readonly args: readonly Instruction[]
  readonly stages: readonly Stage[]
} {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
  const instructions = lines.map((line): Instruction => {
    const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    if (name === '') throw new Error(`no instruction: ${line}`)
    return { name, rest }
  })
  const starts = instructions.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []))
  return {
    args: instructions.slice(0, starts[0]),
    stages: starts.map((start, stage) => ({
      from: instructions[start]?.rest ?? '',
      instructions: instructions.slice(start + 1, starts[stage + 1]),
    })),
  }
}
