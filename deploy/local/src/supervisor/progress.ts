/** Lines for whoever waits, with the seconds since the start in front. */
export function progress(write: (text: string) => void, nowMs: () => number = Date.now): (line: string) => void {
  const begun = nowMs();
  return (line) => write(`[${((nowMs() - begun) / 1000).toFixed(1).padStart(5)} s] ${line}\n`);
}
