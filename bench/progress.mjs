/**
 * A line on standard error that says what is measured and about how long the rest will take.
 *
 * @param {readonly { name: string, seconds: number }[]} suites with the time that each takes on a machine that is free
 */
export function createProgress(suites) {
  const total = suites.reduce((sum, { seconds }) => sum + seconds, 0)
  const started = Date.now()
  let before = 0
  let said = 0

  function say(index, text, fraction) {
    const isTerminal = process.stderr.isTTY
    if (!isTerminal && Date.now() - said < 10_000 && said !== 0) return
    said = Date.now()
    const done = before + suites[index].seconds * fraction
    const elapsed = (Date.now() - started) / 1000
    // As slow as it has been so far; at the beginning nothing is known of that.
    const pace = done > 20 ? elapsed / done : 1
    const left = (total - done) * pace
    const line = `[${index + 1}/${suites.length}] ${suites[index].name}: ${text}; about ${inWords(left)} left`
    process.stderr.write(isTerminal ? `\r\u001B[K${line.slice(0, process.stderr.columns ?? 80)}` : `${line}\n`)
  }

  const partOf = (report) => {
    const progress = (text, fraction = 0) => report(text, fraction)
    /** The progress of one of several equal parts. */
    progress.part = (index, count, name = '') =>
      partOf((text, fraction) => report(`${name === '' ? '' : `${name}: `}${text}`, (index + fraction) / count))
    return progress
  }

  return {
    /** The progress of one suite. */
    of: (index) => partOf((text, fraction) => say(index, text, fraction)),
    ended(index) {
      before += suites[index].seconds
      if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
    },
  }
}

const inWords = (seconds) => (seconds < 90 ? `${Math.ceil(seconds / 5) * 5} s` : `${Math.ceil(seconds / 60)} min`)
